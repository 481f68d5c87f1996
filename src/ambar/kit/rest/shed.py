"""How many requests were refused because there were too many, kept by the minute: processes come and go, and the doctor looks later."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import psycopg
import structlog
from django.db import Error, connection, connections
from prometheus_client import Counter

from .. import clock, health

REFUSED = Counter(
    "ambar_requests_shed_total",
    "Requests answered 503 because there were too many",
    ["why"],
    registry=health.REGISTRY,
)
log = structlog.get_logger("ambar.rest")
WRITE_SECONDS = 5.0
LATELY = timedelta(hours=1)
KEPT = timedelta(days=30)
WRITER = "shed writer"

_lock = threading.Lock()
_unsaved = 0
_writing = False


def refused(why: str) -> None:
    """Counts one request; a thread of its own writes what was counted, some seconds later, and ends when there is no more.

    :param why: `full` or `late` at the door, `pool` for want of a database connection while the database answers.
    """
    global _unsaved, _writing
    REFUSED.labels(why).inc()
    with _lock:
        _unsaved += 1
        start, _writing = not _writing, True
    if start:
        try:
            threading.Thread(target=_write, daemon=True, name=WRITER).start()
        except RuntimeError:  # no thread to be had: whoever is refused next tries again
            with _lock:
                _writing = False


def _write() -> None:
    global _unsaved, _writing
    while True:
        time.sleep(WRITE_SECONDS)
        with _lock:
            count, _unsaved = _unsaved, 0
            if not count:
                _writing = False
                return
        try:
            add(count, now=clock.now())
            log.warning("requests_shed", requests=count, seconds=WRITE_SECONDS)
        except (Error, psycopg.Error):
            with _lock:
                _unsaved += count
        finally:
            connections.close_all()


def add(requests: int, *, now: datetime) -> None:
    """Adds to the figure of this minute, which all processes of the system share."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into rest_shed (minute, requests) values (date_trunc('minute', %s::timestamptz), %s)"
            " on conflict (minute) do update set requests = rest_shed.requests + excluded.requests",
            [now, requests],
        )


def lately(*, now: datetime) -> int:
    """Requests refused in the last hour, by all processes of the system."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(sum(requests), 0) from rest_shed where minute > %s", [now - LATELY])
        return int(cursor.fetchone()[0])


def purge(*, now: datetime) -> None:
    """Forgets the minutes of a month ago."""
    with connection.cursor() as cursor:
        cursor.execute("delete from rest_shed where minute < %s", [now - KEPT])


def register() -> None:
    """Shows it in `/readyz` (never red: most requests are served) and `/metrics`."""
    health.readiness("overload", lambda: (True, {"shed_last_hour": lately(now=clock.now())}))
    health.gauge("requests_shed_last_hour", lambda: lately(now=clock.now()))
