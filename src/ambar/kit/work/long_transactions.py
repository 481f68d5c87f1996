"""Transactions that stay open keep what was deleted or changed since in every table and index: queues get slow by them."""

from __future__ import annotations

from django.db import connection

from .. import health

LONG_SECONDS = 60.0

_OLDEST = """
select coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0)::float8 from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""


def oldest_seconds() -> float:
    """How long the oldest open transaction of this database has been open; 0.0 when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        return float(cursor.fetchone()[0])


def register() -> None:
    """Shows it in `/readyz` (never red: requests are served beside it) and `/metrics`."""

    def check() -> tuple[bool, object]:
        seconds = oldest_seconds()
        return True, {"oldest_seconds": round(seconds, 1), "long": seconds > LONG_SECONDS}

    health.readiness("transactions", check)
    health.gauge("oldest_transaction_seconds", oldest_seconds)
