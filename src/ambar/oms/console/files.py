"""A list as a file: the address of the REST list with the same filters as the screen's."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import QueryDict

ROOT = "/api/v1/oms"


def address(rows: str, query: QueryDict, names: Mapping[str, str], **fixed: str) -> str:
    """Where `rows` (such as `packages`) are had. `names`: the screen's parameter -> the list's; `fixed` as they are."""
    asked = {theirs: query.get(ours, "").replace("\x00", "").strip() for ours, theirs in names.items()}
    return f"{ROOT}/{rows}/?{urlencode({name: value for name, value in {**asked, **fixed}.items() if value})}"
