"""A loop of the worker run round by round in the caller's thread: how long it pauses is noted, not waited for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ambar.kit.work.heartbeats import Pulse
from ambar.kit.work.registry import Loop
from ambar.kit.work.worker import Worker


class Paused:
    """Stands for the worker's `stop`: notes each pause and does what is to happen in it; stops when nothing is left to happen."""

    def __init__(self, meanwhile: Sequence[Callable[[], Any]]) -> None:
        self.pauses: list[float] = []
        self._meanwhile = list(meanwhile)
        self._over = False

    def is_set(self) -> bool:
        return self._over

    def wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        if self._meanwhile:
            self._meanwhile.pop(0)()
        else:
            self._over = True
        return self._over

    def clear(self) -> None:
        """As a wake-up: nobody wakes the loop here."""


def rounds(loop: Loop, *meanwhile: Callable[[], Any]) -> list[float]:
    """Run the loop; in its first pause the first of `meanwhile` happens, and so on. The pauses in order, the last one included."""
    worker, paused = Worker(), Paused(meanwhile)
    worker.stop = paused  # type: ignore[assignment]
    worker._drain_until_stopped(loop, paused, Pulse(name=loop.name))  # type: ignore[arg-type]
    return paused.pauses
