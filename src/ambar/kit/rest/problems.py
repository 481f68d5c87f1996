"""What pydantic refused, as the field map of the error contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_MESSAGES = {
    "extra_forbidden": "Unknown field.",
    "missing": "This field is required.",
    "model_type": "An object is expected.",
    "model_attributes_type": "An object is expected.",
}
_NAMES_A_FIELD = frozenset({"extra_forbidden", "missing"})


def fields_of(problems: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """`{"lines.0.price": [message, …]}`; each message once, `non_field_errors` for those of the whole.

    `problems`: as `ValidationError.errors()` of pydantic gives them. Where a value may be of several types pydantic puts
    the type it tried into the path; callers know fields, so those steps are left out.
    """
    fields: dict[str, list[str]] = {}
    for problem in problems:
        kind = problem.get("type", "")
        message = _MESSAGES.get(kind) or str(problem.get("msg", "Invalid."))
        messages = fields.setdefault(_name(problem.get("loc", ()), kind), [])
        if (said := message.removeprefix("Value error, ")) not in messages:
            messages.append(said)
    return fields


def _name(path: Sequence[int | str], kind: str) -> str:
    """The last step of an unknown or missing field is the field, whatever it looks like."""
    sure = len(path) - 1 if kind in _NAMES_A_FIELD else len(path)
    steps = [step for place, step in enumerate(path) if place >= sure or not _is_type(step)]
    return ".".join(map(str, steps)) or "non_field_errors"


def _is_type(step: int | str) -> bool:
    """Whether a step is a type that was tried: `constrained-int`, `list[int]`, `PackageParameters`, `str`."""
    return isinstance(step, str) and (
        "-" in step or "[" in step or step[:1].isupper() or step in {"int", "str", "float", "bool", "decimal"}
    )
