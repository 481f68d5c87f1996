"""What was refused, as the field map of the error contract: paths joined by dots (`orderitem_set.0.price`), whoever refused."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
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


_PLACE = re.compile(r"\[(\d+)\]")


def dotted(fields: Mapping[str, Any], *, asked: Container[str] = ()) -> dict[str, Any]:
    """The field map with places told as the contract does: rooms say `rules[0].source_condition.any[1]` of what they read.

    `asked`: names a caller chose itself, such as its query parameters; they are told as they were given.
    """
    return {
        name if name in asked else _PLACE.sub(r".\1", name).removeprefix("."): said
        for name, said in fields.items()
    }


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
