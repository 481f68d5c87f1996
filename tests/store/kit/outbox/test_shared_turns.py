"""Two processes that deliver share an endpoint's rate cap and what it asked for with `Retry-After`."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta

import pytest
from aiohttp import web
from django.db import connection

from ambar.kit import clock
from ambar.kit.outbox.actions.ask_endpoint import ask_endpoint
from ambar.kit.outbox.deliveries.engine import Asked, Connection, Engine
from ambar.kit.outbox.models import EndpointHealth, EndpointTurn
from tests.outbox_project.delivering import all_delivered, delivering, hook, noted_turns, record, rows
from tests.outbox_project.sink import Received, Sink
from tests.worlds.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
RATE = 80


def test_two_claimers_together_keep_the_cap_of_an_endpoint(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(sink.url, config={"rate_per_second": RATE})
    for parcel in range(90):
        record(parcel, 1)
    turns, claim, took = noted_turns(monkeypatch), Engine._claim, set()

    async def in_turn(engine: Engine, connection: Connection, asked: list[Asked]) -> bool:
        again = await claim(engine, connection, asked)
        if engine.held:
            took.add(id(engine))
        while id(engine) in took and len(took) < 2 and not engine.stopping:
            await asyncio.sleep(
                0.001
            )  # whoever was first leaves some to the other, however late that one comes
        return again

    monkeypatch.setattr(Engine, "_claim", in_turn)
    # 40 rows fit into the horizon: neither can hold all of them.
    with delivering(lease_seconds=2.0) as one, delivering(lease_seconds=2.0) as other:
        until(all_delivered)
        until(lambda: one.delivered + other.delivered == 90)
        assert one.delivered > 0 and other.delivered > 0
    assert len(sink.received) == 90 <= len(turns)
    assert max(turns) - min(turns) >= 89 / RATE * 0.9


def test_what_one_was_asked_keeps_the_other_from_claiming_and_both_begin_with_a_probe(sink: Sink) -> None:
    hook(sink.url)
    for parcel in range(40):
        record(parcel, 1)
    refused: list[int] = []

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        refused.append(received.payload["id"])
        return web.Response(status=429, headers={"Retry-After": "3000"})

    sink.answer = answer
    with delivering(concurrency=1):
        until(lambda: rows("select count(*) from outbox_endpointturn where not_before > now()") == [(1,)])
    asked = len(refused)
    assert asked == 1
    with delivering(hooks_seconds=0.05) as other:
        until(lambda: bool(other.directory.endpoints) and other.swept_at > 0)
        (endpoint,) = other.directory.endpoints.values()
        until(lambda: endpoint.breaker.open_until > 0)
        assert (other.held, len(refused)) == (set(), asked)
    assert endpoint.breaker.state(math.inf) == "half-open"
    assert rows("select count(*) from outbox_delivery where attempts = 0") == [(39,)]


def test_a_claim_leaves_alone_who_asked_for_it_before_the_word_of_it_has_come(sink: Sink) -> None:
    hook(sink.url)
    with Sink() as beside:
        hook(beside.url, "parcel.lost")
        with delivering(hooks_seconds=3600.0) as engine:
            record(1, 1)
            until(lambda: engine.delivered == 1)
            at = clock.now() + timedelta(hours=1)
            EndpointTurn.objects.create(origin=sink.url.removesuffix("/"), not_before=at)
            record(2, 1)
            record(3, 1, "parcel.lost")
            until(lambda: engine.delivered == 2)
        assert [one.payload["id"] for one in (*sink.received, *beside.received)] == [1, 3]


def test_a_person_who_asks_for_a_probe_ends_the_wait(sink: Sink) -> None:
    now = clock.now()
    ill = EndpointHealth.objects.create(origin="http://a", failing_since=now, modified_at=now)
    for origin in ("http://a", "http://b"):
        EndpointTurn.objects.create(origin=origin, not_before=now + timedelta(hours=1))
    ask_endpoint(ill.pk, now=now)
    waiting = EndpointTurn.objects.filter(not_before__isnull=False)
    assert list(waiting.values_list("origin", flat=True)) == ["http://b"]


def test_an_outage_s_backlog_is_collapsed_however_far_apart_its_events_are(sink: Sink) -> None:
    """R6: states that were passed meanwhile are not sent; of each record only the newest goes out, under the cap, in order."""
    hook(sink.url, config={"rate_per_second": 400, "collapse": True})
    for sequence in range(1, 6):
        for parcel in range(100):
            record(parcel, sequence)
    with connection.cursor() as cursor:
        # One state a day: the first claim sees the first day's alone.
        cursor.execute(
            "update outbox_delivery d set due_at = now() - (6 - e.sequence) * interval '1 day'"
            " from outbox_event e where e.id = d.event_id"
        )
    with delivering():
        until(all_settled)
    assert sorted(one.payload["id"] for one in sink.received) == list(range(100))
    assert {one.payload["n"] for one in sink.received} == {5}
    assert rows("select state, count(*) from outbox_delivery group by 1 order by 1") == [(1, 100), (3, 400)]


def all_settled() -> bool:
    return rows("select count(*) from outbox_delivery where state not in (1, 3)") == [(0,)]
