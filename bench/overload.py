"""`python -m bench.overload`: R7, four times as many orders as one OMS process can take.

In one run: one caller (the unloaded p95), eight callers (what the process can do), then new orders at four times that rate whether
answers come or not. Printed: p95 of what was accepted beside the unloaded one (floor 5, moonshot 2), what became of the rest (all must be
503 with Retry-After), how fast those were told, and whether every accepted order is in the database once. Exit code 1 when it is not so.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from ambar.cli.systems import free_port
from bench.intake import Intake

TIMES = 4
CALM_SECONDS, SECONDS = 3.0, float(os.environ.get("AMBAR_BENCH_SECONDS", "6"))
MOST_RATE = 4000
FLOOR, MOONSHOT = 5.0, 2.0


@dataclass
class Told:
    """What callers were answered: seconds per outcome, and the numbers of the orders that were taken."""

    took: dict[str, list[float]] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)

    def note(self, outcome: str, seconds: float) -> None:
        self.took.setdefault(outcome, []).append(seconds)

    def p95(self, outcome: str) -> float:
        took = sorted(self.took.get(outcome, ()))
        return took[int(len(took) * 0.95)] if took else float("nan")

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter({outcome: len(took) for outcome, took in self.took.items()}))


ACCEPTED, SHED = "accepted", "503 with Retry-After"


class Caller:
    """Keep-alive connections to the intake; one request each at a time, as few bytes of Python as it takes."""

    def __init__(self, intake: Intake) -> None:
        self._port = intake.port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._head = (
            f"POST /api/v1/oms/intake/orders/ HTTP/1.1\r\nHost: 127.0.0.1:{intake.port}\r\nAuthorization: Token {intake.token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self.new_order: Callable[[], dict[str, object]] = intake._order

    async def call(self, told: Told) -> None:
        """One new order."""
        await self.send(told, self.new_order())

    async def send(self, told: Told, order: dict[str, object]) -> None:
        body = json.dumps(order).encode()
        begun = time.perf_counter()
        try:
            reader, writer = (
                self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
            )
            writer.write(self._head + str(len(body)).encode() + b"\r\n\r\n" + body)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            told.note(type(error).__name__, time.perf_counter() - begun)
            return
        took = time.perf_counter() - begun
        self._idle.append((reader, writer))
        status = int(head.split(b" ")[1])
        if status < 300:
            told.accepted.append(str(order["number"]))
            told.note(ACCEPTED, took)
        else:
            told.note(SHED if status == 503 and b"retry-after:" in head else str(status), took)

    async def in_turn(self, callers: int, seconds: float) -> Told:
        """So many callers, each again as soon as it is answered."""
        told, end = Told(), time.perf_counter() + seconds

        async def one() -> None:
            while time.perf_counter() < end:
                await self.call(told)

        await asyncio.gather(*(one() for _ in range(callers)))
        return told

    async def at_rate(self, rate: float, seconds: float) -> Told:
        """New orders at a rate, whether answers come or not."""
        told, begun, calls = Told(), time.perf_counter(), set()
        for n in range(int(rate * seconds)):
            if (wait := begun + n / rate - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            call = asyncio.create_task(self.call(told))
            calls.add(call)
            call.add_done_callback(calls.discard)
        await asyncio.gather(*calls)
        return told

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


async def _measure(intake: Intake) -> tuple[Told, Told, float, Told]:
    caller = Caller(intake)
    try:
        await caller.in_turn(8, 1.0)
        unloaded = await caller.in_turn(1, CALM_SECONDS)
        busy = await caller.in_turn(8, CALM_SECONDS)
        rate = min(TIMES * busy.counts.get(ACCEPTED, 0) / CALM_SECONDS, MOST_RATE)
        return unloaded, busy, rate, await caller.at_rate(rate, SECONDS)
    finally:
        caller.close()


def overload(environment: dict[str, str], database: str) -> bool:
    """Measures, prints, and answers whether everything holds."""
    with Intake(environment, free_port(), workers=1, threads=8) as intake:
        unloaded, busy, rate, over = asyncio.run(_measure(intake))
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "select count(*), count(distinct number) from oms_orders_order where number = any(%s)",
            [over.accepted],
        ).fetchone()
    kept = row == (len(over.accepted), len(over.accepted))
    told = set(over.counts) <= {ACCEPTED, SHED}
    ratio = over.p95(ACCEPTED) / unloaded.p95(ACCEPTED)
    level = "moonshot" if ratio <= MOONSHOT else "floor" if ratio <= FLOOR else "BELOW FLOOR"
    print(
        f"R7  {rate:.0f} orders/s offered for {SECONDS:.0f} s, {TIMES} x what one process takes: {over.counts}\n"
        f"    p95 of accepted {over.p95(ACCEPTED) * 1000:.1f} ms, unloaded {unloaded.p95(ACCEPTED) * 1000:.1f} ms (one caller),"
        f" {busy.p95(ACCEPTED) * 1000:.1f} ms (eight) = {ratio:.1f}  {level} (floor {FLOOR:.0f}, moonshot {MOONSHOT:.0f})\n"
        f"    p95 of the 503: {over.p95(SHED) * 1000:.1f} ms; whoever was not accepted was told 503 with Retry-After: {'yes' if told else 'NO'};"
        f" what was accepted is there once: {'yes' if kept else 'NO'}"
    )
    return told and kept and ratio <= FLOOR


def main() -> int:
    """A scratch database, one run."""
    from bench.__main__ import Bench

    bench = Bench()
    try:
        return 0 if overload(bench.environment, bench.environment["AMBAR_OMS_DATABASE_URL"]) else 1
    finally:
        bench.close()


if __name__ == "__main__":
    raise SystemExit(main())
