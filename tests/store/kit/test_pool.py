"""What the pool holds after its connections were lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from ambar.kit import pool


@pytest.mark.django_db(transaction=True)
def test_dead_connections_are_replaced_at_once_and_not_one_by_one():
    """Trap 21: after a restart the first call is served, however many idle connections died."""
    together = Barrier(6)

    def hold(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        together.wait(10)
        connection.close()

    with ThreadPoolExecutor(6) as crew:
        list(crew.map(hold, range(6)))
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and application_name like 'ambar%%'"
        )
        assert len(cursor.fetchall()) >= 5
    pool.discard_dead()
    connection.close()
    with ThreadPoolExecutor(6) as crew:
        list(crew.map(hold, range(6)))
    assert connection.pool.get_stats().get("requests_errors", 0) == 0
