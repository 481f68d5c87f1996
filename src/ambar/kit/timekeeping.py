"""Asks the database for the time, every few seconds, for the clock of this process."""

from __future__ import annotations

import threading

import psycopg
import structlog
from django.db import Error, connection, connections
from prometheus_client import Gauge

from . import clock, garbage, health

log = structlog.get_logger("ambar.clock")
AHEAD = Gauge(
    "ambar_machine_clock_ahead_seconds",
    "How far this machine's clock is ahead of the database's",
    registry=health.REGISTRY,
)
SECONDS = 10.0
LOOKS = 5
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
        _give_back_until_next(stop)


def _give_back_until_next(stop: threading.Event) -> None:
    """Free memory goes back to the system meanwhile: this is the one thread of every process that comes by now and then."""
    for _ in range(LOOKS):
        garbage.give_back()
        stop.wait(SECONDS / LOOKS)
        if stop.is_set():
            return
