"""Refusing at once while the database is known to be gone, so that no thread waits for it in vain.

One failed request asks PostgreSQL directly; while it gives no answer, everything but health is answered 503
immediately, and one request in each half second tries again.
"""

from __future__ import annotations

import threading
import time

from .. import health, pool

SECONDS = 0.5
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
    _closed_until = 0.0


def is_closed() -> bool:
    """Whether the last word was that the database is gone."""
    return _closed_until > 0.0
