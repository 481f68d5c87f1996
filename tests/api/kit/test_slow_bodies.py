"""Bodies that do not arrive: a sender of a byte now and then is told 408 after a total deadline, and nobody else is disturbed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ambar.cli.systems import free_port
from ambar.kit import arriving
from ambar.kit.arriving import Body, BodyLate, Link, Watch
from tests.worlds.waiting import LONG_SECONDS, until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a web tier whose bodies have to arrive within a second."""
    port = free_port()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.kit_project.settings"}
    serving = subprocess.Popen(
        [sys.executable, "-m", "tests.worlds.slow_door", str(port)], cwd=ROOT, env=environment
    )
    try:
        until(lambda: listens(port, serving))
        yield port
    finally:
        serving.kill()
        serving.wait()


def listens(port: int, serving: subprocess.Popen[bytes]) -> bool:
    assert serving.poll() is None
    try:
        socket.create_connection(("127.0.0.1", port), timeout=LONG_SECONDS).close()
    except OSError:
        return False
    return True


def post(port: int, path: str, length: int, body: bytes = b"") -> socket.socket:
    one = socket.create_connection(("127.0.0.1", port), timeout=LONG_SECONDS)
    one.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode() + body)
    return one


def answer(one: socket.socket) -> bytes:
    """The whole of an answer, as far as it came."""
    told = b""
    while b"\r\n\r\n" not in told and (more := one.recv(4096)):
        told += more
    return told


def trickle(one: socket.socket, stop: threading.Event) -> None:
    while not stop.wait(0.2):
        try:
            one.sendall(b"x")
        except OSError:
            return


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the connection is found where Linux tells of it"
)
def test_a_body_that_does_not_arrive_is_408_and_others_of_the_same_caller_are_not_disturbed(
    port: int,
) -> None:
    idle, stop = post(port, "/", 2, b"ab"), threading.Event()
    assert answer(idle).startswith(b"HTTP/1.1 200")
    stalled, dripping = post(port, "/", 10, b"ab"), post(port, "/handled", 1000)
    threading.Thread(target=trickle, args=(dripping, stop), daemon=True).start()
    long = post(port, "/long", 3, b"abc")
    try:
        for one in (stalled, dripping):
            told = answer(one)
            assert told.startswith(b"HTTP/1.1 408") and b"body_late" in told + one.recv(4096)
        assert answer(long).startswith(b"HTTP/1.1 200")
        idle.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na")
        assert answer(idle).startswith(b"HTTP/1.1 200")
    finally:
        stop.set()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Looks once a second at these links for a minute; which of them were closed."""

    def looking(bodies: list[Body], links: Callable[[float], list[Link]], clock: Clock) -> list[int]:
        closed: list[int] = []
        monkeypatch.setattr(arriving, "connections", lambda port, peers: links(clock.now - 1000.0))
        monkeypatch.setattr(arriving, "hang_up", lambda inode: closed.append(inode) or True)
        for _ in range(62):
            clock.now += 1.0
            bodies[0].watch.look()
            for body in [one for one in bodies if one.late]:
                body.watch.end(body)
        return closed

    return looking


def reading(clock: Clock, count: int = 1) -> list[Body]:
    made = Watch(seconds=60.0, port=1, clock=clock)
    made._thread = threading.current_thread()  # nobody looks but the test
    bodies = [Body(given=None, length=9, peer="a", begun=clock.now, watch=made) for _ in range(count)]
    for body in bodies:
        made.begin(body)
    return bodies


def test_the_one_connection_that_waits_for_an_answer_is_closed_and_idle_ones_are_not(watch) -> None:
    clock = Clock()
    bodies = reading(clock)

    def links(age: float) -> list[Link]:
        ms = int(age * 1000)
        return [
            Link(1, "a", ms + 90_000, ms),  # the body's: kept alive before, nothing sent since
            Link(2, "a", ms + 10, ms + 30),  # answered just before, idle
            Link(3, "a", ms + 5000, ms - 3000 if age > 3 else ms + 6000),  # a later request on an idle one
        ]

    assert watch(bodies, links, clock) == [1] and bodies[0].late


def test_a_connection_that_is_silent_because_its_request_is_worked_on_is_told_from_one_that_drips(
    watch,
) -> None:
    clock = Clock()
    bodies = reading(clock)
    found = watch(
        bodies,
        lambda age: [
            Link(1, "a", int(age * 1000) + 9, 300),
            Link(2, "a", int(age * 1000) + 9, int(age * 1000)),
        ],
        clock,
    )
    assert (found, bodies[0].late) == ([1], True)


def test_where_it_can_not_be_told_nothing_is_closed(watch) -> None:
    clock = Clock()
    bodies = reading(clock)
    both = lambda age: [Link(n, "a", int(age * 1000) + 9, int(age * 1000)) for n in (1, 2)]  # noqa: E731
    assert (watch(bodies, both, clock), bodies[0].late) == ([], False)
    clock, again = Clock(), None
    again = reading(clock, count=2)
    assert sorted(set(watch(again, both, clock))) == [1, 2] and all(one.late for one in again)


def test_a_body_that_has_arrived_is_looked_after_no_more_and_a_late_one_is_refused() -> None:
    class Given:
        def read(self, size: int) -> bytes:
            return b"abc"

    clock = Clock()
    made = Watch(seconds=60.0, port=1, clock=clock)
    made._thread = threading.current_thread()
    whole = Body(given=Given(), length=3, peer="a", begun=clock.now, watch=made)
    assert (whole.read(3), made._reading) == (b"abc", {})
    short = Body(given=Given(), length=9, peer="a", begun=clock.now, watch=made, late=True)
    with pytest.raises(BodyLate):
        short.read(9)
