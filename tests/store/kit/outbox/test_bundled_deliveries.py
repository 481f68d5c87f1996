"""Deliveries to a receiver that takes bundles: fewer calls, and each delivery's own verdict."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from aiohttp import web

from ambar.kit import clock, outbox
from ambar.kit.http import bundle
from ambar.kit.outbox.deliveries import bundles
from ambar.kit.outbox.deliveries.endpoints import Endpoint
from ambar.kit.outbox.domain import signatures
from tests.outbox_project.delivering import all_delivered, delivering, hook, moved, record, rows, states
from tests.outbox_project.sink import Received, Sink
from tests.worlds.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS = bundle.write_answers([bundle.Told(200, "")] * 10).decode()
TAKES = {bundle.ACCEPT: f"application/json, {bundle.TYPE}"}


def is_bundle(one: Received) -> bool:
    return one.headers["Content-Type"] == bundle.TYPE


def parts(one: Received) -> list[Received]:
    """The calls of a bundle, or the one call."""
    if not is_bundle(one):
        return [one]
    return [Received(one.path, dict(part.headers), part.body) for part in bundle.read(one.body)]


def taking(judge=lambda one: (200, '{"ok":true}', None)):
    """A receiver that takes bundles and judges each call by itself."""

    async def answer(received: Received, request: web.Request) -> web.Response:
        told = [bundle.Told(*judge(one)) for one in parts(received)]
        if is_bundle(received):
            return web.Response(body=bundle.write_answers(told))
        wait = {"Retry-After": told[0].retry_after} if told[0].retry_after else {}
        return web.Response(status=told[0].status, text=told[0].body, headers={**TAKES, **wait})

    return answer


def told(sink: Sink) -> list[tuple[int, int]]:
    return [(part.payload["id"], part.payload["n"]) for one in sink.received for part in parts(one)]


def waiting(*, parcels: int, each: int = 1) -> None:
    outbox.record(
        [moved(parcel, n) for parcel in range(1, parcels + 1) for n in range(1, each + 1)], now=clock.now()
    )


@contextmanager
def delivered(sink: Sink, *, each: int = 1) -> Iterator[None]:
    """Ten parcels moved at once, and all heard of it; the engine runs on in the block."""
    hook(sink.url)
    with delivering():
        known(sink)
        waiting(parcels=10, each=each)
        until(all_delivered)
        yield


def known(sink: Sink) -> None:
    """What the receiver takes is known by the first answer."""
    record(99, 1)
    until(all_delivered)
    sink.received.clear()


def test_what_waits_goes_together_in_order_of_each_record_signed_as_one(sink: Sink) -> None:
    hook(sink.url)
    sink.answer = taking()
    with delivering():
        known(sink)
        waiting(parcels=20, each=3)
        until(all_delivered)
    assert len(sink.received) <= 6
    assert sorted(told(sink)) == [(parcel, n) for parcel in range(1, 21) for n in (1, 2, 3)]
    for parcel in range(1, 21):
        assert [n for id_, n in told(sink) if id_ == parcel] == [1, 2, 3]
    one = next(one for one in sink.received if is_bundle(one))
    headers = {name.lower(): value for name, value in one.headers.items()}
    assert signatures.standard_holds(
        headers["webhook-signature"], secrets=["secret"], message_id=headers["webhook-id"], body=one.body,
        timestamp=headers["webhook-timestamp"], now_seconds=time.time(),
    )  # fmt: skip
    assert headers["x-whisperer-signature"] == signatures.whisperer("secret", one.body)
    own = parts(one)[0]
    assert own.headers["x-ambar-sequence"] == str(own.payload["n"])
    assert own.headers["x-ambar-aggregate"] == f"parcel:{own.payload['id']}"
    assert own.headers["x-whisperer-event"] == "parcel.moved"
    assert own.headers["traceparent"].startswith(f"00-{own.uuid}-")
    assert rows(
        "select distinct number, status, error, response from outbox_attempt where delivery_id > 1"
    ) == [(1, 200, "", '{"ok":true}')]


def test_of_what_rides_together_many_share_one_place_among_the_calls_under_way(sink: Sink) -> None:
    hook(sink.url)
    sink.answer = taking()
    with delivering(concurrency=2):
        known(sink)
        waiting(parcels=40)
        until(all_delivered)
    assert len(sink.received) <= 4
    assert sorted(told(sink)) == [(parcel, 1) for parcel in range(1, 41)]


def test_where_a_large_bundle_is_not_taken_no_more_calls_are_under_way_than_may_be(sink: Sink) -> None:
    calls, under_way, most = taking(), [0], [0]

    async def only_alone(received: Received, request: web.Request) -> web.StreamResponse:
        if is_bundle(received):
            return web.Response(status=415)
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        await asyncio.sleep(0.01)  # long enough for the others to come
        under_way[0] -= 1
        return await calls(received, request)

    sink.answer = only_alone
    hook(sink.url)
    with delivering(concurrency=3):
        known(sink)
        waiting(parcels=90)
        until(all_delivered)
    assert most[0] == 3
    assert sum(map(is_bundle, sink.received)) == 1
    assert sorted(one.payload["id"] for one in sink.received if not is_bundle(one)) == list(range(1, 91))


def _lane(*, takes: bool = True, attempts: int = 0):
    return [SimpleNamespace(attempts=attempts, target=SimpleNamespace(line=SimpleNamespace(takes=takes)))]


def _endpoint(*lanes, **changed):
    made = Endpoint(origin="http://there", number=1, most=8, **changed)
    made.lanes.extend(lanes)
    return made


def test_only_what_rides_and_goes_to_a_well_endpoint_without_a_rate_shares_a_place() -> None:
    riding = [_lane() for _ in range(bundles.TOGETHER + 1)]
    assert bundles.next_lanes(_endpoint(*riding)) == riding[: bundles.TOGETHER]
    assert bundles.next_lanes(_endpoint(*riding, rate=5.0)) == riding[:1]
    for alone in (_lane(takes=False), _lane(attempts=1)):
        assert bundles.next_lanes(_endpoint(alone, *riding)) == [alone]
        assert bundles.next_lanes(_endpoint(*riding[:3], alone, *riding)) == riding[:3]
    ill = _endpoint(*riding)
    ill.answered_ill(1.0, retry_after=None)
    assert bundles.next_lanes(ill) == riding[:1]
    ill.answered_well()
    assert bundles.next_lanes(ill) == [riding[1]]  # its share grows back with what it answers well


def test_what_waited_too_long_for_a_place_is_not_begun_alone() -> None:
    job = SimpleNamespace(target=SimpleNamespace(endpoint=_endpoint()), begin_by=0.0)
    assert asyncio.run(bundles._alone(None, job)) is None


def test_who_does_not_say_that_it_takes_bundles_gets_none(sink: Sink) -> None:
    with delivered(sink):
        pass
    assert len(sink.received) == 10
    assert not any(map(is_bundle, sink.received))


def test_one_refused_call_of_a_bundle_is_made_again_alone_and_the_others_are_delivered(sink: Sink) -> None:
    refusals = iter([(500, "not now", None)])
    sink.answer = taking(
        lambda one: next(refusals, (200, "", None)) if one.payload["id"] == 7 else (200, "", None)
    )
    with delivered(sink, each=2):
        pass
    assert [n for id_, n in told(sink) if id_ == 7] == [1, 1, 2]
    assert len(told(sink)) == 21
    (again,) = [one for one in sink.received if not is_bundle(one) and one.payload == parcel(7)]
    assert again.headers["X-Ambar-Sequence"] == "1"
    tries = "select number, status, error, response from outbox_attempt where delivery_id = (select delivery_id from outbox_attempt where status = 500)"
    assert rows(f"{tries} order by number") == [(1, 500, "HTTP 500", "not now"), (2, 200, "", "")]
    assert rows("select count(*) from outbox_attempt where number > 1") == [(1,)]


def parcel(number: int) -> dict:
    return moved(number, 1).payload


def test_what_a_whole_bundle_is_told_is_said_of_each_and_what_breaks_it_stands_in_nobodys_way(
    sink: Sink,
) -> None:
    """A call that can't be carried out at all for one of its events: that event is alone with its fault from the next try on."""
    calls = taking()

    async def breaks_at_seven(received: Received, request: web.Request) -> web.StreamResponse:
        if any(part.payload["id"] == 7 for part in parts(received)):
            return web.Response(status=500, text="broken")
        return await calls(received, request)

    sink.answer = breaks_at_seven
    hook(sink.url)
    with delivering(concurrency=9):
        known(sink)
        waiting(parcels=9)
        until(lambda: rows("select count(*) from outbox_delivery where state = 1") == [(9,)])
        until(lambda: rows("select max(attempts) > 2 from outbox_delivery") == [(True,)])
    failed = {
        (id_, attempts) for id_, state, attempts in states() if state != 1
    }  # the one that breaks every call it is part of
    assert {id_ for id_, _ in failed} == {7}
    assert rows("select distinct error from outbox_attempt where status = 500") == [("HTTP 500",)]
    assert all(
        len(parts(one)) == 1
        for one in sink.received[1:]
        if any(part.payload["id"] == 7 for part in parts(one))
    )


@pytest.mark.parametrize(
    ("status", "body"), [(200, "<html>"), (204, ""), (400, "what?"), (404, ""), (415, ""), (400, ANSWERS)]
)
def test_where_a_bundle_is_not_taken_after_all_each_is_sent_alone_at_once(
    sink: Sink, status: int, body: str
) -> None:
    """As by an older process behind the same address. An answer that says nothing of its events delivers none of them."""
    calls = taking()

    async def only_alone(received: Received, request: web.Request) -> web.StreamResponse:
        if is_bundle(received):
            return web.Response(status=status, text=body)
        return await calls(received, request)

    sink.answer = only_alone
    with delivered(sink):
        assert sum(map(is_bundle, sink.received)) == 1
        # Each of them said again that it takes bundles; it is not believed for a while.
        outbox.record([moved(parcel, 2) for parcel in range(1, 11)], now=clock.now())
        until(all_delivered)
    assert sum(map(is_bundle, sink.received)) == 1
    alone = [(one.payload["id"], one.payload["n"]) for one in sink.received if not is_bundle(one)]
    assert sorted(alone) == [(parcel, n) for parcel in range(1, 11) for n in (1, 2)]
    assert rows("select distinct number, status from outbox_attempt") == [(1, 200)]


def test_a_bundle_told_to_wait_waits_as_long_as_asked_and_nothing_is_lost(sink: Sink) -> None:
    calls, asked = taking(), []

    async def busy_once(received: Received, request: web.Request) -> web.StreamResponse:
        if is_bundle(received) and not asked:
            asked.append(received)
            return web.Response(status=429, headers={"Retry-After": "1"})
        return await calls(received, request)

    sink.answer = busy_once
    with delivered(sink):
        begun, again = rows(
            "select max(at) filter (where status = 429), min(at) filter (where number = 2) from outbox_attempt"
        )[0]
    assert len(parts(asked[0])) > 1
    assert (again - begun).total_seconds() > 0.9
    assert sorted(set(told(sink))) == [(parcel, 1) for parcel in range(1, 11)]


def test_what_waited_too_long_for_its_call_is_not_begun() -> None:
    """Its lease would end before the call does."""

    async def ride() -> list[int]:
        line = SimpleNamespace(waiting=deque())
        futures = [asyncio.get_running_loop().create_future() for _ in range(4)]
        futures[3].cancel()
        for place, (future, by) in enumerate(zip(futures, (9e9, 0.0, 9e9, 9e9), strict=True)):
            line.waiting.append((SimpleNamespace(id=place, begin_by=by, payload=b"{}"), future))
        riding = [job.id for job, _ in bundles._next(line)]
        assert futures[1].result() is None
        return riding

    assert asyncio.run(ride()) == [0, 2]
