"""When a location works: `{"days": [1..7], "closed": ["2026-10-29"]}`, weekdays from Monday = 1."""

from collections.abc import Mapping
from datetime import date
from typing import Any

MOST_DAYS = 1000


def read_calendar(given: Mapping[str, Any]) -> dict[str, Any]:
    """The calendar in order and without repetition. Raises `ValueError` telling what is wrong.

    Without `days` every weekday counts; a calendar on which no day counts is refused (switch the location off instead).
    """
    unknown = sorted(set(given) - {"days", "closed"})
    if unknown:
        raise ValueError(f"{unknown[0][:40]}: unknown; known are days and closed")
    found: dict[str, Any] = {}
    if "days" in given:
        days = given["days"]
        if not isinstance(days, list) or not days or not all(type(d) is int and 1 <= d <= 7 for d in days):
            raise ValueError("days: a list of weekdays, 1 (Monday) to 7 (Sunday), at least one")
        found["days"] = sorted(set(days))
    if "closed" in given:
        closed = given["closed"]
        if not isinstance(closed, list) or len(closed) > MOST_DAYS:
            raise ValueError(f"closed: a list of at most {MOST_DAYS} days")
        found["closed"] = sorted({_day(day) for day in closed})
    return found


def _day(text: Any) -> str:
    if not isinstance(text, str) or len(text) != 10:
        raise ValueError("closed: days are written YYYY-MM-DD")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"closed: {text!r} is no day, write YYYY-MM-DD") from None
