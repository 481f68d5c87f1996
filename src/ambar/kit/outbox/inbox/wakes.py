"""Waking the loops that apply events, a moment after they were stored and never inside that transaction.

PostgreSQL lets only one transaction with a notification commit at a time, the wait for the disk included: hundreds
of small stores would queue up behind each other. Loops of this process are told directly; for others a thread of the process tells the loops once for all that was
stored in the last milliseconds. A wake-up lost with its process costs a second: loops also look by themselves.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable

import structlog
from django.db import Error, connection

from ambar.kit import work

log = structlog.get_logger("ambar.inbox")

GATHERED_SECONDS = 0.005

_lock = threading.Lock()
_names: set[str] = set()
_some = threading.Event()
_teller: tuple[int, threading.Thread] | None = None


def soon(names: Iterable[str]) -> None:
    """Wakes these loops within milliseconds; call it after the commit."""
    global _teller
    elsewhere = [name for name in names if not work.tell_here(name)]
    if not elsewhere:
        return
    with _lock:
        _names.update(elsewhere)
        if _teller is None or _teller[0] != os.getpid() or not _teller[1].is_alive():
            thread = threading.Thread(target=_tell_forever, name="inbox wakes", daemon=True)
            _teller = os.getpid(), thread
            thread.start()
    _some.set()


def _tell_forever() -> None:
    while True:
        _some.wait()
        time.sleep(GATHERED_SECONDS)
        _some.clear()
        with _lock:
            names = sorted(_names)
            _names.clear()
        try:
            for name in names:
                work.wake(name)
        except Error as error:
            log.warning("loops not woken", loops=names, error=type(error).__name__)
        finally:
            connection.close()
