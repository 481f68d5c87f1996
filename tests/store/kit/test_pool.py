"""What the pool holds after its connections were lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from django.db import connection

from ambar.kit import pool
from ambar.kit.work.worker import database_settings


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


@pytest.mark.django_db
def test_a_healthy_connection_is_handed_out_without_asking_the_server(monkeypatch):
    asked = []
    monkeypatch.setattr(pool.ConnectionPool, "check_connection", staticmethod(asked.append))
    with psycopg.connect(**database_settings(), autocommit=True) as one:
        pool.check(one)
        assert asked == [one], "never seen before"
        pool.check(one)
        assert asked == [one]
        monkeypatch.setattr(pool, "TRUSTED_SECONDS", 0.0)
        pool.check(one)
        assert asked == [one, one], "idle for long"


@pytest.mark.django_db(transaction=True)
def test_a_connection_whose_server_process_ended_a_moment_ago_is_never_handed_out():
    """Trap 21: the light check sees the closed socket, so that no request meets a dead connection."""
    pool.check_lightly(suspect=lambda: None)
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (dead,) = cursor.fetchone()
    connection.close()
    with psycopg.connect(**database_settings(), autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [dead])
    for _ in range(8):
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            assert cursor.fetchone() != (dead,)
        connection.close()
