"""Who may come in: so many requests are worked on at once, so many wait for a short while, the rest is told so at once.

A queue that takes everything makes everybody late, also those it could have served; one that ends says no in time to go
elsewhere. Waiting has two lengths: a burst may fill `waiting` places, but one that ran over was no burst, and until nobody
has been refused for `CALM_SECONDS` half as many are worked on and only `tight` may wait, so that those who are let in are served about as fast as
ever. Who only waits for another one to carry out its call with its own steps aside, and the next is let in to join them.
Source: our decisions, `docs/decisions/0074-refusing-in-time.md` and `0083-stepping-aside.md`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Refused = Literal["full", "late"]
CALM_SECONDS = 1.0
IN_A_ROW = 3
"""So many who go first are served before one of the others, should there be more of them."""

SPARE = 4
"""Threads that never work: they are there to say no, and to tell that the process is alive."""


class _Waiting:
    __slots__ = ("called", "turn")

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.turn.acquire()
        self.called = False


class Gate:
    """Lets `at_once` in; whoever asks beyond it waits in a bounded queue. Safe to use from many threads.

    :param at_once: requests worked on at the same time, 1 or more.
    :param waiting: places to wait, 0 or more.
    :param seconds: longest wait.
    :param clock: seconds that only go forward.
    """

    def __init__(
        self, *, at_once: int, waiting: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.at_once = max(1, at_once)
        self.waiting = max(0, waiting)
        self.tight = min(self.waiting, max(1, self.at_once // 4))
        self.kept = kept(self.waiting)
        self.most_aside = min(3 * self.at_once, self.waiting // 4)
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._in_work = 0
        self._aside = 0
        self._first: deque[_Waiting] = deque()
        self._others: deque[_Waiting] = deque()
        self._in_a_row = 0
        self._tight_until = float("-inf")

    def enter(self, *, first: bool = False) -> Refused | None:
        """Takes a place to work, waiting for it if need be. Whoever is let in (None) must `leave`.

        :param first: goes before the others, and has some places to wait that are kept for it.
        """
        with self._lock:
            if self._in_work < self._at_once_now():
                self._in_work += 1
                return None
            if self._beyond() >= self._places(first):
                return self._no("full")
            mine = _Waiting()
            queue = self._first if first else self._others
            queue.append(mine)
        if mine.turn.acquire(timeout=self.seconds):
            return None
        with self._lock:
            if mine.called:  # the turn came in the very moment the wait was over
                return None
            queue.remove(mine)
            return self._no("late")

    def leave(self) -> None:
        """Gives the place to who waits longest, or back."""
        with self._lock:
            called = self._given_up()
        for following in called:
            following.turn.release()

    def step_aside(self) -> bool:
        """Gives the place to who waits longest for as long as others work on one's own call; whether it does. Then `step_back`.

        Whoever stands aside takes one of the places to wait. During an overload nobody steps aside: fewer are to be inside.
        """
        with self._lock:
            if self._aside >= self.most_aside or self._ran_over():
                return False
            self._aside += 1
            called = self._given_up()
        for following in called:
            following.turn.release()
        return True

    def step_back(self) -> None:
        """Works again, at once: what is left to do is little."""
        with self._lock:
            self._aside -= 1
            self._in_work += 1

    def _given_up(self) -> list[_Waiting]:
        """Who is called now that one place is free."""
        called = []
        self._in_work -= 1
        while self._in_work < self._at_once_now() and (following := self._following()):
            self._in_work += 1
            following.called = True
            called.append(following)
        return called

    @property
    def in_work(self) -> int:
        """Requests worked on now."""
        return self._in_work

    @property
    def queued(self) -> int:
        """Requests that wait now, those aside included."""
        return self._queued() + self._aside

    def _beyond(self) -> int:
        """Who is inside beyond those worked on at once: a server has a thread for each of them."""
        return self._queued() + self._aside + max(0, self._in_work - self.at_once)

    def _queued(self) -> int:
        return len(self._first) + len(self._others)

    def _ran_over(self) -> bool:
        return self._clock() < self._tight_until

    def _at_once_now(self) -> int:
        """Half as many during an overload: side by side on the same cores each of them would only take longer."""
        return -(-self.at_once // 2) if self._ran_over() else self.at_once

    def _places(self, first: bool) -> int:
        places = self.tight if self._ran_over() else self.waiting
        return places + self.kept if first else places

    def _no(self, why: Refused) -> Refused:
        self._tight_until = self._clock() + CALM_SECONDS
        return why

    def _following(self) -> _Waiting | None:
        if self._first and (self._in_a_row < IN_A_ROW or not self._others):
            self._in_a_row += 1
            return self._first.popleft()
        self._in_a_row = 0
        return self._others.popleft() if self._others else None


class _Inside(threading.local):
    gate: Gate | None = None


inside = _Inside()
"""The gate through which this thread's request came, while it is worked on."""


@contextmanager
def aside() -> Iterator[None]:
    """While the block runs, this thread only waits for another one that works for both; without a gate it makes no difference."""
    gate = inside.gate
    if gate is None or not gate.step_aside():
        yield
        return
    try:
        yield
    finally:
        gate.step_back()


def kept(waiting: int) -> int:
    """Places to wait that are kept for who goes first."""
    return -(-waiting // 8)


def threads(at_once: int, waiting: int) -> int:
    """How many threads a server needs so that whoever is refused never waits for one."""
    return at_once + waiting + kept(waiting) + SPARE
