"""The stream of shop orders: made by the seeded generator, placed in Omnitron at a steady rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from ambar.cli.demo.world import SUPPLIERS, World
from ambar.cli.wire import Unexpected, Wire
from ambar.omnitron.catalogue import sample

TICK_SECONDS = 0.2


@dataclass(slots=True)
class Placed:
    """Orders placed in this run."""

    orders: int = 0
    numbers: dict[str, float] = field(default_factory=dict)
    """order number → when its placing was asked for (seconds since the epoch)."""


class Traffic:
    """Places `count` orders at `rate` per second; the stream goes on after the orders already there.

    A lost answer is asked for again: order numbers are unique per channel, so a repeat places nothing twice.
    """

    def __init__(
        self, wire: Wire, world: World, *, seed: int, count: int, rate: float, on_error: Callable[[str], None]
    ) -> None:
        self.wire, self.count, self.rate, self.on_error = wire, count, rate, on_error
        self.placed = Placed()
        stream = sample.orders(
            seed, channel=world.channel, catalogue=world.goods, suppliers=SUPPLIERS, start=datetime.now(UTC)
        )
        self._stream = islice(stream, wire.count("/api/v1/orders/"), None)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(90)

    @property
    def finished(self) -> bool:
        return not self._thread.is_alive()

    def _run(self) -> None:
        begun = time.monotonic()
        while self.placed.orders < self.count and not self._stop.is_set():
            due = min(self.count, int((time.monotonic() - begun) * self.rate) + 1) - self.placed.orders
            if due > 0:
                self._place([next(self._stream) for _ in range(min(due, 100))])
            self._stop.wait(TICK_SECONDS)

    def _place(self, orders: list[dict[str, Any]]) -> None:
        at = time.time()
        stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        for order in orders:
            order["date_placed"] = stamp
            self.placed.numbers[order["number"]] = at
        answer = None
        while answer is None and not self._stop.is_set():
            try:
                answer = self.wire.post("/api/v1/orders/bulk/", {"orders": orders})
            except Unexpected as error:
                self.on_error(str(error))
                self._stop.wait(1)
        if answer is None:
            return
        refused = [row for row in answer["rows"] if row["result"] == "refused"]
        if refused:
            self.on_error(f"{len(refused)} orders refused, the first: {refused[0]}")
        self.placed.orders += len(orders)
