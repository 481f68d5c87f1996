"""Refusing at once while the database is known to be gone, so that no thread waits for it in vain.

One failed request, or one dead connection, has PostgreSQL asked directly; while it gives no answer, everything but health
is answered 503 immediately, also what waits for a connection already, and one request in each half second tries again.
"""

from __future__ import annotations

import threading
import time

from django.db import connections

from .. import health, pool

SECONDS = 0.5
LOOK_SECONDS = 0.05
WATCH = "database watch"
_lock = threading.Lock()
_closed_until = 0.0


def note_failure() -> None:
    """Told after a request failed for want of the database; decides whether to refuse the next ones.

    When the database answers again, only the connections were lost: they are replaced at once.
    """
    global _closed_until
    answers, _ = health.database_answers()
    if answers:
        pool.discard_dead()
    with _lock:
        _closed_until = 0.0 if answers else time.monotonic() + SECONDS
    if not answers:
        suspect()


_watching = threading.Lock()


def suspect() -> None:
    """Told when the database may be gone: as long as it is, nobody is left waiting for a connection.

    One thread watches, however many tell; it costs one connection to find out that all is well.
    """
    if _watching.acquire(blocking=False):
        try:
            threading.Thread(target=_watch, daemon=True, name=WATCH).start()
        except RuntimeError:  # no thread to be had: the next who suspects tries again
            _watching.release()


def _watch() -> None:
    try:
        while not health.database_answers()[0]:
            _close()
            pool.forget_idle()
            pool.refuse_waiting()
            time.sleep(LOOK_SECONDS)
        pool.discard_dead()
        reopen()
    finally:
        connections.close_all()
        _watching.release()


def _close() -> None:
    """Refuses from now on, unless it does already: whose turn it is to try again stays as it is."""
    global _closed_until
    with _lock:
        _closed_until = _closed_until or time.monotonic() + SECONDS


def active() -> bool:
    """Whether to refuse now. The first to ask after each pause is let through."""
    global _closed_until
    if not _closed_until:
        return False
    with _lock:
        now = time.monotonic()
        if now < _closed_until:
            return True
        if _closed_until:
            _closed_until = now + SECONDS
    return False


def reopen() -> None:
    """Told after a request found the database again."""
    global _closed_until
    with _lock:
        _closed_until = 0.0


def is_closed() -> bool:
    """Whether the last word was that the database is gone."""
    return _closed_until > 0.0
