"""What each screen costs in statements: `screen_counts.json` holds the figures; a screen that needs more fails here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts
from tests.worlds.oms_records import build, package
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db
KNOWN: dict[str, int] = json.loads(Path(__file__).with_name("screen_counts.json").read_text())


@pytest.fixture
def grown(db):
    """`grow()` adds three packages, each of an order of its own, and three transfers."""
    world = build()

    def grow():
        for _ in range(3):
            package(world)
            waiting_package(world)

    grow()
    return grow


def statements(client, path):
    """Of one visit. What a process keeps for some seconds may be read anew: the least counts."""
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    return min(counts)


def test_a_screen_costs_the_known_number_of_statements_however_many_rows(grown):
    client = Client()
    client.force_login(accounts.ensure_user("admin", "a long password 1", ["admin"], {}))
    found = []
    for _ in range(2):
        found.append({path: statements(client, path) for path in KNOWN})
        grown()
    assert found == [KNOWN, KNOWN]
