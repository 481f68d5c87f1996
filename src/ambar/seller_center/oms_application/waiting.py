"""Waiting a moment for news: whoever follows the orders hears of a new one at once, and asks nothing in vain."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from django.db import connection

from ambar.kit.config import Config
from ambar.kit.work import signals
from ambar.seller_center.orders import store
from ambar.seller_center.orders.domain.versions import Known

LONGEST_SECONDS = 1.0
LOOK_SECONDS = 0.1
"""New orders taken in by this process are told at once; for those of other processes it looks so often."""
MOST = 2


def places(web_threads: int) -> int:
    """So many requests of a process may wait at a time: each holds one of the places of `AMBAR_WEB_THREADS` that others
    need, so it is a quarter of them at most, and nobody waits where there are fewer than four.
    """
    return min(MOST, web_threads // 4)


_places = threading.Semaphore(places(Config().web_threads))


def for_news(seller_id: int | None, after: datetime, known: Known) -> bool:
    """Returns when an order of the seller (None = of anybody) has changed after that moment into a version that is not known, a
    second later at the latest.

    False, at once, when as many wait already as may.
    """
    if not _places.acquire(blocking=False):
        return False
    try:
        end, news = time.monotonic() + LONGEST_SECONDS, threading.Event()
        with signals.told_here(store.NEWS, news.set):
            while not store.changed_after(seller_id, after, known) and time.monotonic() < end:
                # Nobody keeps a connection of the pool while it sleeps.
                connection.close()
                news.wait(LOOK_SECONDS)
                news.clear()
        return True
    finally:
        _places.release()
