"""A delivery engine at work while a transaction elsewhere stays open: what its claims cost before, and after so many minutes (F10, R8).

    python -m tests.faults.pinned <hook id> [--minutes 10] [--rate 200]

Runs in the environment of one system, whose own worker stands still meanwhile. Nothing that the transaction may still see can be
vacuumed: whatever was delivered since stays in the tables and their indexes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from ambar.kit import http
from ambar.kit.outbox.deliveries import process
from ambar.kit.outbox.deliveries.engine import Asked, Connection, Engine
from tests.worlds.waiting import LONG_SECONDS

FIRST_MADE = 900_000_000_000
"""Records that only these events are about, from this id on."""
CALM_SECONDS = 30.0
TICK_SECONDS = 0.05
_MAKE = """
with made as (
  insert into outbox_event (uuid, type, kind, aggregate_id, sequence, payload, created_at)
  select gen_random_uuid(), 'drill', 'drill', n, 1, '{"drill": true}', now()
    from generate_series(%(first)s::bigint, %(last)s::bigint) n
  returning id, aggregate_id), told as (
insert into outbox_delivery (event_id, hook_id, kind, aggregate_id, state, attempts, attempt_limit, due_at, last_status, last_error)
select id, %(hook)s, 'drill', aggregate_id, 0, 0, 18, now(), 0, '' from made order by id)
select pg_notify('ambar_work', 'deliveries')"""
_DEAD = "select n_dead_tup from pg_stat_user_tables where relname = 'outbox_delivery'"


@dataclass(slots=True)
class Timed(Engine):
    """An engine that notes how long each claim took: (when, seconds, seconds of a core in PostgreSQL)."""

    claims: list[tuple[float, float, float]] = field(default_factory=list)

    async def _claim(self, connection: Connection, asked: list[Asked]) -> bool:
        begun, worked = time.monotonic(), _on_core(connection.info.backend_pid)
        try:
            return await Engine._claim(self, connection, asked)
        finally:
            spent = _on_core(connection.info.backend_pid) - worked
            self.claims.append((begun, time.monotonic() - begun, spent))


def _on_core(pid: int) -> float:
    """Seconds of a core a process of this machine has had; nan where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return float("nan")


@dataclass(slots=True)
class Feed:
    """Events for one hook at a steady rate, each about a record of its own, from a thread until it is told to stop."""

    settings: dict[str, Any]
    hook_id: int
    rate: float
    made: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    begun: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        with psycopg.connect(**self.settings, autocommit=True) as one:
            while not self.stop.wait(TICK_SECONDS):
                self._make_due(one)
            self._make_due(one)

    def _make_due(self, one: psycopg.Connection[Any]) -> None:
        due = int((time.monotonic() - self.begun) * self.rate)
        if due > self.made:
            first = FIRST_MADE + self.made
            one.execute(_MAKE, {"first": first, "last": FIRST_MADE + due - 1, "hook": self.hook_id})
            self.made = due


@contextmanager
def holding(settings: dict[str, Any]) -> Iterator[None]:
    """A transaction that has taken its snapshot and does nothing: of somebody whose sessions nobody ends for that."""
    with psycopg.connect(**settings) as other:
        other.execute("set idle_in_transaction_session_timeout = 0")
        other.execute("set transaction isolation level repeatable read")
        other.execute("select count(*) from outbox_delivery")
        yield
        other.rollback()


async def measure(
    settings: dict[str, Any], hook_id: int, *, seconds: float, calm: float, rate: float
) -> dict[str, Any]:
    """Feed and deliver for `calm` seconds, then for `seconds` beside an idle transaction; p95 of claims then and in the last tenth."""

    async def connect() -> Connection:
        connection = await psycopg.AsyncConnection.connect(
            **{**settings, "autocommit": True, "prepare_threshold": 3}
        )
        await connection.execute(process.TUNED)
        return connection

    engine = Timed(connect=connect, open_session=partial(http.session, connections=0))
    feed, stop = Feed(settings, hook_id, rate), threading.Event()
    feeding = threading.Thread(target=feed.run, name="feed", daemon=True)
    running = asyncio.create_task(engine.run(stop))
    feeding.start()
    try:
        await _spend(calm, engine)
        pinned_at, tail = time.monotonic(), max(seconds / 10, min(calm, seconds))
        with holding(settings):
            await asyncio.sleep(seconds - tail)
            last = time.monotonic()
            await _spend(tail, engine)
            over_at = time.monotonic()
            dead = await _one(connect, _DEAD)
        feed.stop.set()
        await asyncio.to_thread(feeding.join)
        waiting = f"select count(*) from outbox_delivery where hook_id = {hook_id} and state = 0"
        end = time.monotonic() + LONG_SECONDS
        while await _one(connect, waiting) and time.monotonic() < end:
            await asyncio.sleep(0.05)
        left = await _one(connect, waiting)
    finally:
        feed.stop.set()
        stop.set()
        await running
    before = [one for one in engine.claims if one[0] < pinned_at]
    after = [one for one in engine.claims if last <= one[0] < over_at]
    return {
        "made": feed.made, "left": left, "claims": len(engine.claims), "dead": dead,
        "before_ms": p95([took for _, took, _ in before]), "after_ms": p95([took for _, took, _ in after]),
        "before_core_ms": p95([core for _, _, core in before]), "after_core_ms": p95([core for _, _, core in after]),
    }  # fmt: skip


async def _spend(seconds: float, engine: Timed) -> None:
    """So long, and until there have been claims in it: on a slow machine the first comes late."""
    begun = time.monotonic()
    await asyncio.sleep(seconds)
    while not any(at >= begun for at, _, _ in engine.claims):
        await asyncio.sleep(TICK_SECONDS)


async def _one(connect: Any, statement: str) -> int:
    async with await connect() as one:
        row = await (await one.execute(statement)).fetchone()
    return int(row[0]) if row else 0


def p95(took: Sequence[float]) -> float:
    """In milliseconds; nan of nothing."""
    return round(sorted(took)[int(len(took) * 0.95)] * 1000, 2) if took else float("nan")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the module."""
    import django

    parser = argparse.ArgumentParser(prog="python -m tests.faults.pinned", description=__doc__)
    parser.add_argument("hook", type=int)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=200.0)
    given = parser.parse_args(arguments)
    django.setup()
    from ambar.kit.work.worker import database_settings

    told = asyncio.run(
        measure(
            database_settings(), given.hook, seconds=given.minutes * 60, calm=CALM_SECONDS, rate=given.rate
        )
    )
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
