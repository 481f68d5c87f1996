"""Why a location was left out, in the reader's language: one word, the number that decided, and a sentence."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ambar.kit.conditions import Field
from ambar.kit.text import is_digits
from ambar.kit.ui.cells import number
from ambar.oms.scenarios.domain import fields

Reason = Sequence[Any]
Said = tuple[str, str]
"""(word, the number that decided)"""

FOUND_INSTEAD = {
    "eq": "≠",
    "ne": "=",
    "gt": "≤",
    "gte": "<",
    "lt": "≥",
    "lte": ">",
    "in": "∉",
    "not_in": "∈",
    "contains": "∌",
    "not_contains": "∋",
    "any_of": "∌",
    "all_of": "∌",
    "none_of": "∋",
}
UNITS = {"distance_km": gettext_lazy("km"), "targeted_packaging_minutes": gettext_lazy("min")}
PLAIN = {
    "inactive": gettext_lazy("Location is off"),
    "not a packaging centre": gettext_lazy("Not a packaging centre"),
    "not a transfer location": gettext_lazy("Not a transfer location"),
    "the package's own location": gettext_lazy("The package’s own location"),
    "no transfer rule": gettext_lazy("No transfer rule"),
    "max_packages": gettext_lazy("Too many packages"),
    "not needed": gettext_lazy("Not needed"),
}


def language() -> str:
    """`en` or `tr`, as conditions speak."""
    return "tr" if (get_language() or "").startswith("tr") else "en"


def said(reason: Reason) -> Said:
    """(word, figure) of a recorded reason; reasons this screen does not know are shown as recorded."""
    head, rest = str(reason[0]), list(reason[1:])
    speak = SPOKEN.get(head)
    if speak is not None:
        try:
            return speak(rest)
        except (IndexError, TypeError, ValueError):
            pass
    word = str(PLAIN.get(head) or head[:1].upper() + head[1:].replace("_", " "))
    return word, " / ".join(map(value, rest))


def value(found: Any) -> str:
    """One recorded value as people read it."""
    if found is None:
        return "–"
    if isinstance(found, bool):
        return _("Yes") if found else _("No")
    if isinstance(found, (list, tuple)):
        return ", ".join(map(value, found))
    if isinstance(found, (int, float)):
        return number(found)
    try:
        return number(str(found)) if is_digits(str(found)[:1]) and len(str(found)) < 16 else str(found)
    except ArithmeticError:
        return str(found)


def _stock(rest: list[Any]) -> Said:
    return _("Too little stock"), _("%(have)s of %(wanted)s") % {
        "have": value(rest[0]),
        "wanted": value(rest[1]),
    }


def _quota(rest: list[Any]) -> Said:
    if rest[1] is None:
        return _("No quota set"), value(rest[0])
    return _("Quota is full"), f"{value(rest[0])}/{value(rest[1])}"


def _refused(rest: list[Any]) -> Said:
    text = str(rest[0]) if rest else ""
    if text.startswith("refused: "):
        return _("Refused before"), text.removeprefix("refused: ")
    known = {"not found": _("It was not there"), "wrong product": _("Another product was there")}
    return (known[text], "") if text in known else (_("Refused before"), text)


def _condition(rest: list[Any]) -> Said:
    name, op, asked, found = rest[:4]
    field = fields.LOCATION.find(str(name)) or Field(name=str(name), type="text", label=str(name))
    word = field.words(language())
    if isinstance(asked, bool) or op in ("is_empty", "is_not_empty"):
        return word, value(found)
    unit = str(UNITS.get(str(name), ""))
    sign = FOUND_INSTEAD.get(str(op), "≠")
    return word, f"{value(found)} {sign} {value(asked)} {unit}".strip()


def _short(rest: list[Any]) -> Said:
    return _("Transfers bring too little"), _("%(have)s of %(wanted)s") % {
        "have": value(rest[0]),
        "wanted": value(rest[1]),
    }


def _transfer(rest: list[Any]) -> Said:
    return _short(rest[1:]) if rest[:1] == ["short"] else (_("No transfer rule"), "")


SPOKEN: dict[str, Callable[[list[Any]], Said]] = {
    "stock": _stock,
    "quota": _quota,
    "condition": _condition,
    "refused": _refused,
    "excluded": _refused,
    "short": _short,
    "transfer": _transfer,
}
