"""Versions of orders as callers name them: an order's id and its `modified_date`, as on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MOST = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FURTHEST = 253_000_000_000_000_000
"""Microseconds since 1970 to the end of the calendar that is taken in (decision 91)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Versions a caller has: ids and times, side by side."""

    ids: Sequence[int] = ()
    moments: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An order around one change of its items: its version before and after (the same when nothing changed) and its status after."""

    order_id: int
    status: int
    before: datetime
    after: datetime


def read(text: str) -> Known:
    """Reads `<id>-<microseconds since 1970>`, joined by dots; nothing is none at all.

    :raises ValueError: anything else, or more than `MOST`.
    """
    given = text.split(".") if text else []
    if len(given) > MOST:
        raise ValueError(f"No more than {MOST} versions.")
    pairs = [_pair(one) for one in given]
    return Known(
        ids=[pk for pk, _ in pairs], moments=[_EPOCH + timedelta(microseconds=at) for _, at in pairs]
    )


def _pair(text: str) -> tuple[int, int]:
    pk, dash, at = text.partition("-")
    if not (dash and f"{pk}{at}".isascii() and pk.isdigit() and at.isdigit()):
        raise ValueError("Must be <id>-<microseconds since 1970>, joined by dots.")
    if len(pk) > 18 or len(at) > 18 or int(at) > _FURTHEST:
        raise ValueError("Must be ids and moments.")
    return int(pk), int(at)
