"""When an order is to be delivered, read out of its `delivery_range`.

Upstream systems write a range as ISO 8601 (`2026-11-30T10:00Z/2026-11-30T12:00Z`), as PostgreSQL does
(`["2026-11-30 10:00+00","2026-11-30 12:00+00")`), or as an object with `lower` and `upper`; some only name it ("morning").
Source: `docs/decisions/0057-lists-by-delivery-window.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ambar.kit import clock

Window = tuple[datetime | None, datetime | None]
"""From, and until but not at; None = open."""
_RANGE = re.compile(r'\s*[\[(]?\s*"?([^",/\[\]()]*)"?\s*[,/]\s*"?([^",/\[\]()]*)"?\s*[\])]?\s*\Z')
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


def window_of(text: str | None) -> Window:
    """The window that `delivery_range` names; both None when it names none. Times without a zone are UTC; an end that is
    a day lasts to its midnight."""
    found = _RANGE.match(text) if text else None
    if found is None:
        return None, None
    try:
        lower, upper = (_moment(end.strip()) for end in found.groups())
    except ValueError:
        return None, None
    if upper is not None and _DAY.match(found[2].strip()):
        upper += timedelta(days=1)
    if lower is not None and upper is not None and lower > upper:
        return None, None
    return lower, upper


def _moment(text: str) -> datetime | None:
    return None if text in ("", "..", "infinity", "-infinity") else clock.parse(text)


def as_text(given: Any) -> Any:
    """A range given as an object becomes `lower/upper`; anything else stays."""
    if not isinstance(given, Mapping) or not {"lower", "upper"} <= given.keys():
        return given
    ends = [given["lower"], given["upper"]]
    if any(end is not None and not isinstance(end, str) for end in ends):
        return given
    return "/".join(end or ".." for end in ends)
