"""What the wire may do to a delivery, W1 to W18 of the list in `docs/reference/wire-faults.md`."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiohttp import web
from django.core.management import call_command
from django.db import connection

from ambar.kit import clock, vault
from ambar.kit.http import guard
from ambar.kit.outbox import queries
from ambar.kit.outbox.actions import save_hook
from ambar.kit.outbox.deliveries import sender
from ambar.kit.outbox.domain import signatures
from ambar.kit.outbox.models import EndpointHealth, Hook
from tests.outbox_project.delivering import all_delivered, delivering, hook, noted_turns, record, rows, states
from tests.outbox_project.sink import Answer, Received, Sink
from tests.worlds.waiting import LONG_SECONDS, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A port that takes connections; what happens next is up to the test."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(8)
    yield listening
    listening.close()


def url_of(listening: socket.socket, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"


def first_try() -> tuple[int, str]:
    until(lambda: rows("select count(*) from outbox_attempt") == [(1,)])
    ((status, error),) = rows("select status, error from outbox_attempt")
    return status, error


def test_w2_nobody_listening_is_a_connection_failure(sink: Sink, silent: socket.socket) -> None:
    address = url_of(silent)
    silent.close()
    hook(address, seconds=3600)
    record(1, 1)
    with delivering():
        assert first_try() == (0, "connection")
    assert states() == [(1, 0, 1)]


def test_w2_a_reset_connection_is_a_connection_failure(sink: Sink, silent: socket.socket) -> None:
    hook(url_of(silent), seconds=3600)
    record(1, 1)

    def slam() -> None:
        taken, _ = silent.accept()
        taken.recv(100)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        taken.close()

    thread = threading.Thread(target=slam)
    thread.start()
    with delivering():
        assert first_try() == (0, "connection")
    thread.join(LONG_SECONDS)


def test_w2_plain_text_where_tls_is_spoken_is_a_tls_failure(sink: Sink) -> None:
    hook(sink.url.replace("http://", "https://"), seconds=3600)
    record(1, 1)
    with delivering():
        status, error = first_try()
    assert (status, error) == (0, "tls")
    assert sink.received == []


def test_w2_a_name_that_does_not_resolve_is_told_as_such(sink: Sink) -> None:
    hook("http://no-such-name.invalid/", seconds=3600)
    record(1, 1)
    with delivering():
        status, error = first_try()
    assert status == 0 and "can't be resolved" in error


def test_w3_headers_that_drip_in_are_cut_off_at_the_total_time_out(
    sink: Sink, silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "_TIMEOUT", sender.aiohttp.ClientTimeout(total=0.6))
    hook(url_of(silent), seconds=3600)
    record(1, 1)
    over = threading.Event()

    def drip() -> None:
        taken, _ = silent.accept()
        try:
            while not over.wait(0.05):
                taken.send(b"HTTP/1.1 200 OK\r\n"[:1])
        except OSError:
            pass
        taken.close()

    thread = threading.Thread(target=drip)
    thread.start()
    with delivering():
        status, error = first_try()
    over.set()
    thread.join(LONG_SECONDS)
    assert status == 0 and error in ("timeout", "connection")


def test_w4_no_redirect_reaches_another_host_and_no_token_goes_there(sink: Sink) -> None:
    with Sink() as other:

        async def answer(received: Received, request: web.Request) -> web.StreamResponse:
            return web.Response(status=307, headers={"Location": other.url + "/taken/"})

        sink.answer = answer
        hook(sink.url, seconds=3600, additional_headers={"Authorization": vault.seal("Token canary")})
        record(1, 1)
        with delivering():
            assert first_try() == (307, "HTTP 307")
        assert other.received == []


@pytest.mark.parametrize(
    ("status", "body", "kept"),
    [
        (200, b"<html><h1>Error</h1></html>", "<html><h1>Error</h1></html>"),
        (204, b"", ""),
        (202, b"\xff\xfe\x00garbage", "\ufffd\ufffd\ufffdgarbage"),
    ],
)
def test_w5_any_2xx_is_a_success_whatever_it_says(sink: Sink, status: int, body: bytes, kept: str) -> None:
    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body)

    sink.answer = answer
    hook(sink.url)
    record(1, 1)
    with delivering():
        until(all_delivered)
    assert rows("select status, response from outbox_attempt") == [(status, kept)]


def test_w6_a_refused_token_is_told_and_what_waited_goes_out_once_it_is_mended(sink: Sink) -> None:
    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        good = received.headers.get("Authorization") == "Token new"
        return web.Response(status=200 if good else 401)

    sink.answer = answer
    made = hook(sink.url, seconds=3600, additional_headers={"Authorization": vault.seal("Token old")})
    record(1, 1)
    record(2, 1)
    with delivering():
        until(lambda: states() == [(1, 0, 1), (2, 0, 1)])
        assert queries.refused_hooks() == {made.pk: 401}
        save_hook.change_hook(
            made.pk, {"additional_headers": {"Authorization": "Token new"}}, now=clock.now()
        )
        until(all_delivered)
    assert queries.refused_hooks() == {}
    assert all(state == (1, 2) for state in [(row[1], row[2]) for row in states()])


def test_w6_a_token_refused_while_it_is_mended_is_not_waited_for_either(sink: Sink) -> None:
    asked, mended = threading.Event(), threading.Event()

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        if received.headers.get("Authorization") == "Token new":
            return web.Response(status=200)
        asked.set()
        await asyncio.to_thread(mended.wait, LONG_SECONDS)
        return web.Response(status=401)

    sink.answer = answer
    made = hook(sink.url, seconds=3600, additional_headers={"Authorization": vault.seal("Token old")})
    record(1, 1)
    with delivering():
        assert asked.wait(LONG_SECONDS)
        save_hook.change_hook(
            made.pk, {"additional_headers": {"Authorization": "Token new"}}, now=clock.now()
        )
        mended.set()
        until(all_delivered)
    assert states() == [(1, 1, 2)]


def test_w6_a_worker_that_has_not_heard_of_a_change_sends_nothing_under_the_old_token(sink: Sink) -> None:
    made = hook(sink.url, additional_headers={"Authorization": vault.seal("Token 0")})
    record(1, 1)
    with delivering(hooks_seconds=3600.0):
        until(all_delivered)
        for turn in range(1, 6):
            Hook.objects.filter(pk=made.pk).update(
                additional_headers={"Authorization": vault.seal(f"Token {turn}")}, modified_at=clock.now()
            )
            record(1, turn + 1)
            until(all_delivered)
    told = [one.headers.get("Authorization") for one in sink.received]
    assert told == [f"Token {turn}" for turn in range(6)]


def test_w10_after_an_outage_a_backlog_drains_in_order_under_the_endpoint_s_rate(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(sink.url, config={"rate_per_second": 200})
    for parcel in range(12):
        for sequence in range(1, 6):
            record(parcel, sequence)
    turns = noted_turns(monkeypatch)
    with delivering():
        until(all_delivered)
    for parcel in range(12):
        assert [one.payload["n"] for one in sink.received if one.payload["id"] == parcel] == [1, 2, 3, 4, 5]
    assert len(turns) >= 60 and max(turns) - min(turns) >= 59 / 200 * 0.9


def test_w10_a_hook_that_collapses_sends_only_the_newest_of_each_record(sink: Sink) -> None:
    hook(sink.url, config={"collapse": True})
    for parcel in (1, 2):
        for sequence in (1, 2, 3):
            record(parcel, sequence)
    with delivering():
        until(lambda: rows("select count(*) from outbox_delivery where state = 0") == [(0,)])
    assert sorted((one.payload["id"], one.payload["n"]) for one in sink.received) == [(1, 3), (2, 3)]
    assert rows("select state, count(*) from outbox_delivery group by 1 order by 1") == [(1, 2), (3, 4)]
    told = rows("select distinct last_error from outbox_delivery where state = 3")
    assert told == [("a newer event of the same record was delivered instead",)]


def test_w10_what_collapses_stays_whole_while_the_newest_is_refused(sink: Sink) -> None:
    hook(sink.url, seconds=3600, config={"collapse": True})

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=422)

    sink.answer = answer
    for sequence in (1, 2, 3):
        record(1, sequence)
    with delivering():
        until(lambda: states() == [(1, 0, 0), (1, 0, 0), (1, 0, 1)])


def test_an_endpoint_that_fails_for_long_is_paused_spends_no_tries_and_comes_back_by_itself(
    sink: Sink,
) -> None:
    hook(sink.url)
    ill = True

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=503 if ill else 200)

    sink.answer = answer
    for parcel in range(20):
        record(parcel, 1)
    with delivering(concurrency=2, pause_after_seconds=0.0, hooks_seconds=0.05):
        until(lambda: EndpointHealth.objects.filter(paused_at__isnull=False).exists())
        ((one,),) = [queries.ill_endpoints()]
        assert (one["origin"], one["hooks"], one["last_status"]) == (sink.url, 1, 503)
        assert queries.paused_endpoints() == 1
        until(lambda: rows("select count(*) from outbox_delivery where leased_by is not null") == [(0,)])
        spent = sum(attempts for _, _, attempts in states())
        # Whoever waits for a person asks: the probe is made now, and costs no try.
        asked = len(sink.received)
        EndpointHealth.objects.update(asked_at=clock.now())
        until(lambda: len(sink.received) > asked)
        until(lambda: rows("select count(*) from outbox_delivery where leased_by is not null") == [(0,)])
        assert sum(attempts for _, _, attempts in states()) == spent
        ill = False
        EndpointHealth.objects.update(asked_at=clock.now() + timedelta(seconds=1))
        until(all_delivered)
        until(lambda: not EndpointHealth.objects.exists())


def test_once_an_endpoint_answers_what_waited_for_it_is_due_at_once(sink: Sink) -> None:
    hook(sink.url, seconds=3600)
    ill = True

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=503 if ill else 200)

    sink.answer = answer
    for parcel in range(10):
        record(parcel, 1)
        record(parcel, 2)
    with delivering(concurrency=16):
        until(lambda: EndpointHealth.objects.exists())
        ill = False
        until(all_delivered)
    for parcel in range(10):
        good = [one.payload["n"] for one in sink.received if one.payload["id"] == parcel]
        assert good[-2:] == [1, 2]


def test_w11_a_poisoned_event_parks_its_record_alone(sink: Sink) -> None:
    hook(sink.url)

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=400 if received.payload["id"] == 1 else 200)

    sink.answer = answer
    for parcel in (1, 2, 3):
        record(parcel, 1)
        record(parcel, 2)
    with delivering(later_seconds=0):
        until(lambda: [state for _, state, _ in states()] == [2, 2, 1, 1, 1, 1])
    assert [lane["aggregate_id"] for lane in queries.parked_lanes()] == [1]


def test_w15_a_name_that_turns_to_loopback_after_it_was_saved_is_not_connected_to(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    answers = ["93.184.216.34", "127.0.0.1"]
    asked: list[str] = []

    def resolve(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return (answers.pop(0) if len(answers) > 1 else answers[0],)

    monkeypatch.setattr(guard, "_resolve", resolve)
    made = hook("http://93.184.216.35/", seconds=3600)
    target = f"http://rebinding.example:{sink.port}/"
    save_hook.change_hook(made.pk, {"target_url": target}, now=clock.now())
    record(1, 1)
    with delivering():
        status, error = first_try()
    assert status == 0 and error.startswith("refused_address") and "loopback" in error
    assert sink.received == [] and asked == ["rebinding.example"] * 2


def test_w16_no_secret_is_in_a_table_a_log_or_an_answer_of_somebody_else(
    sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    canary = "canary-7f3a9c"
    made = hook(sink.url, seconds=3600)
    save_hook.change_hook(
        made.pk,
        {
            "secret_key": canary,
            "additional_headers": {"Authorization": f"Token {canary}", "X-Api-Key": canary},
            "config": {"auth": {"auth_type": "basic", "username": "u", "password": canary}},
        },
        now=clock.now(),
    )

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=500, text="broken")

    sink.answer = answer
    record(1, 1)
    with delivering():
        first_try()
    assert any(canary in value for value in sink.received[0].headers.values())
    tables = rows("select table_name from information_schema.tables where table_name like 'outbox%'")
    assert len(tables) > 6
    for (table,) in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"select t::text from {table} t")
            assert [row for row in cursor.fetchall() if canary in row[0]] == [], table
    told = capsys.readouterr()
    assert canary not in told.out + told.err


def test_w16_a_token_in_an_address_is_sent_with_it_and_in_no_log(
    sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    canary = "canary-7f3a9c"
    asked: list[str] = []

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        asked.append(request.path_qs)
        return web.Response(status=400, text="broken")

    sink.answer = answer
    made = hook(f"{sink.url}/in/{canary}/?shop=5&token={canary}", seconds=0)
    hook(f"{sink.url}/unusable/{canary}/?token={canary}", "parcel.lost")
    Hook.objects.filter(event_type="parcel.lost").update(retry_countdown_config={"choice": "never"})
    record(1, 1)
    with delivering():
        until(lambda: len(asked) > 0)
    assert set(asked) == {f"/in/{canary}/?shop=5&token={canary}"}
    with connection.cursor() as cursor:
        cursor.execute("update outbox_delivery set state = 2, last_error = 'no'")
    call_command("events", "parked")
    call_command("events", "parked", "--json")
    told = capsys.readouterr()
    assert told.out.count(f"{sink.url}/in/****3a9c/?shop=****&token=****3a9c") == 2
    assert canary not in told.out + told.err
    assert made.pk in [one["hook_id"] for one in queries.hook_figures()]
    assert canary not in str(queries.hook_figures()) + str(queries.parked_lanes())


def knowing(secrets: list[str], taken: list[bool]) -> Answer:
    """A receiver that knows these secrets, refuses what none of them signed, and notes which it took."""

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        good = signatures.standard_holds(
            received.headers["webhook-signature"], secrets=secrets, message_id=received.uuid, body=received.body,
            timestamp=received.headers["webhook-timestamp"], now_seconds=clock.now().timestamp(),
        )  # fmt: skip
        taken.append(good)
        return web.Response(status=200 if good else 401)

    return answer


def test_w17_a_secret_is_rotated_under_load_without_one_refused_delivery(sink: Sink) -> None:
    taken: list[bool] = []
    secrets = ["secret"]

    sink.answer = knowing(secrets, taken)
    made = hook(sink.url, seconds=3600)
    with delivering(hooks_seconds=0.05) as engine:
        for parcel in range(60):
            record(parcel, 1)
            if parcel == 20:
                save_hook.change_hook(made.pk, {"secret_key": "newer"}, now=clock.now())
            if parcel == 39:
                until(lambda: len(engine.directory.targets[made.pk].keys) == 2)
                # What was claimed before carries the older signature alone.
                until(all_delivered)
            if parcel == 40:
                # The receiver changes a while after the sender: both signatures rode on everything meanwhile.
                until(lambda: len(sink.received[-1].headers["webhook-signature"].split()) == 2)
                until(all_delivered)
                secrets[:] = ["newer"]
        until(all_delivered)
    assert len(taken) == 60 and all(taken)


def test_w17_a_receiver_on_the_oldest_of_six_secrets_refuses_nothing_until_its_day_is_over(
    sink: Sink,
) -> None:
    secrets = ["secret"]

    sink.answer = knowing(secrets, [])
    made = hook(sink.url, seconds=3600)
    begun = clock.now()
    for place in range(1, 6):
        at = begun - timedelta(hours=24 - place * 4)
        save_hook.change_hook(made.pk, {"secret_key": f"number {place}"}, now=at)
    with delivering():
        for parcel, secret in enumerate(["secret", "number 1", "number 4", "number 5"]):
            secrets[:] = [secret]
            record(parcel, 1)
            until(all_delivered)
        assert [len(one.headers["webhook-signature"].split()) for one in sink.received] == [6] * 4
    Hook.objects.update(previous_secret_until=begun)
    Hook.objects.update(
        earlier_secrets=[{**one, "until": clock.iso(begun)} for one in Hook.objects.get().earlier_secrets]
    )
    with delivering():
        record(9, 1)
        until(all_delivered)
    assert len(sink.received[-1].headers["webhook-signature"].split()) == 1


def test_w18_a_changed_url_counts_for_everything_not_yet_delivered(sink: Sink) -> None:
    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=404 if received.path == "/old/" else 200)

    sink.answer = answer
    made = hook(sink.url + "/old/", seconds=3600)
    record(1, 1)
    record(1, 2)
    with delivering():
        until(lambda: states() == [(1, 0, 1), (1, 0, 0)])
        save_hook.change_hook(made.pk, {"target_url": sink.url + "/new/"}, now=clock.now())
        until(all_delivered)
    assert [one.path for one in sink.received] == ["/old/", "/new/", "/new/"]
    assert sink.received[0].body == sink.received[1].body


def test_w18_a_hook_switched_off_keeps_what_waits_and_sends_it_once_it_is_on(sink: Sink) -> None:
    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=404)

    sink.answer = answer
    made = hook(sink.url, seconds=0)
    record(1, 1)
    with delivering(hooks_seconds=0.05):
        until(lambda: len(sink.received) >= 1)
        save_hook.switch_off(made.pk, now=clock.now())
        until(lambda: rows("select count(*) from outbox_delivery where leased_by is null") == [(1,)])
        record(1, 2)
        assert [row[1] for row in states()] == [0]
        sink.answer = _fine
        save_hook.change_hook(made.pk, {"is_active": True}, now=clock.now())
        until(all_delivered)
    assert Hook.objects.get().is_active


async def _fine(received: Received, request: web.Request) -> web.StreamResponse:
    return web.Response()
