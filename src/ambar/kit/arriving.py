"""Bodies of requests that are still on their way: so long may they take, then their connection is closed for what comes.

The server reads a body in the thread of the request and waits as long as its sender likes; nothing but an end of the connection ends
that wait. Which connection a request came over the server does not tell, so it is found: of the sockets of this process with the
caller's address it is the one that has been waiting for an answer since the request began, whatever came and went over the others.
Where that is no single one, nothing is closed and it is looked for again. Source: our decision, `docs/decisions/0090-slow-bodies.md`.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from django.core.exceptions import SuspiciousOperation

log = structlog.get_logger("ambar.web")

TICK_SECONDS = 1.0
LATE_MS, EARLY_MS = 50, 2000
"""A connection's last answer may seem so much younger than the request; its request came at most so long before a thread took it."""
_HERE = Path("/proc/self/fd")
_TIMES = struct.Struct("=44xI4xI")
"""Of Linux's `tcp_info`: milliseconds since something was sent, and since something came."""


class BodyLate(SuspiciousOperation):
    """The body did not arrive in time."""


@dataclass(frozen=True, slots=True)
class Link:
    """A connection of this process, named by the inode of its socket: how long ago (ms) something was sent, and came."""

    inode: int
    peer: str
    sent_ms: int
    came_ms: int

    def may_bring(self, age_ms: float) -> bool:
        """Whether a request that began so long ago may be the one this connection waits for an answer to."""
        return (
            self.sent_ms >= age_ms - LATE_MS
            and self.came_ms <= age_ms + EARLY_MS
            and self.came_ms <= self.sent_ms
        )


@dataclass(slots=True, eq=False)
class Body:
    """A body as the application reads it; `late` once its time was over.

    :param given: what the server gives to read. :param length: bytes the caller has announced.
    """

    given: Any
    length: int
    peer: str
    begun: float
    watch: Watch
    read_since: float | None = None
    late: bool = False
    suspects: set[int] | None = None
    _got: int = 0

    def read(self, size: int = -1) -> bytes:
        return self._taken(self.given.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._taken(self.given.readline, size)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def _taken(self, read: Callable[[int], bytes], size: int) -> bytes:
        if self._got >= self.length:
            return read(size)
        self.watch.begin(self)
        try:
            data = read(size)
        finally:
            self.watch.end(self)
        self._got += len(data)
        if self.late:
            raise BodyLate("The body did not arrive in time.")
        return data


@dataclass(slots=True)
class Watch:
    """Looks after bodies that are being read; its thread sleeps while there are none.

    :param seconds: how long reading one may take altogether. :param port: of the server.
    """

    seconds: float
    port: int
    clock: Callable[[], float] = time.monotonic
    _reading: dict[int, Body] = field(default_factory=dict)
    _some: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def begin(self, body: Body) -> None:
        """This body is being read from now on, or further."""
        if body.read_since is None:
            body.read_since = self.clock()
        self._reading[id(body)] = body
        if not self._some.is_set():
            self._some.set()
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                self._start()

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._forever, name="slow bodies", daemon=True)
            self._thread.start()

    def end(self, body: Body) -> None:
        """Nobody reads it any more."""
        self._reading.pop(id(body), None)

    def _forever(self) -> None:
        while True:
            self._some.wait()
            time.sleep(min(TICK_SECONDS, self.seconds / 4))
            if self._reading:
                self.look()
                continue
            self._some.clear()
            if self._reading:  # begun in this very moment
                self._some.set()

    def look(self) -> None:
        """Narrow down which connections slow bodies come over; close those whose time is over."""
        now, tick = self.clock(), min(TICK_SECONDS, self.seconds / 4)
        slow = [body for body in list(self._reading.values()) if now - body.begun >= tick]
        if not slow:
            return
        links = list(connections(self.port, {body.peer for body in slow}))
        for body in slow:
            age_ms = (now - body.begun) * 1000
            found = {link.inode for link in links if link.peer == body.peer and link.may_bring(age_ms)}
            body.suspects = found if body.suspects is None else body.suspects & found
        over = [
            body for body in slow if body.read_since is not None and now - body.read_since >= self.seconds
        ]
        for body in over:
            self._close(body, [other for other in over if other.peer == body.peer], links)

    def _close(self, body: Body, alike: list[Body], links: list[Link]) -> None:
        suspects = body.suspects or set()
        if len(suspects) > 1:
            # What still trickles in belongs to a body; a connection whose request is worked on is silent.
            tick_ms = 2000 * min(TICK_SECONDS, self.seconds / 4)
            trickling = {link.inode for link in links if link.inode in suspects and link.came_ms < tick_ms}
            every = set.union(*(other.suspects or set() for other in alike))
            suspects = suspects if len(every) <= len(alike) else trickling
        if not suspects:
            return
        body.late = True
        for other in alike:
            # Those it could not be told from are as late, and lose their connections together.
            if other.suspects and other.suspects & suspects:
                other.late = True
        for inode in suspects:
            if hang_up(inode):
                log.warning("body_late", peer=body.peer, seconds=self.seconds)


def connections(port: int, peers: set[str]) -> Iterator[Link]:
    """The connections of this process at `port` with these addresses; none where the system does not tell (Linux does)."""
    for inode, one in _sockets():
        with one, suppress(OSError, ValueError, struct.error):
            here, there = one.getsockname(), one.getpeername()
            if one.type == socket.SOCK_STREAM and here[1:2] == (port,) and there[0] in peers:
                info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
                sent, came = _TIMES.unpack_from(info)
                yield Link(inode, there[0], sent, came)


def hang_up(inode: int) -> bool:
    """Let nothing more come over a connection; what is being answered still goes out. Whether it was there."""
    for found, one in _sockets():
        with one:
            if found == inode:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RD)
                    return True
    return False


def _sockets() -> Iterator[tuple[int, socket.socket]]:
    """(inode, a handle of its own) of each socket of this process."""
    with suppress(OSError):
        for entry in _HERE.iterdir():
            with _handle(entry) as found:
                if found is not None:
                    yield found


@contextmanager
def _handle(entry: Path) -> Iterator[tuple[int, socket.socket] | None]:
    inode, copy = -1, -1
    with suppress(OSError, ValueError):
        target = str(entry.readlink())
        if target.startswith("socket:["):
            inode, copy = int(target[8:-1]), os.dup(int(entry.name))
    if copy < 0:
        yield None
        return
    try:
        one = socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        yield None
        return
    with one:
        # The number may have been given to another file meanwhile.
        yield (inode, one) if os.fstat(one.fileno()).st_ino == inode else None
