"""What the worker's loops are doing, for `/readyz` and `/metrics` of the web process."""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from .. import clock, health

SECONDS = 5.0
KEPT = timedelta(hours=1)


@dataclass(slots=True)
class Pulse:
    """Figures of one running loop; written by its threads, read by the heartbeat."""

    name: str
    started_at: datetime = field(default_factory=clock.now)
    last_round_at: datetime | None = None
    rows: int = 0
    errors: int = 0
    last_error: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def round_done(self, rows: int) -> None:
        with self.lock:
            self.last_round_at = clock.now()
            self.rows += rows

    def failed(self, error: BaseException) -> None:
        with self.lock:
            self.errors += 1
            self.last_error = f"{type(error).__name__}: {error}".splitlines()[0][:300]


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def write(pulses: list[Pulse], *, now: datetime) -> None:
    """Writes all pulses of this process in one statement and forgets those of processes long gone."""
    worker = worker_name()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into work_heartbeat"
            " (worker, loop, at, started_at, last_round_at, rows, errors, last_error)"
            " select %s, p.loop, %s, p.started_at, p.last_round_at, p.rows, p.errors, p.last_error"
            " from unnest(%s::text[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::text[])"
            " as p(loop, started_at, last_round_at, rows, errors, last_error)"
            " on conflict (worker, loop) do update set at = excluded.at, last_round_at = excluded.last_round_at,"
            " rows = excluded.rows, errors = excluded.errors, last_error = excluded.last_error",
            [
                worker,
                now,
                [pulse.name for pulse in pulses],
                [pulse.started_at for pulse in pulses],
                [pulse.last_round_at for pulse in pulses],
                [pulse.rows for pulse in pulses],
                [pulse.errors for pulse in pulses],
                [pulse.last_error for pulse in pulses],
            ],
        )
        cursor.execute("delete from work_heartbeat where at < %s", [now - KEPT])


def leave() -> None:
    """Removes the pulses of this process when it ends in order."""
    with connection.cursor() as cursor:
        cursor.execute("delete from work_heartbeat where worker = %s", [worker_name()])


def age_seconds(*, now: datetime) -> float | None:
    """Seconds since any worker gave a sign; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("select max(at) from work_heartbeat")
        (at,) = cursor.fetchone()
    return (now - at).total_seconds() if at else None


def figures(column: str) -> dict[str, float]:
    """`rows` or `errors` per loop, over all living workers since they started."""
    if column not in ("rows", "errors"):
        raise ValueError(column)
    with connection.cursor() as cursor:
        cursor.execute(f"select loop, sum({column}) from work_heartbeat group by loop order by loop")
        return {loop: float(total) for loop, total in cursor.fetchall()}


def register() -> None:
    """Shows the worker in `/readyz` (never red: the web process serves without it) and `/metrics`."""

    def check() -> tuple[bool, object]:
        age = age_seconds(now=clock.now())
        return True, "no worker seen" if age is None else {"seconds_since_heartbeat": round(age, 1)}

    health.readiness("worker", check)
    health.gauges("loop_rows", "loop", lambda: figures("rows"))
    health.gauges("loop_errors", "loop", lambda: figures("errors"))
    health.gauge("worker_heartbeat_age_seconds", lambda: age_seconds(now=clock.now()) or 0.0)
