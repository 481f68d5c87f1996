"""The whole life of a delivery that is never taken, on a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from ambar.kit.outbox.deliveries.endpoints import Endpoint
from ambar.kit.outbox.deliveries.settling import PARKED, PENDING, judged
from ambar.kit.outbox.deliveries.targets import Job
from ambar.kit.outbox.domain.breaker import LONGEST_ASKED_SECONDS, PAUSED_PROBE_SECONDS, TRIPS_AFTER
from ambar.kit.outbox.domain.countdown import JITTER, LATER_SECONDS, parse_countdown
from ambar.kit.outbox.domain.verdicts import Answer

HOURS = 3600.0
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def job(countdown: dict[str, Any], *, attempts: int, limit: int = 18) -> Job:
    target: Any = SimpleNamespace(countdown=parse_countdown(countdown), known=NOW)
    return Job(1, target, "parcel", 1, attempts, limit, uuid4(), "parcel.moved", 1, b"{}", "", 0.0)


def life(countdown: dict[str, Any], answer: Answer) -> list[float]:
    """The waits between the tries of one delivery, until it is parked."""
    waits = []
    for attempts in range(100):
        result = judged(job(countdown, attempts=attempts), answer, later_seconds=LATER_SECONDS)
        if result.state == PARKED:
            return waits
        assert result.state == PENDING and result.number == attempts + 1
        waits.append(result.wait)
    raise AssertionError("never parked")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_w1_the_whole_schedule_is_eighteen_tries_over_more_than_seventy_hours(status: int) -> None:
    exponential = {"choice": "exponential", "kwargs": {"base": 3, "limit": 7200}}
    waits = life(exponential, Answer(status=status))
    assert len(waits) == 17
    bare = [min(3**n, 7200) for n in range(1, 11)] + [LATER_SECONDS] * 7
    for wait, least in zip(waits, bare, strict=True):
        assert least <= wait <= least * (1 + JITTER)
    assert 75 * HOURS < sum(waits) < 90 * HOURS


def test_w1_a_herd_that_failed_at_once_spreads_out() -> None:
    fixed = {"choice": "fixed", "kwargs": {"seconds": 1000}}
    waits = sorted(
        judged(job(fixed, attempts=0), Answer(status=503), later_seconds=0).wait for _ in range(500)
    )
    assert 1000 <= waits[0] < 1010 and 1090 < waits[-1] <= 1100
    assert len(set(waits)) > 450


def test_w1_retry_after_outlasts_the_countdown_also_in_the_later_tries() -> None:
    fixed = {"choice": "fixed", "kwargs": {"seconds": 1}}
    asked = Answer(status=429, retry_after=50_000.0)
    assert judged(job(fixed, attempts=0), asked, later_seconds=LATER_SECONDS).wait == 50_000.0
    assert judged(job(fixed, attempts=12), asked, later_seconds=LATER_SECONDS).wait == 50_000.0


def test_tries_before_a_person_freed_the_lane_do_not_count() -> None:
    fixed = {"choice": "fixed", "kwargs": {"seconds": 1}}
    freed = job(fixed, attempts=18, limit=36)
    result = judged(freed, Answer(status=500), later_seconds=LATER_SECONDS)
    assert result.state == PENDING and result.wait < 2


def test_w1_an_ill_endpoint_gets_half_the_posts_and_good_answers_give_them_back_by_and_by() -> None:
    endpoint: Endpoint[Any] = Endpoint(origin="http://x", number=0, most=32)
    shares = []
    for _ in range(6):
        endpoint.answered_ill(0.0, retry_after=None)
        shares.append(endpoint.share)
    assert shares == [16, 8, 4, 2, 1, 1]
    good = []
    for share in range(1, 32):
        while endpoint.share == share:
            endpoint.answered_well()
            good.append(share)
    assert [good.count(share) for share in range(1, 32)] == list(range(1, 32))
    endpoint.answered_well()
    assert endpoint.share == 32


def test_places_taken_by_a_claim_are_kept_to_and_a_turn_that_is_over_is_not_made_up_for() -> None:
    endpoint: Endpoint[object] = Endpoint(origin="http://a", number=0, most=8, rate=10.0)
    endpoint.placed(3, 1.3, now=100.0)
    endpoint.claimed(3, now=100.0)
    assert endpoint.turn(100.0) == pytest.approx(1.0)
    assert endpoint.turn(100.0) == pytest.approx(1.1)
    assert endpoint.turn(101.5) is None
    endpoint.finished(3, now=101.5)
    endpoint.placed(1, 0.5, now=102.0)
    assert endpoint.turn(102.0) == pytest.approx(0.4)


def test_a_rate_cap_spaces_posts_and_limits_what_is_held() -> None:
    endpoint: Endpoint[Any] = Endpoint(origin="http://x", number=0, most=32, rate=4.0)
    assert [endpoint.turn(10.0) for _ in range(4)] == [0.0, 0.25, 0.5, 0.75]
    assert endpoint.turn(20.0) == 0.0
    assert endpoint.budget(seconds=7.5) == 30
    endpoint.rate = 0.01
    assert endpoint.budget(seconds=7.5) == 1
    endpoint.rate = 0.0
    assert (endpoint.turn(0.0), endpoint.budget(seconds=7.5)) == (0.0, 64)


def test_a_paused_endpoint_is_probed_every_five_minutes_and_at_once_when_asked() -> None:
    endpoint: Endpoint[Any] = Endpoint(origin="http://x", number=0, most=32)
    endpoint.take_health((True, 0.0), 100.0)
    assert endpoint.breaker.state(100.0) == "half-open" and endpoint.breaker.take(100.0)
    endpoint.answered_ill(100.0, retry_after=None)
    assert endpoint.breaker.state(100.0 + PAUSED_PROBE_SECONDS - 1) == "open"
    endpoint.take_health((True, 0.0), 101.0)
    assert endpoint.breaker.state(101.0) == "open"
    endpoint.take_health((False, 55.0), 102.0)
    assert endpoint.breaker.state(102.0) == "half-open" and not endpoint.paused


def test_what_another_worker_found_well_is_probed_here_too() -> None:
    endpoint: Endpoint[Any] = Endpoint(origin="http://x", number=0, most=32)
    for _ in range(TRIPS_AFTER):
        endpoint.answered_ill(0.0, retry_after=600.0)
    endpoint.known_ill = True
    assert endpoint.breaker.state(500.0) == "open"
    endpoint.take_health(None, 500.0)
    assert endpoint.breaker.state(500.0) == "half-open"


def test_no_retry_after_keeps_an_endpoint_waiting_for_more_than_an_hour() -> None:
    endpoint: Endpoint[Any] = Endpoint(origin="http://x", number=0, most=32)
    endpoint.answered_ill(0.0, retry_after=86_400.0)
    assert endpoint.breaker.state(LONGEST_ASKED_SECONDS - 1) == "open"
    assert endpoint.breaker.state(LONGEST_ASKED_SECONDS + 1) == "half-open"
