"""`python -m tests.faults.drills`: how well the rest goes on while something is bad, measured on the running systems.

* one of twenty endpoints hangs: the rate of the other nineteen beside their rate when all are well;
* four and sixteen times as many callers of the intake as it serves best: what they are answered, and how fast;
* a transaction stays open for `--minutes` while 200 events a second are delivered: the p95 of claims at the end beside that before.

Every figure is a ratio within one run. `--keep` adds them to `docs/reference/faults.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import aiohttp

from ambar.cli import systems
from tests.faults import report
from tests.faults.ground import Ground, new_ground
from tests.faults.invariants import under_way
from tests.faults.watching import until

ENDPOINTS = 20
EVENTS = 1000
"""For each endpoint: seconds of work, so that the end of a round of looks weighs little."""
FIRST_MADE = 900_000_000_000
"""Records that only the drill's own events are about, from this id on."""
CALLERS = 8
OVERLOADS = (4, 16)
SECONDS = 5.0
EVENT_TYPE = "package.status.transitioned"


class Row:
    """A row of receivers on loopback, one port each, that take everything; those in `hung` take it and never answer."""

    def __init__(self, count: int) -> None:
        self.taken: Counter[int] = Counter()
        self.hung: set[int] = set()
        self.ports: list[int] = []
        self._count = count
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="receivers", daemon=True)

    def __enter__(self) -> Row:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        servers = []
        for place in range(self._count):
            server = self._loop.run_until_complete(
                asyncio.start_server(lambda r, w, place=place: self._serve(place, r, w), systems.LOOPBACK, 0)
            )
            servers.append(server)
            self.ports.append(server.sockets[0].getsockname()[1])
        self._ready.set()
        self._loop.run_forever()
        for server in servers:
            server.close()
        self._loop.run_until_complete(asyncio.sleep(0.1))
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _serve(self, place: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line[15:])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                )
                await reader.readexactly(length)
                if place in self.hung:
                    await asyncio.Event().wait()
                self.taken[place] += 1
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()


@contextmanager
def _hooks(ground: Ground, ports: Sequence[int]) -> Iterator[list[int]]:
    """A hook of the OMS for each port, while the block runs; what was not delivered to them goes with them."""
    oms = ground.stage.wire("oms")
    made = [
        oms.post(
            "/api/v1/whisperer/hooks/",
            {
                "target_url": f"http://{systems.LOOPBACK}:{port}/in/",
                "event_type": EVENT_TYPE,
                "is_active": True,
                "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 1}},
            },
        )["id"]
        for port in ports
    ]
    try:
        yield made
    finally:
        with ground.connection("oms") as one:
            one.execute("update outbox_hook set is_active = false where id = any(%s)", [made])
            one.execute("delete from outbox_delivery where hook_id = any(%s)", [made])
            one.execute("delete from outbox_event where aggregate_id > %s", [FIRST_MADE])


def one_hangs(ground: Ground) -> dict[str, Any]:
    """The time in which nineteen endpoints get what is theirs, with the twentieth well and hanging."""
    with Row(ENDPOINTS) as row, _hooks(ground, row.ports) as hooks:
        well = _deliver(ground, row, hooks)
        row.hung = {ENDPOINTS - 1}
        hanging = _deliver(ground, row, hooks)
    return {
        "name": f"one of {ENDPOINTS} endpoints hangs",
        "figures": f"the other {ENDPOINTS - 1} get {EVENTS} events each in {hanging:.1f} s, in {well:.1f} s when all are well",
        "ratio": round(well / hanging, 2),
        "goal": "rate of the others at least 0.90",
    }


def _deliver(ground: Ground, row: Row, hooks: list[int]) -> float:
    row.taken.clear()
    others = range(ENDPOINTS - 1)
    begun = time.monotonic()
    with ground.connection("oms") as one:
        one.execute(
            "with made as (insert into outbox_event (uuid, type, kind, aggregate_id, sequence, payload, created_at)"
            " select gen_random_uuid(), %s, e.kind, %s + n, 1, e.payload, now()"
            " from (select * from outbox_event where kind = 'package' and payload <> '' order by id desc limit 1) e,"
            " generate_series(1, %s) n"
            " returning id, kind, aggregate_id)"
            " insert into outbox_delivery (event_id, hook_id, kind, aggregate_id, state, attempts, attempt_limit, due_at, last_status, last_error)"
            " select e.id, h, e.kind, e.aggregate_id, 0, 0, 18, now(), 0, '' from made e, unnest(%s::bigint[]) h order by e.id, h",
            [EVENT_TYPE, FIRST_MADE, EVENTS, hooks],
        )
        one.execute("select pg_notify('ambar_work', 'deliveries')")
    until(lambda: all(row.taken[place] >= EVENTS for place in others), "all others are served", seconds=120)
    return time.monotonic() - begun


def overload(ground: Ground) -> list[dict[str, Any]]:
    """Many callers of the OMS's intake with an order it has already; what they are answered."""
    center = ground.stage.wire("seller_center", token=ground.stage.tokens["seller_oms"])
    order = center.get("/api/v1/applications/oms/orders/", limit=1)["results"][0]
    calm = asyncio.run(_call(ground, order, CALLERS))
    rows = []
    for times in OVERLOADS:
        busy = asyncio.run(_call(ground, order, CALLERS * times))
        statuses = ", ".join(f"{n} × {status}" for status, n in sorted(busy["statuses"].items()))
        rows.append({
            "name": f"{CALLERS * times} callers of the intake instead of {CALLERS}",
            "figures": f"{statuses}; p95 of what was accepted {busy['p95'] * 1000:.0f} ms, {calm['p95'] * 1000:.0f} ms with {CALLERS}",
            "ratio": round(busy["p95"] / calm["p95"], 1),
            "goal": "5 or less; whoever is refused is told 503 with Retry-After",
        })  # fmt: skip
    return rows


async def _call(ground: Ground, order: Any, callers: int) -> dict[str, Any]:
    url = f"{ground.stage.url('oms')}/api/v1/oms/intake/orders/"
    headers = {"Authorization": f"Token {ground.stage.tokens['oms']}"}
    end = time.monotonic() + SECONDS
    took: list[float] = []
    statuses: Counter[str] = Counter()

    async def one(session: aiohttp.ClientSession) -> None:
        while time.monotonic() < end:
            at = time.monotonic()
            async with session.post(url, json=order) as answer:
                await answer.read()
                told = answer.status == 503 and "Retry-After" in answer.headers
                statuses[f"{answer.status}{' with Retry-After' if told else ''}"] += 1
                if answer.status < 300:
                    took.append(time.monotonic() - at)

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        await asyncio.gather(*(one(session) for _ in range(callers)))
    return {"statuses": statuses, "p95": sorted(took)[int(len(took) * 0.95)] if took else float("nan")}


def stays_open(ground: Ground, minutes: float) -> dict[str, Any]:
    """What claims cost after a transaction was idle for so long, beside what they cost before it began (F10)."""
    worker = ground.pid("oms-worker")
    with Row(1) as row, _hooks(ground, row.ports) as hooks:
        os.kill(worker, signal.SIGSTOP)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "tests.faults.pinned", str(hooks[0]), "--minutes", str(minutes)],
                env={
                    **ground.stage.supervisor.environment(systems.OMS),
                    "DJANGO_SETTINGS_MODULE": "ambar.oms.settings",
                },
                capture_output=True,
                text=True,
            )
        finally:
            os.kill(worker, signal.SIGCONT)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told = json.loads(done.stdout)
    return {
        "name": f"a transaction is idle for {minutes:g} minutes at 200 events a second",
        "figures": f"p95 of claims {told['after_ms']:.1f} ms at the end, {told['before_ms']:.1f} ms before it began; of a core of PostgreSQL"
        f" {told['after_core_ms']:.1f} ms and {told['before_core_ms']:.1f} ms (the ratio, for it does not depend on what else the machine does);"
        f" {told['made']} events, {told['left']} left, {told['dead']} dead rows",
        "ratio": round(told["after_core_ms"] / told["before_core_ms"], 2),
        "goal": "5 or less, better 1.5",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.drills", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="add the figures to docs/reference/faults.md")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long a transaction stays open")
    parser.add_argument("--only", choices=["hangs", "overload", "open"], help="one of the drills")
    given = parser.parse_args(arguments)
    with new_ground() as ground:
        traffic = ground.traffic(orders=60, rate=10.0)
        traffic.start()
        until(lambda: traffic.finished and not under_way(ground), "everything settled", seconds=180)
        drills: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "hangs": lambda: [one_hangs(ground)],
            "overload": lambda: overload(ground),
            "open": lambda: [stays_open(ground, given.minutes)],
        }
        rows = [row for name, drill in drills.items() if given.only in (None, name) for row in drill()]
    print(json.dumps(rows, indent=1, ensure_ascii=False))
    if given.keep:
        report.keep_drills(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
