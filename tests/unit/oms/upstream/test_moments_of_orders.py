"""Moments in orders and plans of upstream: what could be written but never read again is refused with its field."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ambar.oms.upstream import reading
from ambar.oms.upstream.schemas import WireOrder

CONTRACT = Path(__file__).parents[4] / "contracts" / "seller-center-to-oms" / "order.json"


def order(**changed: Any) -> WireOrder:
    return reading.order({**json.loads(CONTRACT.read_text()), **changed})


@pytest.mark.parametrize("field", ["date_placed", "modified_date"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        # PostgreSQL keeps both as the year 10000, which Python can't read: the order could never be read again.
        ("9999-12-31T23:59:59-14:00", "lies outside the calendar"),
        ("0001-01-01T00:00:00+14:00", "lies outside the calendar"),
        # In Istanbul this is another year 10000: every list with such an order failed for readers in the east.
        ("9999-12-31T23:59:59Z", "must lie between the years 1900 and 9998"),
        ("1899-12-31T23:59:59Z", "must lie between the years 1900 and 9998"),
        (0, "must be an ISO 8601 moment"),
        (1767225600, "must be an ISO 8601 moment"),
        (True, "must be an ISO 8601 moment"),
    ],
)
def test_a_moment_that_can_not_be_kept_is_refused_by_name(field: str, value: Any, why: str) -> None:
    with pytest.raises(reading.Unreadable) as refused:
        order(**{field: value})
    assert str(refused.value) == f"{field}: {why}"


def test_what_is_no_object_at_all_is_said_to_be_no_order() -> None:
    with pytest.raises(reading.Unreadable, match=r"^order: Input should be a valid dictionary"):
        reading.order([])


def test_a_moment_of_another_zone_is_kept_in_utc() -> None:
    read = order(modified_date="2026-01-15T12:30:00+03:00")
    assert read.modified_date == datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    assert read.modified_date.utcoffset() == UTC.utcoffset(None)
