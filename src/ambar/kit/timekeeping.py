"""Asks the database for the time, every few seconds, for the clock of this process."""

from __future__ import annotations

import threading

import psycopg
import structlog
from django.db import Error, connection, connections
from prometheus_client import Gauge

from . import clock, health

log = structlog.get_logger("ambar.clock")
AHEAD = Gauge(
    "ambar_machine_clock_ahead_seconds",
    "How far this machine's clock is ahead of the database's",
    registry=health.REGISTRY,
)
SECONDS = 10.0
NAME = "timekeeper"
_lock = threading.Lock()
_keeper: threading.Thread | None = None
_wrong = False


def ask() -> float:
    """Sets the clock of this process by the database; answers how many seconds this machine's clock is ahead.

    :raises django.db.Error: it does not answer.
    """
    global _wrong
    with connection.cursor() as cursor:
        asked = clock.steady()
        cursor.execute("select clock_timestamp()")
        at = cursor.fetchone()[0]
        ahead = clock.told(at, asked=asked, answered=clock.steady())
    if (wrong := abs(ahead) > clock.AGREE_SECONDS) != _wrong:
        log.warning("machine_clock_off" if wrong else "machine_clock_agrees", seconds_ahead=round(ahead, 3))
    _wrong = wrong
    AHEAD.set(ahead)
    return ahead


def start(stop: threading.Event) -> threading.Thread:
    """Keeps asking until `stop`, in a thread of its own; one per process is enough."""
    global _keeper
    with _lock:
        if _keeper is None or not _keeper.is_alive():
            _keeper = threading.Thread(target=_keep, args=[stop], daemon=True, name=NAME)
            _keeper.start()
        return _keeper


def _keep(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            ask()
        except (Error, psycopg.Error):
            pass  # while the database is away the clock goes on by itself
        finally:
            connections.close_all()
        stop.wait(SECONDS)
