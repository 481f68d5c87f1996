"""Country, city, township and district as four choices, each of what lies in the one before it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from ambar.kit.ui.forms import Field
from ambar.oms.places.models import City, Country, District, Township

LEVELS: Mapping[str, tuple[Any, Any, str]] = {
    "country": (gettext_lazy("Country"), Country, ""),
    "city": (gettext_lazy("City"), City, "country_id"),
    "township": (gettext_lazy("Township"), Township, "city_id"),
    "district": (gettext_lazy("District"), District, "township_id"),
}
"""`{level: (label, model, column of what it lies in)}`, the widest first."""
MOST = 2000


def fields(chosen: Mapping[str, Any]) -> list[Field]:
    """The four inputs. `chosen` holds ids (or their text) by level; one that does not lie in the one before is empty."""
    found: list[Field] = []
    above = ""
    for level, (label, model, column) in LEVELS.items():
        rows = model.objects.filter(is_active=True)
        if column:
            rows = rows.filter(**{column: int(above)}) if above else rows.none()
        named = rows.order_by("folded", "pk").values_list("pk", "name")[:MOST]
        options = tuple((str(pk), name) for pk, name in named)
        value = str(chosen.get(level) or "")
        above = value if value in dict(options) else ""
        found.append(Field(name=level, label=str(label), kind="choice", options=options, value=above))
    return found
