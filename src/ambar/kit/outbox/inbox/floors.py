"""Where a loop begins to look for waiting events: applied ones before it need not be passed over again and again.

A long transaction elsewhere keeps what was applied long ago in the index, and a look that begins at the first row costs more
with every event. So a loop remembers the oldest event that waits for it, and begins a little before that; every ten seconds it begins at
the very first, for a transaction that took its number early and committed late. Source: our decision, as for deliveries.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

MARGIN = 1000
"""Events before the oldest waiting one that are looked at all the same: numbers are given out before they are committed."""
SWEEP_SECONDS = 10.0
LEARN_SECONDS = 1.0


@dataclass(slots=True)
class Floor:
    """The floor of one loop. Its threads share it; a look too far back does no harm."""

    clock: Callable[[], float] = time.monotonic
    at: int = 0
    swept_at: float = float("-inf")
    seen_at: float = float("-inf")

    def begin(self) -> int:
        """The least id to look at now."""
        if self.clock() - self.swept_at >= SWEEP_SECONDS:
            self.swept_at = self.clock()
            return 0
        return self.at

    def is_old(self) -> bool:
        """Whether to ask for it anew although there is something to do: a backlog may last for minutes."""
        return self.clock() - self.seen_at >= LEARN_SECONDS

    def seen(self, *, oldest: int | None, newest: int) -> None:
        """Takes over what a look found: the oldest event that waits, due or not, and the newest there is."""
        self.seen_at = self.clock()
        self.at = max(0, (newest if oldest is None else oldest) - MARGIN)
