"""How long a test waits for what must happen: it ends a hang and says nothing of how fast anything is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

LONG_SECONDS = float(os.environ.get("AMBAR_TEST_LONG_SECONDS") or 120)
"""Nothing waits for so long when all is well, however slow the machine and whatever else runs on it. Where tests are meant to
fail (`make mutations`) it is shorter."""


def until(true: Callable[[], object], *, seconds: float = LONG_SECONDS) -> None:
    """Returns when it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def within_one_day() -> None:
    """For tests of what is told of a day (UTC): none begins in its last seconds, to end in the next."""
    left = 86400 - time.time() % 86400
    if left < 10:
        time.sleep(left)


def until_somebody_waits_for_a_lock() -> None:
    """Returns when another session of this database waits for a lock: other databases of the server are somebody else's."""
    from django.db import connection

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                " AND pid <> pg_backend_pid()"
            )
            return bool(cursor.fetchone()[0])

    until(waits)
