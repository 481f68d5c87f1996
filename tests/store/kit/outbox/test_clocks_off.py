"""F11: the clock of a machine is an hour off, forwards or back, and jumps; what is scheduled and signed goes by the database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from aiohttp import web
from django.test import RequestFactory

from ambar.kit import clock, timekeeping
from ambar.kit.outbox.domain import signatures
from ambar.kit.outbox.inbox.verify import SignatureRefused, verify
from tests.outbox_project.delivering import all_delivered, delivering, hook, record, rows, states
from tests.outbox_project.sink import Received, Sink
from tests.worlds.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600.0


class Machine:
    """The clock of this machine as its processes read it."""

    def __init__(self) -> None:
        self.off = 0.0

    def time(self) -> float:
        return time.time() + self.off

    def __getattr__(self, name: str):
        return getattr(time, name)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    one = Machine()
    monkeypatch.setattr(clock, "time", one)
    yield one
    one.off = 0.0
    timekeeping.ask()


def away() -> float:
    """Seconds between the time of this process and the database's."""
    [(at,)] = rows("select clock_timestamp()")
    return abs((clock.now() - at).total_seconds())


def test_a_clock_that_agrees_is_read_as_it_is(machine: Machine) -> None:
    timekeeping.ask()
    machine.off = clock.AGREE_SECONDS / 2
    before = machine.time()
    assert before <= clock.now().timestamp() <= machine.time()


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_a_clock_that_jumps_is_not_followed(machine: Machine, off: float) -> None:
    timekeeping.ask()
    machine.off = off
    assert away() < 60
    assert timekeeping.ask() == pytest.approx(off, abs=60)
    machine.off = 0.0
    assert away() < 60


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_a_process_that_starts_with_a_wrong_clock_learns_the_time(
    machine: Machine, monkeypatch, off: float
) -> None:
    machine.off = off
    monkeypatch.setattr(clock, "_ahead", machine.time() - clock.steady())
    assert away() > HOUR / 2
    assert timekeeping.ask() == pytest.approx(off, abs=60)
    assert away() < 60


def test_a_slow_answer_says_little() -> None:
    at = clock.now() - timedelta(seconds=3)  # any time within those ten seconds may be the right one
    now = clock.steady()
    assert abs(clock.told(at, asked=now - 10, answered=now)) < 1
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 1


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_deliveries_are_retried_and_signed_by_the_time_of_the_database(
    machine: Machine, sink: Sink, off: float
) -> None:
    """None is lost behind a floor in the future, none comes too early, and the signature of each attempt is fresh."""

    async def answer(received: Received, request: web.Request) -> web.StreamResponse:
        return web.Response(status=500 if len(sink.received) == 1 else 200)

    sink.answer = answer
    hook(sink.url)
    timekeeping.ask()
    machine.off = off
    record(1, 1)
    with delivering():
        until(lambda: bool(sink.received))
        record(2, 1)
        until(all_delivered)
    assert states() == [(1, 1, 2), (2, 1, 1)]
    for one in sink.received:
        headers = {name.lower(): value for name, value in one.headers.items()}
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60


def test_a_right_signature_of_a_wrong_time_is_told_in_the_log_and_only_there(machine: Machine) -> None:
    body, stamp = b"{}", int(time.time()) - 360
    signed = signatures.standard([b"secret"], message_id="m", timestamp=stamp, body=body)

    def refused(signature: str) -> tuple[str, list[str]]:
        request = RequestFactory().post(
            "/in/", body, content_type="application/json", HTTP_WEBHOOK_ID="m",
            HTTP_WEBHOOK_TIMESTAMP=str(stamp), HTTP_WEBHOOK_SIGNATURE=signature,
        )  # fmt: skip
        with structlog.testing.capture_logs() as lines, pytest.raises(SignatureRefused) as no:
            verify(request, secrets=["secret"])
        return no.value.message, [line["event"] for line in lines]

    late, wrong = refused(signed), refused("v1,AAAA")
    assert late[0] == wrong[0]
    assert (late[1], wrong[1]) == (["timestamp_outside_tolerance"], [])
