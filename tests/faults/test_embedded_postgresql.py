"""The embedded server: one owner, data kept, alive only when a query answers."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ambar.kit.postgres import Server
from tests.worlds.waiting import LONG_SECONDS


@contextmanager
def running():
    home = Path(tempfile.mkdtemp(prefix="ambar-pg-test-", dir="/var/tmp"))
    home.chmod(0o755)
    one = Server(home / "postgres")
    one.start()
    try:
        yield one
    finally:
        one.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def server():
    """A server of the test's own, to be treated badly."""
    with running() as one:
        yield one


@pytest.fixture(scope="module")
def shared():
    """A server for tests that only look at it."""
    with running() as one:
        yield one


def value(server: Server, query: str):
    with psycopg.connect(server.url(), autocommit=True) as connection:
        return connection.execute(query).fetchone()[0]


def test_durability_is_on(shared):
    assert value(shared, "show fsync") == "on"
    assert value(shared, "show synchronous_commit") == "on"
    assert value(shared, "show max_connections") == "200"


def test_kill_minus_nine_of_the_postmaster_loses_nothing_committed(server):
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (42)")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(LONG_SECONDS)
    assert not server.answers()
    server.spawn()
    server.wait()
    assert value(server, "select n from kept") == 42


def test_a_server_left_over_by_a_killed_owner_is_replaced(server):
    left_over = server.process.pid
    heir = Server(server.data)
    heir.spawn()
    heir.wait()
    try:
        assert heir.process.pid != left_over
        assert server.process.wait(LONG_SECONDS) == 0
        assert value(heir, "select 1") == 1
    finally:
        heir.stop()


def test_an_interrupted_first_start_is_made_anew(server):
    server.stop()
    (server.data / "ambar.ready").unlink()
    server.start()
    assert value(server, "select count(*) from pg_tables where tablename = 'kept'") == 0


def test_databases_are_made_once(shared):
    first = shared.ensure_database("ambar_x")
    assert shared.ensure_database("ambar_x") == first
    with psycopg.connect(first) as connection:
        assert connection.execute("select current_database()").fetchone() == ("ambar_x",)


def test_data_of_root_is_readable_only_for_the_unprivileged_account(shared):
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as another account")
    assert shared.data.stat().st_mode & 0o077 == 0
    assert shared.data.owner() == "pgserver"
