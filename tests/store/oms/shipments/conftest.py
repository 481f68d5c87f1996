from __future__ import annotations

from datetime import timedelta

import pytest

from ambar.carrier.book import Book
from ambar.carrier.server import Running
from ambar.kit import vault
from ambar.oms.shipments.models import Carrier
from tests.worlds.oms_records import T0


class Clock:
    def __init__(self):
        self.now = T0

    def pass_(self, **time):
        self.now += timedelta(**time)
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book(clock):
    return Book(seed=1, failures=False, now=lambda: clock.now)


@pytest.fixture
def carrier(book, monkeypatch, db):
    running = Running(book, username="u", password="p")
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", running.address)
    yield Carrier.objects.create(
        code="yurtici", name="Yurtiçi", base_url=running.url, username="u", password=vault.seal("p"),
        poll_seconds=60, timeout_seconds=60, created_at=T0, modified_at=T0,
    )  # fmt: skip
    running.close()
