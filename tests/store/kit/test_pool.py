"""What the pool holds after its connections were lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from psycopg_pool import ConnectionPool, PoolTimeout
from psycopg_pool.pool import WaitingClient

from ambar.kit import health, pool
from ambar.kit.rest import shedding
from ambar.kit.work.worker import database_settings
from tests.worlds.waiting import LONG_SECONDS, until


@pytest.mark.django_db(transaction=True)
def test_dead_connections_are_replaced_at_once_and_not_one_by_one():
    """Trap 21: after a restart the first call is served, however many idle connections died."""
    together = Barrier(6)

    def hold(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        together.wait(LONG_SECONDS)
        connection.close()

    with ThreadPoolExecutor(6) as crew:
        list(crew.map(hold, range(6)))
    errors = connection.pool.get_stats().get("requests_errors", 0)
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
    assert connection.pool.get_stats().get("requests_errors", 0) == errors


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


def plan_mode(one):
    return one.execute("show plan_cache_mode").fetchone()[0]


@pytest.mark.django_db
def test_a_connection_is_told_once_and_outside_of_transactions_to_plan_for_all_values(monkeypatch):
    monkeypatch.setattr(pool, "TRUSTED_SECONDS", 0.0)
    with psycopg.connect(**database_settings(), autocommit=False) as one:
        pool.check(one)
        assert plan_mode(one) == "auto", "a rollback would undo it"
        one.rollback()
        one.autocommit = True
        pool.check(one)
        assert plan_mode(one) == "force_generic_plan"
        one.execute("set plan_cache_mode = auto")
        pool.check(one)
        assert plan_mode(one) == "auto", "asked once"


@pytest.mark.django_db(transaction=True)
def test_connections_of_the_pool_plan_for_all_values():
    pool.check_lightly(suspect=lambda: None)
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("show plan_cache_mode")
        assert cursor.fetchone() == ("force_generic_plan",)


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


def test_a_dead_connection_is_told_to_who_watches_and_the_pool_goes_on(monkeypatch):
    told = []
    monkeypatch.setattr(pool, "_suspect", lambda: told.append(threading.get_ident()))
    with psycopg.connect(**database_settings(), autocommit=True) as one:
        pool.check(one)
        assert told == []
        one.close()
        with pytest.raises(psycopg.OperationalError):
            pool.check(one)
    assert told == [threading.get_ident()]


def test_what_is_used_of_the_pool_s_inside_is_there():
    """`refuse_waiting` and `check_lightly` would do nothing under a pool that names these otherwise."""
    one: WaitingClient[object] = WaitingClient()
    assert one.fail(PoolTimeout("no")) is True
    assert one.set(object()) is False, "who was told no is passed by"
    fresh = ConnectionPool("", open=False, check=None)
    assert (list(fresh._waiting), fresh._check) == ([], None)


@pytest.fixture
def outage(monkeypatch):
    """A database that is gone as long as the event is set; nothing watches any more afterwards."""
    gone = threading.Event()
    real = health.database_answers
    monkeypatch.setattr(health, "database_answers", lambda: (False, "gone") if gone.is_set() else real())
    yield gone
    gone.clear()
    watch_ended()


def watch_ended() -> None:
    for thread in threading.enumerate():
        if thread.name == shedding.WATCH:
            thread.join(LONG_SECONDS)
            assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_wait_while_the_database_is_gone_each_is_told_and_served_again_afterwards(outage):
    """Trap 21: all connections are out and more callers wait than there will ever be; nobody waits the time-out out."""
    size = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    release, out = threading.Event(), Barrier(size + 1)

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        out.wait(LONG_SECONDS)
        release.wait(LONG_SECONDS)
        connection.close()

    def ask(_: int) -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("select 'served'")
                return cursor.fetchone()[0]
        except OperationalError:
            return "told"
        finally:
            connection.close()

    connection.close()
    many = 3 * size
    with ThreadPoolExecutor(size) as holders, ThreadPoolExecutor(many) as crew:
        held = [holders.submit(hold) for _ in range(size)]
        try:
            out.wait(LONG_SECONDS)
            outage.set()
            asked = [crew.submit(ask, n) for n in range(many)]
            shedding.suspect()
            # Nothing but a word of the watch ends their wait: the connections come back only after this.
            assert [one.result(15) for one in asked] == ["told"] * many
            assert shedding.active()
        finally:
            release.set()
        for one in held:
            one.result(LONG_SECONDS)
        outage.clear()
        watch_ended()
        assert (shedding.active(), shedding.is_closed()) == (False, False)
        assert list(crew.map(ask, range(many))) == ["served"] * many
    assert connection.pool.get_stats()["requests_waiting"] == 0


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_gone_no_idle_connection_is_left_to_be_handed_out(outage):
    """One dead connection after the other would put who asks to sleep, longer each time."""
    together = Barrier(4)

    def hold(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        together.wait(LONG_SECONDS)
        connection.close()

    with ThreadPoolExecutor(4) as crew:
        list(crew.map(hold, range(4)))
    before = set(connection.pool._pool)
    assert len(before) >= 4
    outage.set()
    shedding.suspect()
    until(lambda: not before & set(connection.pool._pool))


def test_a_false_alarm_costs_one_question_and_closes_nothing(db, monkeypatch):
    asked = []
    monkeypatch.setattr(health, "database_answers", lambda: (asked.append(1) is None, "answers"))
    shedding.suspect()
    watch_ended()
    assert (asked, shedding.is_closed()) == ([1], False)
