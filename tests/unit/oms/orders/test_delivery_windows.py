from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ambar.oms.orders.domain.delivery_windows import as_text, window_of

TEN, TWELVE = datetime(2026, 11, 30, 10, tzinfo=UTC), datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY, NEXT = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("2026-11-30T10:00Z/2026-11-30T12:00Z", (TEN, TWELVE)),
        ("2026-11-30T13:00+03:00/2026-11-30T15:00+03:00", (TEN, TWELVE)),
        ('["2026-11-30 10:00+00","2026-11-30 12:00+00")', (TEN, TWELVE)),
        ("2026-11-30/2026-11-30", (DAY, NEXT)),
        ("2026-11-30T10:00Z/..", (TEN, None)),
        ("[,2026-11-30T12:00Z)", (None, TWELVE)),
        ("2026-11-30T12:00Z/2026-11-30T10:00Z", (None, None)),
        ("morning", (None, None)),
        ("morning/evening", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_a_range_is_read_in_each_way_it_is_written(text, window):
    assert window_of(text) == window


def test_a_range_given_as_an_object_becomes_the_text_that_is_read():
    given = {"lower": "2026-11-30T10:00Z", "upper": "2026-11-30T12:00Z", "bounds": "[)"}
    assert window_of(as_text(given)) == (TEN, TWELVE)
    assert window_of(as_text({"lower": None, "upper": "2026-11-30T12:00Z"})) == (None, TWELVE)
    assert as_text({"lower": 1, "upper": 2}) == {"lower": 1, "upper": 2}
    assert as_text("morning") == "morning"
