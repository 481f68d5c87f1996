"""Versions of orders as callers name them: an order's id and its `modified_date`, as on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits

KNOWN, VERSIONS = "X-Ambar-Known", "X-Ambar-Versions"
"""The headers: versions a caller has, and its wish to hear what a change made of the orders. Source: `docs/decisions/0105-own-versions-are-not-sent-back.md`."""
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
    if not (dash and is_digits(pk) and is_digits(at)):
        raise ValueError("Must be <id>-<microseconds since 1970>, joined by dots.")
    if len(pk) > 18 or len(at) > 18 or int(at) > _FURTHEST:
        raise ValueError("Must be ids and moments.")
    return int(pk), int(at)


def known(headers: Mapping[str, str]) -> Known | None:
    """The versions the caller says it has; `None` when it says nothing. Errors: `Invalid` naming the header."""
    text = headers.get(KNOWN)
    if text is None:
        return None
    try:
        return read(text.strip())
    except ValueError as error:
        raise Invalid(fields={KNOWN: [str(error)]}) from error


def told(headers: Mapping[str, str], orders: Sequence[Moved]) -> dict[str, Any]:
    """What an answer adds for a caller that asks what its change made of the orders."""
    if VERSIONS not in headers:
        return {}
    return {
        "orders": [
            {
                "id": one.order_id,
                "pk": one.order_id,
                "status": str(one.status),
                "previous_modified_date": clock.iso(one.before),
                "modified_date": clock.iso(one.after),
            }
            for one in orders
        ]
    }
