"""One process at a time: turns that end with the block, the process or the connection, and never wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection

from ambar.kit import turn
from ambar.kit.work.worker import database_settings
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(name: str) -> bool:
    """Whether somebody with a connection of their own gets the turn now."""

    def ask() -> bool:
        try:
            with turn.only_one(name) as mine:
                return mine
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as crew:
        return crew.submit(ask).result(LONG_SECONDS)


def test_one_holder_at_a_time_and_nobody_waits() -> None:
    with turn.only_one("counting") as mine:
        assert mine
        assert elsewhere("counting") is False
        assert elsewhere("another") is True
    assert elsewhere("counting") is True


def test_a_turn_ends_with_its_block_whatever_happened_in_it() -> None:
    with pytest.raises(ZeroDivisionError), turn.only_one("counting") as mine:
        assert mine
        raise ZeroDivisionError
    assert elsewhere("counting") is True


def test_who_did_not_get_it_takes_it_from_nobody() -> None:
    with turn.only_one("counting"):
        assert [elsewhere("counting") for _ in range(3)] == [False] * 3
    assert elsewhere("counting") is True


def test_a_turn_ends_with_the_connection_that_held_it() -> None:
    """Trap 23: whoever was killed keeps nobody waiting."""
    with turn.only_one("counting"):
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            (mine,) = cursor.fetchone()
        with psycopg.connect(**database_settings(), autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s, 5000)", [mine])
        assert elsewhere("counting") is True
    connection.close()
