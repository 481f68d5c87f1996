"""Lists with many rows: pages far back and files of all rows, in flat memory."""

from __future__ import annotations

import tracemalloc

import pytest
from django.db import connection

from ambar.kit.rest import lists
from tests.worlds.callers import caller
from tests.worlds.oms_records import T0, build, package

pytestmark = pytest.mark.django_db
FEW, MANY, CHUNK = 300, 2_400, 50
LOG = "/state-transition-logs/"
COPIES = """
INSERT INTO oms_states_transitionlog (kind, object_id, old_state_id, new_state_id, user_id, attributes, created_at)
SELECT 'package', %s, s.id, s.id, NULL, '{"command.slug": "PLANNING"}', %s
  FROM generate_series(1, %s) CROSS JOIN (SELECT id FROM oms_states_state WHERE enum_class = 'PackageStatus' LIMIT 1) s"""


@pytest.fixture
def reader(db):
    lists._counts.clear()
    return caller("planner")


def logged(package_id: int, rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COPIES, [package_id, T0, rows])


def written(reader, kind: str) -> tuple[int, int]:
    """(pieces' bytes, most memory in use while the file was written) of the log as a file."""
    tracemalloc.start()
    try:
        answer = reader.get(LOG, format=kind)
        assert answer.status_code == 200
        size = sum(len(piece) for piece in answer.streaming_content)
        return size, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_of_many_times_the_rows_takes_no_more_memory(reader, monkeypatch):
    """Trap 28: an export is written piece by piece; what it holds at once does not grow with the list."""
    monkeypatch.setattr(lists, "CHUNK", CHUNK)
    made = package(build())
    sizes, peaks = {}, {}
    for kind in ("csv", "xlsx"):
        written(reader, kind)
    for rows in (FEW, MANY):
        logged(made.id, rows)
        for kind in ("csv", "xlsx"):
            sizes[kind, rows], peaks[kind, rows] = written(reader, kind)
    for kind in ("csv", "xlsx"):
        assert sizes[kind, MANY] > 3 * sizes[kind, FEW]
        assert peaks[kind, MANY] < peaks[kind, FEW] + 300_000, peaks


def test_the_thousandth_page_is_whole_and_the_last(reader):
    """Trap 28: page 1 000 of a list."""
    made = package(build())
    logged(made.id, 9_999)
    page = reader.get(LOG, limit=10, page=1000).json()
    assert (page["count"], len(page["results"]), page["next"]) == (10_000, 10, None)
    ids = [row["id"] for row in page["results"]]
    assert ids == sorted(ids, reverse=True)
    assert ids[-1] == min(row["id"] for row in reader.get(LOG, sort="id", limit=1).json()["results"])
