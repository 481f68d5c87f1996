"""The delivery engine against a real receiver and a real database."""

import asyncio
import base64
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import orjson
import psycopg
import pytest
from aiohttp import web
from opentelemetry import context as tracing
from opentelemetry import propagate

from ambar.kit import clock, vault
from ambar.kit.outbox import purge, queries
from ambar.kit.outbox.deliveries import statements
from ambar.kit.outbox.deliveries.engine import Engine
from ambar.kit.outbox.domain import signatures
from ambar.kit.outbox.domain.breaker import TRIPS_AFTER
from ambar.kit.outbox.models import Hook
from ambar.kit.work.worker import database_settings
from tests.outbox_project.delivering import all_delivered, delivering, hook, record, rows, states
from tests.outbox_project.sink import Received, Sink
from tests.worlds.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_delivery_carries_the_stored_bytes_both_signatures_and_the_sequence(sink: Sink) -> None:
    hook(
        sink.url + "/packages/",
        additional_headers={
            "X-Extra": "1",
            "content-type": "text/plain",
            "Authorization": vault.seal("Token t"),
        },
    )
    uuid = record(5, 3)
    with delivering():
        until(all_delivered)
    (one,) = sink.received
    headers = {name.lower(): value for name, value in one.headers.items()}
    event = f'{{"type":"parcel.moved","uuid":"{uuid.hex}"}}'
    expected = f'{{"event":{event},"payload":{{"id":5,"n":3,"title":"İstanbul"}}}}'
    assert one.body == expected.encode()
    assert headers["x-whisperer-event"] == "parcel.moved"
    assert headers["x-whisperer-signature"] == signatures.whisperer("secret", one.body)
    assert headers["webhook-id"] == uuid.hex
    assert signatures.standard_holds(
        headers["webhook-signature"], secrets=["secret"], message_id=uuid.hex, body=one.body,
        timestamp=headers["webhook-timestamp"], now_seconds=time.time(),
    )  # fmt: skip
    assert (headers["x-ambar-sequence"], headers["x-ambar-aggregate"]) == ("3", "parcel:5")
    assert headers["traceparent"].startswith(f"00-{uuid.hex}-")
    assert (headers["content-type"], headers["x-extra"]) == ("application/json", "1")
    assert headers["authorization"] == "Token t"
    assert rows("select number, status, error, response from outbox_attempt") == [
        (1, 200, "", '{"ok": true}')
    ]


def test_a_record_nobody_has_heard_of_goes_ahead_of_news_of_the_known_ones(sink: Sink) -> None:
    hook(sink.url)
    hook(sink.url, "parcel.created")
    for parcel in range(1, 5):
        record(parcel, 2)
    record(8, 1, "parcel.created")
    record(9, 1, "parcel.created")
    record(9, 2)
    with delivering(concurrency=1):
        until(all_delivered)
    told = [
        (payload["id"], payload["n"])
        for payload in (orjson.loads(one.body)["payload"] for one in sink.received)
    ]
    assert told == [(8, 1), (9, 1), (1, 2), (2, 2), (3, 2), (4, 2), (9, 2)]


def all_held(engine: Engine) -> int:
    return sum(one.held for one in engine.directory.endpoints.values())


def test_answers_make_nobody_look_again_where_the_last_look_left_nothing(sink: Sink, monkeypatch) -> None:
    looks, claim = [], Engine._claim

    async def counted(engine, connection, asked):
        looks.append(len(asked))
        before = all_held(engine)
        while before and all_held(engine) == before:
            # A database so slow that an answer comes in during every look.
            await asyncio.sleep(0.001)
        again = await claim(engine, connection, asked)
        if len(looks) == 1:
            engine.wake.set()
        return again

    monkeypatch.setattr(Engine, "_claim", counted)
    hook(sink.url)
    for parcel in range(1, 21):
        record(parcel, 1)
    with delivering(concurrency=1, poll_seconds=60):
        until(all_delivered)
    # At its start, when it was woken here, and once more when it listens.
    assert len(sink.received) == 20 and len(looks) <= 3


def test_answers_during_a_look_for_another_hook_make_it_look_again(sink: Sink, monkeypatch) -> None:
    claim = Engine._claim

    async def slow(engine, connection, asked):
        while len(asked) == 1 and all_held(engine):
            # The full endpoint was not asked for; all it holds is answered before the look at the other one is through.
            await asyncio.sleep(0.001)
        return await claim(engine, connection, asked)

    monkeypatch.setattr(Engine, "_claim", slow)
    hook(sink.url)
    hook("http://127.0.0.1:9/", "parcel.lost")
    for parcel in range(1, 301):
        record(parcel, 1)
    with delivering(poll_seconds=60):
        until(all_delivered)
    assert len({one.uuid for one in sink.received}) == len(sink.received) == 300


def test_two_secrets_sign_during_a_rotation_and_basic_auth_is_sent(sink: Sink) -> None:
    hook(
        sink.url,
        previous_secret_sealed=vault.seal("older"),
        previous_secret_until=datetime(2999, 1, 1, tzinfo=UTC),
        config={"auth": {"auth_type": "basic", "username": "u", "password": vault.seal("p")}},
    )
    record(1, 1)
    with delivering():
        until(all_delivered)
    (one,) = sink.received
    for secret in ("secret", "older"):
        assert signatures.standard_holds(
            one.headers["webhook-signature"], secrets=[secret], message_id=one.uuid, body=one.body,
            timestamp=one.headers["webhook-timestamp"], now_seconds=time.time(),
        )  # fmt: skip
    assert one.headers["Authorization"] == "Basic " + base64.b64encode(b"u:p").decode()


def test_one_event_goes_to_every_active_hook_of_its_type_only(sink: Sink) -> None:
    hook(sink.url + "/a/")
    hook(sink.url + "/b/")
    hook(sink.url + "/off/", is_active=False)
    hook(sink.url + "/other/", "parcel.lost")
    record(1, 1)
    with delivering():
        until(all_delivered)
    assert sorted(one.path for one in sink.received) == ["/a/", "/b/"]


def test_a_lane_waits_for_its_failed_event_and_other_lanes_go_on(sink: Sink) -> None:
    hook(sink.url)
    refused = 0

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        nonlocal refused
        if received.payload == {"id": 1, "n": 2, "title": "İstanbul"} and refused < 3:
            refused += 1
            return web.Response(status=400, text="no")
        return web.Response(status=204)

    sink.answer = answer
    for parcel in (1, 2, 3):
        for sequence in (1, 2, 3, 4):
            record(parcel, sequence)
    with delivering():
        until(all_delivered)
    arrived = [(one.payload["id"], one.payload["n"]) for one in sink.received]
    assert [n for parcel, n in arrived if parcel == 1] == [1, 2, 2, 2, 2, 3, 4]
    assert [n for parcel, n in arrived if parcel == 2] == [1, 2, 3, 4]
    tried_again = {one.body for one in sink.received if (one.payload["id"], one.payload["n"]) == (1, 2)}
    assert len(tried_again) == 1
    assert rows("select status from outbox_attempt order by status desc limit 3") == [(400,)] * 3


def test_an_event_waits_for_the_one_before_it_that_another_worker_holds(sink: Sink) -> None:
    hook(sink.url)
    record(1, 1)
    rows(
        "update outbox_delivery set due_at = statement_timestamp() + interval '1 hour', leased_by = 'elsewhere:1:77:1'"
        " returning 1"
    )
    record(1, 2)
    record(2, 1)
    due = "select due_at from outbox_delivery order by id"
    _, (recorded,), _ = rows(due)
    # Nobody tells of what was put off: who put it off looks again.
    with delivering(poll_seconds=60):
        until(lambda: rows(due)[1] > (recorded,) and states()[2] == (2, 1, 1))
        assert [one.payload["id"] for one in sink.received] == [2]
        rows(
            "update outbox_delivery set due_at = statement_timestamp() where leased_by like 'else%' returning 1"
        )
        until(all_delivered)
    assert [one.payload["n"] for one in sink.received if one.payload["id"] == 1] == [1, 2]


def test_a_poisoned_lane_is_parked_after_its_last_try_and_freed_by_a_retry(sink: Sink) -> None:
    from ambar.kit.outbox.actions.retry_delivery import EventAlreadyDelivered, retry_delivery

    hook(sink.url)
    poisoned = True

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=422 if poisoned and received.payload["id"] == 1 else 200)

    sink.answer = answer
    for parcel, sequence in ((1, 1), (1, 2), (2, 1)):
        record(parcel, sequence)
    with delivering(later_seconds=0):
        until(lambda: states() == [(1, 2, 18), (1, 2, 0), (2, 1, 1)])
        record(1, 3)
        until(lambda: states()[-1] == (1, 2, 0))
        (lane,) = queries.parked_lanes()
        assert (lane["aggregate_id"], lane["waiting"], lane["last_error"]) == (1, 3, "HTTP 422")
        assert [(one["pending"], one["parked"]) for one in queries.hook_figures()] == [(0, 3)]
        poisoned = False
        first = rows("select id from outbox_delivery order by id limit 1")[0][0]
        retry_delivery(first, force=False)
        until(all_delivered)
    assert [one.payload["n"] for one in sink.received if one.payload["id"] == 1] == [1] * 19 + [2, 3]
    with pytest.raises(EventAlreadyDelivered):
        retry_delivery(first, force=True)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_never_followed(sink: Sink, status: int) -> None:
    hook(sink.url + "/here/", seconds=3600)

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": "/elsewhere/"})

    sink.answer = answer
    record(1, 1)
    with delivering():
        until(lambda: states() == [(1, 0, 1)])
    assert [one.path for one in sink.received] == ["/here/"]
    assert rows("select status, error from outbox_attempt") == [(status, f"HTTP {status}")]


def test_gone_switches_the_hook_off_and_keeps_what_is_pending(sink: Sink) -> None:
    made = hook(sink.url)

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=410)

    sink.answer = answer
    record(1, 1)
    with delivering():
        until(lambda: rows("select is_active from outbox_hook") == [(False,)])
    assert states() == [(1, 0, 1)]
    made.refresh_from_db()
    assert made.disabled_reason == "the target answered 410 Gone"


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_outlasts_the_countdown(sink: Sink, status: int) -> None:
    hook(sink.url)

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Retry-After": "3000"})

    sink.answer = answer
    record(1, 1)
    with delivering():
        until(lambda: states() == [(1, 0, 1)])
    assert rows("select due_at > statement_timestamp() + interval '2900 seconds' from outbox_delivery") == [
        (True,)
    ]


def test_a_huge_or_dripping_body_after_200_is_a_success_and_two_kilobytes_are_kept(sink: Sink) -> None:
    hook(sink.url)

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * (65536 if received.payload["id"] == 1 else 1))
                await asyncio.sleep(0 if received.payload["id"] == 1 else 0.2)
        except ConnectionError:
            return response

    sink.answer = answer
    record(1, 1)
    record(2, 1)
    with delivering():
        until(all_delivered)
    kept = dict(
        rows(
            "select d.aggregate_id, length(a.response) from outbox_attempt a join outbox_delivery d on d.id = a.delivery_id"
        )
    )
    assert kept[1] == 2048 and 0 < kept[2] < 20


def test_a_hanging_endpoint_does_not_hold_up_another(sink: Sink) -> None:
    with Sink() as slow:

        async def hang(received: Received, request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(3600)
            return web.Response()

        slow.answer = hang
        hook(slow.url)
        hook(sink.url, "parcel.lost")
        for parcel in range(300):
            record(parcel, 1)
            record(parcel, 2, "parcel.lost")
        with delivering(grace_seconds=0.2):
            until(lambda: len(sink.received) == 300 and bool(slow.received))
            assert len(slow.received) <= 32
        assert rows("select count(*) from outbox_delivery where leased_by is not null") == [(0,)]


def test_an_ill_endpoint_is_asked_rarely_and_keeps_its_tries(sink: Sink) -> None:
    hook(sink.url)
    ill = True

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=503 if ill else 200)

    sink.answer = answer
    with delivering(concurrency=4) as engine:
        until(lambda: bool(engine.directory.endpoints))
        (endpoint,) = engine.directory.endpoints.values()
        endpoint.breaker.pause = 3600.0  # no probe before this test asks for one
        for parcel in range(200):
            record(parcel, 1)
        until(lambda: endpoint.breaker.tripped and not engine.tasks)
        # Those under way when it was found ill come to their end.
        assert TRIPS_AFTER <= len(sink.received) < TRIPS_AFTER + 4
        ill = False
        endpoint.breaker.ask()
        until(all_delivered)
    assert sum(attempts for _, _, attempts in states()) == len(sink.received) < 200 + TRIPS_AFTER + 4


def test_a_refused_address_is_not_connected_to(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    hook(sink.url, seconds=3600)
    record(1, 1)
    with delivering():
        until(lambda: states() == [(1, 0, 1)])
    assert sink.received == []
    assert rows("select left(error, 15) from outbox_attempt") == [("refused_address",)]


def test_deliveries_go_on_with_the_trace_of_the_call_that_made_the_event_happen(sink: Sink) -> None:
    hook(sink.url)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    token = tracing.attach(propagate.extract({"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}))
    record(1, 1)
    tracing.detach(token)
    alone = record(2, 1)
    with delivering():
        until(all_delivered)
    told = {one.payload["id"]: one.headers["traceparent"].split("-")[1] for one in sink.received}
    assert told == {1: trace, 2: alone.hex}
    spans = [one.headers["traceparent"].split("-")[2] for one in sink.received]
    assert len(set(spans)) == 2 and "00f067aa0ba902b7" not in spans


def test_a_lost_connection_is_replaced_and_nothing_is_lost(sink: Sink) -> None:
    """Trap 21: deliveries outlive the loss of their connection."""
    hook(sink.url)
    with delivering():
        for parcel in range(60):
            record(parcel, 1)
            if parcel % 20 == 10:
                rows(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid() and query not like '%vacuum%'"
                )
        until(all_delivered)
    assert len({one.uuid for one in sink.received}) == 60


def test_hooks_made_while_it_could_not_hear_of_them_are_loaded_once_it_can(sink: Sink) -> None:
    hook(sink.url)
    record(1, 1)
    with delivering(hooks_seconds=3600.0):
        until(all_delivered)
        hook(sink.url, "parcel.lost")
        record(2, 1, "parcel.lost")
        rows(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'"
        )
        until(all_delivered)
    assert [one.payload["id"] for one in sink.received] == [1, 2]


def test_its_connections_forget_plans_made_while_tables_were_small(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: dict[int, list[str]] = {}
    execute = psycopg.AsyncConnection.execute

    async def noted(one, statement, *given, **named):
        said.setdefault(id(one), []).append(statement)
        return await execute(one, statement, *given, **named)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", noted)
    monkeypatch.setattr("ambar.kit.prepared.FEWEST_USES", 2)
    hook(sink.url)
    with delivering():
        for sequence in range(1, 4):
            record(1, sequence)
            until(all_delivered)
    after = {
        following
        for statements_of_one in said.values()
        for one, following in pairwise(statements_of_one)
        if one == "DISCARD PLANS"
    }
    assert {statements.CLAIM, statements.ACKNOWLEDGE} <= after


def test_leases_of_a_dead_worker_are_freed_at_start_and_of_another_machine_when_they_end(sink: Sink) -> None:
    """Trap 23: what a killed worker held is free at once, or when its lease ends."""
    from ambar.kit.outbox.deliveries import identity

    hook(sink.url)
    record(1, 1)
    record(2, 1)
    rows(
        f"update outbox_delivery set due_at = statement_timestamp() + interval '1 hour', leased_by ="
        f" case aggregate_id when 1 then '{identity.machine()}:4194304:1' else 'elsewhere:1:77:1' end returning 1"
    )
    with delivering():
        until(lambda: states() == [(1, 1, 1), (2, 0, 0)])
        rows("update outbox_delivery set due_at = statement_timestamp() where state = 0 returning 1")
        until(all_delivered)


def test_a_claim_answered_into_the_void_is_taken_back_on_reconnecting(sink: Sink) -> None:
    """Trap 22: a claim that was committed and never heard of is taken back."""
    hook(sink.url)
    record(1, 1)
    with delivering() as engine:
        until(all_delivered)
        record(2, 1)
        until(all_delivered)
        rows(
            "update outbox_delivery set state = 0, due_at = statement_timestamp() + interval '1 hour',"
            f" leased_by = '{engine.worker}' where aggregate_id = 2 returning 1"
        )
        rows(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        until(all_delivered)
    assert [one.payload["id"] for one in sink.received] == [1, 2, 2]


def test_an_answer_that_comes_after_the_lease_takes_nothing_from_the_next_holder(sink: Sink) -> None:
    """A worker that stood still for long hears its answers when another one holds the delivery, or has delivered it."""
    hook(sink.url)
    record(1, 1)
    held = "select leased_by, state, attempts from outbox_delivery"
    ((pk,),) = rows("update outbox_delivery set leased_by = 'the next' returning id")
    done = "select leased_by, state, last_status, delivered_at = '2026-01-15T12:00:00Z' from outbox_delivery"

    def late(state: int, number: int, at: str = "2026-01-15T12:00:00Z") -> None:
        row = {
            "id": pk,
            "state": state,
            "number": number,
            "wait": 0,
            "status": 200 + number,
            "error": "",
            "took_ms": 1,
        }
        text = orjson.dumps([{**row, "response": "", "at": at}]).decode()
        with psycopg.connect(**database_settings(), autocommit=True) as one:
            one.execute(statements.ACKNOWLEDGE, {"rows": text, "worker": "the last"})

    late(0, 1)
    assert rows(held) == [("the next", 0, 0)]
    late(1, 2)
    assert rows(done) == [(None, 1, 202, True)], "that it arrived is true whoever says it"
    late(1, 3, at="2026-01-16T12:00:00Z")
    assert rows(done) == [(None, 1, 202, True)], "and stays as it was first said"
    assert rows("select number from outbox_attempt order by 1") == [(1,), (2,), (3,)]


def test_two_engines_side_by_side_send_everything_once_and_in_order(sink: Sink) -> None:
    hook(sink.url)
    for sequence in range(1, 6):
        for parcel in range(40):
            record(parcel, sequence)
    with delivering(), delivering():
        until(all_delivered)
    assert len(sink.received) == 200
    for parcel in range(40):
        assert [one.payload["n"] for one in sink.received if one.payload["id"] == parcel] == [1, 2, 3, 4, 5]


def test_old_delivered_rows_are_purged_with_their_attempts_and_waiting_ones_stay(sink: Sink) -> None:
    hook(sink.url)
    hook(sink.url, "parcel.lost", is_active=False)
    record(1, 1)
    with delivering():
        until(all_delivered)
    Hook.objects.filter(event_type="parcel.lost").update(is_active=True)
    record(1, 2, "parcel.lost")
    gone = purge.purge(now=clock.now() + timedelta(days=85), keep_days=84)
    assert gone == {"deliveries": 1, "events": 1, "inbox": 0, "replays": 0}
    assert rows("select count(*) from outbox_attempt") == [(0,)]
    assert [aggregate for aggregate, _, _ in states()] == [1]
