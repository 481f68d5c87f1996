"""Versions of records: an id and a `modified_date`, letter for letter as upstream writes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

Version = tuple[int, str]

FURTHEST_AHEAD = timedelta(days=1)
"""An order of a later version than this would keep every true version after it out, as older ones."""
HEADER = "X-Ambar-Known"
MOST_NAMED = 250
"""So many versions are named in a request: some six kilobytes, which every proxy lets through."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def named(versions: Iterable[tuple[datetime, int]]) -> str:
    """`<id>-<microseconds since 1970>`, joined by dots: what a Seller Center that knows the header need not send."""
    return ".".join([f"{pk}-{(at - _EPOCH) // _MICROSECOND}" for at, pk in versions])
