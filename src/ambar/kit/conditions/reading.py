"""How an actual value, or the value written in a leaf, becomes comparable under a field's type."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ambar.kit.text import turkish_fold

fold = lru_cache(maxsize=65536)(turkish_fold)
LARGEST_WHOLE = 10**30
LARGEST = Decimal(LARGEST_WHOLE)
NUMERAL = r"[-+]?([0-9]{1,60}(\.[0-9]{0,60})?|\.[0-9]{1,60})([eE][-+]?[0-9]{1,3})?"
"""How a number may be spelt in text; the same pattern is asked in SQL."""
_numeral = re.compile(NUMERAL)


def text(value: Any) -> str | None:
    if value is None or value == "" or isinstance(value, (list, tuple, dict, set, frozenset)):
        return None
    return fold(value if isinstance(value, str) else str(value)) or None


def code(value: Any) -> str | None:
    if value is None or value == "" or isinstance(value, (list, tuple, dict, set, frozenset)):
        return None
    return value if isinstance(value, str) else str(value)


def number(value: Any) -> Decimal | int | None:
    """Exact: a float counts as what it prints."""
    kind = type(value)
    if kind is int:
        return value if -LARGEST_WHOLE < value < LARGEST_WHOLE else None
    if kind is Decimal:
        return value if value.is_finite() else None
    if kind is not float and kind is not str:
        return None
    return _exact(repr(value) if kind is float else value.strip(" "))


@lru_cache(maxsize=65536)
def _exact(written: str) -> Decimal | None:
    if _numeral.fullmatch(written) is None:
        return None
    found = Decimal(written)
    return found if abs(found) < LARGEST else None


def boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def clock(value: Any) -> time | None:
    if isinstance(value, str):
        try:
            value = time.fromisoformat(value)
        except ValueError:
            return None
    return value.replace(tzinfo=None) if isinstance(value, time) else None


def items(value: Any) -> frozenset[str] | None:
    """Text members of a list; None when there are none."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return None
    found = frozenset(member for member in map(text, value) if member is not None)
    return found or None


def open_kind(value: Any) -> str:
    """Whether an open field is compared as number or as text: as the written value is."""
    if isinstance(value, list) and value:
        return "number" if all(open_kind(member) == "number" for member in value) else "text"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float, Decimal)) else "text"


READERS: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "code": code,
    "number": number,
    "boolean": boolean,
    "moment": moment,
    "clock": clock,
    "list": text,
}
