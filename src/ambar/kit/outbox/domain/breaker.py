"""The circuit breaker of one endpoint: an ill receiver is asked rarely, and only by one message at a time."""

from __future__ import annotations

from dataclasses import dataclass

TRIPS_AFTER = 8
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
PAUSED_PROBE_SECONDS = 300.0
"""Between two probes of an endpoint that is paused after long failure."""
LONGEST_ASKED_SECONDS = 3600.0
"""No `Retry-After` keeps the whole endpoint waiting for longer."""


@dataclass(slots=True)
class Breaker:
    """Closed, open until a moment, or half-open with one probe under way.

    All times are seconds of one monotonic clock, given by the caller.
    """

    failures: int = 0
    open_until: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    probing: bool = False

    def state(self, now: float) -> str:
        """`closed`, `open` or `half-open`."""
        if self.failures < TRIPS_AFTER and self.open_until == 0.0:
            return "closed"
        return "open" if now < self.open_until else "half-open"

    def take(self, now: float) -> bool:
        """May a message be sent now? In half-open state the first caller becomes the probe."""
        state = self.state(now)
        if state == "closed":
            return True
        if state == "open" or self.probing:
            return False
        self.probing = True
        return True

    def succeeded(self) -> None:
        """The endpoint answered well: closed."""
        self.failures, self.open_until, self.pause, self.probing = 0, 0.0, FIRST_PAUSE_SECONDS, False

    def skipped(self) -> None:
        """What was taken was not sent after all: somebody else may probe."""
        self.probing = False

    def failed(self, now: float, *, retry_after: float | None = None, paused: bool = False) -> None:
        """The endpoint is ill; `retry_after` pauses it at once for the time it asked for."""
        probe, self.probing = self.probing, False
        self.failures += 1
        if retry_after is not None:
            self.open_until = max(self.open_until, now + min(retry_after, LONGEST_ASKED_SECONDS))
        if probe or self.failures == TRIPS_AFTER:
            self.open_until = max(self.open_until, now + (PAUSED_PROBE_SECONDS if paused else self.pause))
            self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)

    def trip(self, now: float) -> None:
        """Somebody else knows that the endpoint is ill: begin with a probe."""
        if self.failures < TRIPS_AFTER:
            self.failures, self.open_until = TRIPS_AFTER, max(self.open_until, now)

    def ask(self) -> None:
        """The next message is a probe, whatever the pause."""
        if self.failures >= TRIPS_AFTER or self.open_until:
            self.failures, self.open_until, self.pause = TRIPS_AFTER, 0.0, FIRST_PAUSE_SECONDS

    @property
    def tripped(self) -> bool:
        """Open or half-open after failures in a row."""
        return self.failures >= TRIPS_AFTER
