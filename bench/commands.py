"""Package commands (P5): packed, shipped and delivered, one command a request, each with its Idempotency-Key.

    python -m bench.commands [packages]                over HTTP, beside the bare HTTP intake of the same run
    python -m bench.commands cpu [packages] [--profile]    processor time alone, in one process (a migrated OMS database)

Five lines a package; every command writes the state of package and items, log, stock ledger and balances, quota, the
parcel, events with the whole record, order items, and the answer under its key. The bulk form does the same for 100
packages a request. `cpu` is for busy machines: it counts the processor time of this process and of PostgreSQL.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import os
import pstats
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.limits import wait_for

ROOT = Path(__file__).resolve().parent.parent
LIFE: tuple[dict[str, Any], ...] = (
    {"slug": "complete-packaging-from-waiting"},
    {"slug": "shipment-order", "tracking_number": "TR-{id}"},
    {"slug": "delivered-from-shipped"},
)
"""The commands of one package, in order."""
BULK = 100
THREADS = 16
"""Threads of each web process; callers at once in the count of processor time."""
ROUNDS = int(os.environ.get("AMBAR_BENCH_ROUNDS", "3"))


def prepare(packages: int) -> dict[str, Any]:
    """Plans so many packages of five lines over 50 locations and makes a token; `{"token", "ids"}`."""
    from datetime import UTC, datetime

    from django.db import connection

    from ambar.kit import accounts
    from ambar.oms.planning.actions.plan_orders import plan_orders
    from bench.planner import prepare as orders

    orders(packages, 50, 2_000)
    while plan_orders(limit=300, now=datetime.now(UTC)):
        pass
    user = accounts.ensure_user("bench", "bench-bench-1", ["integration", "admin"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT id FROM oms_packages_package WHERE state = 100 ORDER BY id")
        ids = [row[0] for row in cursor.fetchall()]
    return {"token": accounts.issue_token(user, name="bench"), "ids": ids}


def body_of(step: dict[str, Any], package_id: int) -> bytes:
    """The request of one command on one package."""
    return json.dumps({name: value.format(id=package_id) for name, value in step.items()}).encode()


def bulk_body(step: dict[str, Any], package_ids: list[int]) -> bytes:
    """The request of one command on many packages."""
    own = {name: value for name, value in step.items() if name != "slug"}
    entries: list[Any] = [
        {"package": i, **{name: value.format(id=i) for name, value in own.items()}} if own else i
        for i in package_ids
    ]
    return json.dumps({"slug": step["slug"], "packages": entries}).encode()


class Floor:
    """An OMS web tier of two workers over the given (migrated) database, with packages to command."""

    def __init__(self, environment: dict[str, str], port: int, packages: int) -> None:
        self.environment, self.port, self.packages = environment, port, packages

    def __enter__(self) -> Floor:
        made = subprocess.run(
            [sys.executable, "-m", "bench.commands", "prepare", str(self.packages)],
            env=self.environment, cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(made.stderr[-2000:])
        told = json.loads(made.stdout.splitlines()[-1])
        self.token, self.ids = told["token"], iter(told["ids"])
        self.server = subprocess.Popen(
            [sys.executable, "-m", "ambar.cli.main", "oms", "serve", "--port", str(self.port), "--workers", "2", "--threads", str(THREADS)],
            env=self.environment, start_new_session=True,
        )  # fmt: skip
        wait_for(f"http://127.0.0.1:{self.port}/healthz")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait(20)

    def single(self, *, clients: int = 32, seconds: float = 5.0) -> tuple[float, float]:
        """(commands per second, p95 of one in seconds); each caller takes a package through its life."""
        return self._load(self._lives(self.ids), clients, seconds, weight=1)

    def bulk(self, *, clients: int = 2, seconds: float = 5.0) -> float:
        """Commands per second, 100 packages a request."""
        return self._load(self._lives(self.ids, BULK), clients, seconds, weight=BULK)[0]

    @staticmethod
    def _lives(ids: Iterator[int], count: int = 0) -> Iterator[list[tuple[str, bytes]]]:
        root = "/api/v1/oms/packages/"
        while True:
            taken = [i for i, _ in zip(ids, range(count or 1), strict=False)]
            if len(taken) < (count or 1):
                raise RuntimeError("no packages are left: prepare more")
            if count:
                yield [(f"{root}bulk-command/", bulk_body(step, taken)) for step in LIFE]
            else:
                yield [(f"{root}{taken[0]}/command/", body_of(step, taken[0])) for step in LIFE]

    def _load(
        self, lives: Iterator[list[tuple[str, bytes]]], clients: int, seconds: float, *, weight: int
    ) -> tuple[float, float]:
        import aiohttp
        import uvloop

        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}

        async def go() -> tuple[float, float]:
            taken: list[float] = []
            end = time.perf_counter() + seconds
            connector = aiohttp.TCPConnector(limit=clients)
            async with aiohttp.ClientSession(
                f"http://127.0.0.1:{self.port}", connector=connector, headers=headers
            ) as session:

                async def one() -> None:
                    while time.perf_counter() < end:
                        for path, body in next(lives):
                            begun = time.perf_counter()
                            key = {"Idempotency-Key": os.urandom(12).hex()}
                            async with session.post(path, data=body, headers=key) as answer:
                                text = await answer.read()
                            if answer.status >= 300 or (weight > 1 and json.loads(text)["refused"]):
                                raise RuntimeError(f"{answer.status}: {text[:300]!r}")
                            taken.append(time.perf_counter() - begun)

                begun = time.perf_counter()
                await asyncio.gather(*(one() for _ in range(clients)))
                elapsed = time.perf_counter() - begun
            taken.sort()
            return len(taken) * weight / elapsed, taken[int(len(taken) * 0.95)]

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(go())


def over_http(packages: int) -> None:
    """Prints P5 and the bulk form beside the limit of the same run."""
    from ambar.cli.systems import free_port
    from bench.__main__ import Bench, alternate

    bench = Bench()
    try:
        with Floor(bench.environment, free_port(), packages) as floor:
            floor.single(clients=8, seconds=1)
            figure = alternate("P5", bench.http_limit, lambda: floor.single()[0])
            print(figure.line())
            single, p95 = floor.single(clients=8, seconds=3)
            print(f"    c=8: {single:.0f} commands/s, p95 {p95 * 1000:.1f} ms")
            bulk = floor.bulk()
            print(
                f"    bulk, {BULK} a request: {bulk:.0f} commands/s = {bulk / figure.ours:.1f} x the single ones"
            )
    finally:
        bench.close()


def processor(packages: int, *, profiled: bool) -> None:
    """Prints the processor time of each command, alone and in bulk."""
    import django

    django.setup()
    from django.core.wsgi import get_wsgi_application

    from bench.cpu import Meter, pace, wsgi_call

    told, application = prepare(packages), get_wsgi_application()
    third = len(told["ids"]) // 3
    alone, crowd = told["ids"][:third], told["ids"][third : 2 * third]
    together = told["ids"][2 * third : 2 * third + third // BULK * BULK]
    profile = cProfile.Profile(time.process_time)
    totals = {"single": 0.0, "bulk": 0.0}
    root = "/api/v1/oms/packages/"

    def post(path: str, body: bytes) -> bytes:
        key = os.urandom(12).hex()
        return wsgi_call(application, path, body, told["token"], HTTP_IDEMPOTENCY_KEY=key)

    def spend(name: str, step: dict[str, Any], calls: list[tuple[str, bytes]], pieces: int) -> None:
        post(*calls[0])
        meter = Meter()
        if profiled and name == "single":
            profile.enable()
        for path, body in calls[1:]:
            post(path, body)
        profile.disable()
        share = pieces - pieces // len(calls)
        here, there = (seconds / share * 1000 for seconds in meter.spent())
        totals[name] += here + there
        print(
            f"{name:6} {step['slug']:34} {here + there:7.3f} ms CPU each ({here:.3f} here + {there:.3f} PostgreSQL)"
        )

    print(f"pace {pace():.0f} ms")
    for step in LIFE:
        spend("single", step, [(f"{root}{i}/command/", body_of(step, i)) for i in alone], len(alone))
    crowded(lambda i: [post(f"{root}{i}/command/", body_of(step, i)) for step in LIFE], crowd)
    if len(together) <= BULK:
        print(f"for the bulk form prepare at least {6 * BULK} packages")
        return
    for step in LIFE:
        groups = [together[n : n + BULK] for n in range(0, len(together), BULK)]
        calls = [(f"{root}bulk-command/", bulk_body(step, group)) for group in groups]
        spend("bulk", step, calls, len(together))
    print(
        f"a command: {totals['single'] / len(LIFE):.3f} ms alone, {totals['bulk'] / len(LIFE):.3f} ms in bulk"
        f" ({totals['single'] / totals['bulk']:.1f} x); pace {pace():.0f} ms"
    )
    if profiled:
        pstats.Stats(profile).sort_stats(os.environ.get("SORT", "tottime")).print_stats(60)


def crowded(life: Callable[[int], object], ids: list[int]) -> None:
    """Prints what a command costs when so many callers take packages through their lives at once."""
    from concurrent.futures import ThreadPoolExecutor

    from bench.cpu import Meter

    with ThreadPoolExecutor(THREADS) as callers:
        list(callers.map(life, ids[: 2 * THREADS]))
        meter = Meter()
        list(callers.map(life, ids[2 * THREADS :]))
        share = (len(ids) - 2 * THREADS) * len(LIFE)
        here, there = (seconds / share * 1000 for seconds in meter.spent())
    print(
        f"crowd  {THREADS} callers at once                 {here + there:7.3f} ms CPU each ({here:.3f} here + {there:.3f} PostgreSQL)"
    )


def main(arguments: list[str]) -> None:
    """`prepare` is what the HTTP run calls in a process of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")
    counts = [int(given) for given in arguments if given.isdigit()]
    if "prepare" in arguments:
        import django

        django.setup()
        print(json.dumps(prepare(*counts)))
    elif "cpu" in arguments:
        processor(*(counts or [1200]), profiled="--profile" in arguments)
    else:
        over_http(*(counts or [12_000]))


if __name__ == "__main__":
    main(sys.argv[1:])
