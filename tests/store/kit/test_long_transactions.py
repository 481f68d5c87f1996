"""Who keeps a transaction open is seen by whoever looks after the systems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.test import Client

from ambar.kit.work import long_transactions
from ambar.kit.work.worker import database_settings
from tests.worlds.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def a_long_transaction() -> Iterator[None]:
    with psycopg.connect(**database_settings()) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("select count(*) from outbox_delivery")
        yield


@pytest.mark.usefixtures("unhurried_health")
def test_an_open_transaction_shows_on_the_health_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap 24: how long the oldest has been open, and that it is long; the page stays green."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    # Sessions that only just came into being have one open for a moment.
    until(lambda: long_transactions.oldest_seconds() == 0.0)
    with a_long_transaction():
        assert long_transactions.oldest_seconds() > 0.0
        monkeypatch.setattr(long_transactions, "LONG_SECONDS", 0.0)
        answer = Client().get("/readyz")
        shown = answer.json()["checks"]["transactions"]
        assert (answer.status_code, shown["ok"], shown["detail"]["long"]) == (200, True, True)
        assert b"ambar_oldest_transaction_seconds" in Client().get("/metrics").content
