"""Long lists: counts that are remembered, pages far back, workbooks."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ambar.kit.rest import lists
from ambar.oms.orders.models import CancellationPart, CancellationRequest, OrderItem
from ambar.oms.packages.models import Package
from tests.worlds.callers import caller
from tests.worlds.oms_records import T0, build, package

pytestmark = pytest.mark.django_db
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def reader(world):
    lists._counts.clear()
    return caller("planner")


def test_a_small_count_is_always_told_anew(world, reader):
    for n in range(1, 4):
        package(world, lines=(("SKU-A", 1),))
        assert reader.get("/packages/short/?limit=1").json()["count"] == n


def test_a_large_count_is_remembered_for_a_while_and_only_for_the_same_question(world, reader, monkeypatch):
    for _ in range(4):
        package(world, lines=(("SKU-A", 1),))
    monkeypatch.setattr(lists, "COUNTED_AGAIN", 3)
    clock = [1000.0]
    monkeypatch.setattr(lists.time, "monotonic", lambda: clock[0])
    assert reader.get("/packages/short/?limit=1").json()["count"] == 4
    package(world, lines=(("SKU-A", 1),))
    assert reader.get("/packages/short/?limit=1").json()["count"] == 4
    assert reader.get("/packages/short/?limit=1&state__enum_value=100").json()["count"] == 5
    clock[0] += lists.REMEMBERED
    assert reader.get("/packages/short/?limit=1").json()["count"] == 5


def test_what_another_may_not_see_is_not_counted_from_memory(world, reader, monkeypatch):
    monkeypatch.setattr(lists, "COUNTED_AGAIN", 0)
    for _ in range(3):
        package(world, lines=(("SKU-A", 1),))
    assert reader.get("/packages/short/?limit=1").json()["count"] == 3
    stranger = caller("location_operator", location_ids=[world.locations["ST1"]])
    assert stranger.get("/packages/short/?limit=1").json()["count"] == 0


def test_a_page_far_back_shows_the_same_rows_without_working_out_those_before_it(world, reader, monkeypatch):
    for _ in range(5):
        package(world, lines=(("SKU-A", 1),))
    near = [row["id"] for row in reader.get("/packages/short/?limit=2&page=2").json()["results"]]
    monkeypatch.setattr(lists, "DEEP", 1)
    with CaptureQueriesContext(connection) as seen:
        far = [row["id"] for row in reader.get("/packages/short/?limit=2&page=2").json()["results"]]
    assert far == near == sorted(Package.objects.values_list("pk", flat=True), reverse=True)[2:4]
    passed_over = [q["sql"] for q in seen.captured_queries if "OFFSET 2" in (q["sql"] or "")]
    assert len(passed_over) == 1 and "item_count" not in passed_over[0]


def sheet(answer) -> list[list[str]]:
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [["".join(cell.itertext()) for cell in row.iter(f"{CELL}c")] for row in root.iter(f"{CELL}row")]


@pytest.mark.parametrize(
    "path",
    [
        "/packages/", "/packages/short/", "/packages/package-items/", "/orders/", "/state-transition-logs/", "/shipments/",
        "/transfer_orders/", "/transfer-items/",
    ],
)  # fmt: skip
def test_every_long_list_comes_as_a_workbook(world, reader, path):
    package(world, lines=(("SKU-A", 1),))
    rows = sheet(reader.get(f"{path}?format=xlsx"))
    assert rows[0][0] == "id"
    assert len(rows) == 1 + reader.get(path).json()["count"]
    assert {len(row) for row in rows} <= set(range(1, len(rows[0]) + 1))


def test_a_workbook_holds_texts_as_texts_and_what_the_filters_leave(world, reader):
    made = [package(world, lines=(("SKU-A", 1),)) for _ in range(2)]
    Package.objects.filter(pk=made[0].id).update(number="=1+1")
    rows = sheet(reader.get(f"/packages/short/?format=xlsx&id__in={made[0].id}"))
    assert [row[1] for row in rows] == ["number", "=1+1"]


def test_more_rows_than_a_sheet_holds_are_refused_in_words(world, reader, monkeypatch):
    from ambar.kit.rest import exports

    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    for _ in range(2):
        package(world, lines=(("SKU-A", 1),))
    answer = reader.get("/packages/short/?format=xlsx")
    assert (answer.status_code, answer.json()) == (
        400,
        {"format": ["A sheet holds 1 rows; narrow the list or take csv."]},
    )


def test_packages_whose_cancellation_failed_are_found(world, reader):
    failed, other = package(world, lines=(("SKU-A", 1),)), package(world, lines=(("SKU-A", 1),))
    item = OrderItem.objects.get(packageitem__package_id=failed.id)
    asked = {"order_id": item.order_id, "order_item": item, "origin": "plan", "cancellation_type": "cancel"}
    at = {"created_at": T0, "modified_at": T0}
    request = CancellationRequest.objects.create(
        **asked, quantity=1, open_quantity=0, status="rejected", **at
    )
    CancellationPart.objects.create(request=request, package_id=failed.id, quantity=1, status="refused", **at)
    found = {
        said: [
            row["id"] for row in reader.get(f"/packages/short/?cancellation_failure={said}").json()["results"]
        ]
        for said in ("true", "false")
    }
    assert found == {"true": [failed.id], "false": [other.id]}


def test_a_denial_reason_is_written_anew(world):
    admin = caller("admin")
    made = admin.post("/packages/package_denial_reason/", {"title": "Damaged", "priority": 2}).json()
    path = f"/packages/package_denial_reason/{made['id']}/"
    answer = admin._send("put", path, {"title": "Broken"}, {})
    assert (answer.status_code, answer.json()["title"], answer.json()["priority"]) == (200, "Broken", None)
    assert admin._send("put", path, {"title": "  "}, {}).status_code == 400
