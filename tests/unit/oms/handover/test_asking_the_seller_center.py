"""Questions to the Seller Center's hand-over endpoints that are not answered at first."""

from __future__ import annotations

from uuid import UUID

import httpx2
import pytest

from ambar.oms.handover.gateways.seller_center import ATTEMPTS, SellerCenter, Silent

LOW, HIGH = UUID(int=0), UUID(int=9)


def asked(*answers: httpx2.Response) -> tuple[SellerCenter, list[float]]:
    """A Seller Center that answers these in turn, and how long was waited before each repetition."""
    waits: list[float] = []
    left = list(answers)
    http = httpx2.Client(transport=httpx2.MockTransport(lambda _request: left.pop(0)))
    return SellerCenter("https://center.example", "key", http=http, sleep=waits.append), waits


def busy(retry_after: str | None = None) -> httpx2.Response:
    return httpx2.Response(503, headers={} if retry_after is None else {"Retry-After": retry_after})


def test_a_busy_one_is_asked_again_after_as_long_as_it_said():
    center, waits = asked(busy("7"), httpx2.Response(200, json={"source": "here"}))
    assert center.summary(LOW, HIGH) == {"source": "here"}
    assert waits == [7.0]


def test_nobody_waits_for_more_than_a_minute_at_a_time_or_for_ever():
    center, waits = asked(*[busy("3000")] * ATTEMPTS)
    with pytest.raises(Silent):
        center.summary(LOW, HIGH)
    assert waits == [60.0] * (ATTEMPTS - 1)


def test_without_a_word_the_waits_grow():
    center, waits = asked(*[busy()] * ATTEMPTS)
    with pytest.raises(Silent):
        center.summary(LOW, HIGH)
    assert waits == sorted(waits) and 0.5 <= waits[0] < waits[-1]


def test_packages_that_one_answer_does_not_hold_are_asked_for_in_parts():
    too_many = httpx2.Response(400, json={"order": ["More than 1000 records: ask about fewer at once."]})
    parts = [httpx2.Response(200, json={"results": [{"number": name}]}) for name in ("A", "B")]
    center, waits = asked(too_many, *parts)
    assert [one["number"] for one in center.details(order_ids=[1, 2])] == ["A", "B"]
    assert (center.requests, waits) == (3, [])


def test_an_order_that_no_answer_holds_alone_is_told_as_what_it_is():
    center, _ = asked(
        httpx2.Response(400, json={"order": ["More than 1000 records: ask about fewer at once."]})
    )
    with pytest.raises(Silent, match="More than 1000 records"):
        center.details(order_ids=[1])
