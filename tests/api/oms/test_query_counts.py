"""What each list costs in statements: `query_counts.json` holds the figures; a list that needs more fails here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import build, package
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db
KNOWN: dict[str, int] = json.loads(Path(__file__).with_name("query_counts.json").read_text())


@pytest.mark.parametrize("path", sorted(KNOWN))
def test_a_list_costs_the_known_number_of_statements_however_many_rows(path):
    world, planner = build(), caller("planner")
    counts = []
    for _ in range(2):
        for _ in range(3):
            made = package(world)
            for slug in (
                ("complete-packaging-from-waiting", "ship-the-package") if path == "/shipments/" else ()
            ):
                planner.post(f"/packages/{made.id}/command/", {"slug": slug})
            waiting_package(world)
        counts.append(min(statements(planner, path) for _ in range(3)))
    assert counts == [KNOWN[path]] * 2


def statements(who: Caller, path: str) -> int:
    """Of one page. What a process keeps for some seconds (names of states, tokens) may be read anew: the least counts."""
    with CaptureQueriesContext(connection) as seen:
        answer = who.get(path, limit=100)
    assert len(answer.json()["results"]) >= 3
    return len(seen)
