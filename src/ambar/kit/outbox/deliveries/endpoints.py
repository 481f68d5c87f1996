"""Where deliveries go: one scheme, host and port with its breaker, its window, its share of posts and its rate."""

from __future__ import annotations

from asyncio import Semaphore
from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

from ambar.kit.outbox.domain.breaker import Breaker

Lane = TypeVar("Lane")

LATE_SECONDS = 0.1
"""So long after its turn a post may still go out, into the turn of another process."""
SMALLEST_WINDOW, LARGEST_WINDOW = 64, 800


@dataclass(slots=True)
class Endpoint(Generic[Lane]):
    """The unit of concurrency, breaker, rate and fairness.

    :param window: rows held claimed at most; grows while the endpoint is quick, shrinks when it is slow.
    :param share: posts under way at most; halved by every answer of an ill endpoint, one more once as many as it is were answered
        well: one that refuses what is too much for it is not asked for too much again at once.
    :param rate: posts a second at most (of all processes together), 0 = as many as it takes.
    :param places: moments under that cap which claims have taken for what is held, each with the end of its claim's turn.
    :param known_ill: all workers know that it fails (there is a row of its health).
    :param calls: one for each call under way, `most` in all; of what rides in bundles many share one.
    :param paused: it has failed for so long that nothing but a rare probe goes out.
    """

    origin: str
    number: int
    most: int
    breaker: Breaker = field(default_factory=Breaker)
    lanes: deque[Lane] = field(default_factory=deque)
    held: int = 0
    running: int = 0
    window: int = SMALLEST_WINDOW
    filled_at: float = 0.0
    share: int = 0
    grown: float = 0.0
    rate: float = 0.0
    next_at: float = 0.0
    places: deque[tuple[float, float]] = field(default_factory=deque)
    known_ill: bool = False
    paused: bool = False
    asked: float = 0.0
    calls: Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.share = self.most
        self.calls = Semaphore(self.most)

    def budget(self, *, seconds: float) -> int:
        """How many rows to hold at most, so that all of them can be sent within `seconds`."""
        return min(self.window, max(1, int(self.rate * seconds))) if self.rate else self.window

    def claimed(self, rows: int, now: float) -> None:
        """Rows were claimed for it."""
        if self.held == 0:
            self.filled_at = now
        self.held += rows

    def finished(self, rows: int, now: float) -> None:
        """Adapts the window when a fill has drained."""
        self.held -= rows
        if self.held > self.window // 2:
            return
        took = now - self.filled_at
        if took < 1.0:
            self.window = min(self.window * 2, LARGEST_WINDOW)
        elif took > 4.0:
            self.window = max(self.window // 2, SMALLEST_WINDOW)
        self.filled_at = now

    def placed(self, rows: int, until: float, now: float) -> None:
        """A claim took so many places, the last one ending `until` seconds from now; called before `claimed`.

        What was given back unsent leaves places behind: no more are kept than there are rows to send.
        """
        while len(self.places) > self.held:
            self.places.popleft()
        if self.rate:
            self.places.extend((now + until - (rows - n) / self.rate, now + until) for n in range(rows))

    def turn(self, now: float) -> float | None:
        """Takes the next place under the rate cap; the seconds until then, `None` when the turn is over and another's began."""
        if not self.rate:
            return 0.0
        place, end = self.places.popleft() if self.places else (now, inf)  # claimed before there was a cap
        at = max(place, self.next_at, now)
        if at > end + LATE_SECONDS:
            return None
        self.next_at = at + 1 / self.rate
        return at - now

    def wait(self, seconds: float, now: float) -> None:
        """Another process was asked to leave it alone for so long: after that begin with a probe."""
        self.breaker.open_until = max(self.breaker.open_until, now + seconds)

    def answered_well(self) -> None:
        """It is well: closed, and a step nearer to its full share."""
        self.breaker.succeeded()
        if self.share < self.most:
            self.grown += 1 / self.share
            if self.grown > 0.999:
                self.share, self.grown = self.share + 1, 0.0

    def answered_ill(self, now: float, *, retry_after: float | None) -> None:
        """It is ill: half the share, and the breaker counts."""
        self.share, self.grown = max(1, self.share // 2), 0.0
        self.breaker.failed(now, retry_after=retry_after, paused=self.paused)

    def take_health(self, row: tuple[bool, float] | None, now: float) -> None:
        """What all workers know: `(paused, when a person last asked for a probe)`, or `None` for a well endpoint.

        A worker that starts beside an ill endpoint begins with a probe; one whose endpoint another found well does too.
        """
        if row is None:
            if self.known_ill:
                self.breaker.ask()
            self.known_ill = self.paused = False
            return
        paused, asked = row
        if not self.known_ill:
            self.breaker.trip(now)
            self.asked = asked
        elif asked > self.asked:
            self.asked = asked
            self.breaker.ask()
        self.known_ill, self.paused = True, paused
