"""The lists of packages and transfers as CSV."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import pytest

from ambar.kit.rest import lists
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import ADDRESS, World, build, package, take
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def planner(db: None) -> Caller:
    return caller("planner")


def read(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_file_holds_every_row_of_the_list_in_its_order(world, planner, monkeypatch):
    monkeypatch.setattr(lists, "CHUNK", 2)
    made = [package(world) for _ in range(5)]
    answer = planner.get("/packages/", format="csv", limit=1, sort="id")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="packages.csv"'
    rows = read(answer)
    assert [row["number"] for row in rows] == [one.number for one in made]
    first = rows[0]
    assert (first["state"], first["state_name"], first["items"], first["packageitem_count"]) == (
        "100", "Waiting", "1 x SKU-A, 1 x SKU-B", "2",
    )  # fmt: skip
    assert (first["stock_location_erp_code"], first["amount"], first["awb_number"]) == ("WH1", "200.00", "")
    by_date = read(planner.get("/packages/short/", format="csv", sort="-created_date"))
    assert [row["id"] for row in by_date] == [str(one.id) for one in reversed(made)]


def test_a_file_obeys_the_filters_of_its_list(world, planner):
    package(world)
    there = package(world, at="ST1")
    rows = read(planner.get("/packages/short/", format="csv", stock_location__erp_code="ST1"))
    assert [row["number"] for row in rows] == [there.number]
    assert read(planner.get("/packages/", format="csv", number="nobody's")) == []
    answer = planner.get("/packages/", format="csv", colour="red")
    assert (answer.status_code, list(answer.json())) == (400, ["colour"])
    for wanted in ("xml", "pdf", ""):
        answer = planner.get("/packages/", format=wanted)
        said = "This list is answered as json, csv, xlsx, html."
        assert (answer.status_code, answer.json()) == (400, {"format": [said]})
    answer = planner.get("/states/", format="csv")
    assert (answer.status_code, answer.json()) == (400, {"format": ["This list is answered as json."]})


def test_xls_is_the_workbook(world, planner):
    package(world)
    answer = planner.get("/packages/short/", format="xls")
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="short.xlsx"'


def test_a_page_as_a_table(world, planner):
    order = take(world, shipping_address={**ADDRESS, "first_name": "<b>"})
    made = [package(world), package(world, order_id=order)]
    answer = planner.get("/packages/", format="html", limit=1)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    text = answer.content.decode()
    assert "2 in all." in text and 'page=2">Next</a>' in text and "Previous" not in text
    assert f"<td>{made[1].number}</td>" in text and f"<td>{made[0].number}</td>" not in text
    assert "<td>&lt;b&gt;</td>" in text


def test_the_log_as_xml(world, planner):
    made = package(world)
    planner.post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"})
    answer = planner.get("/state-transition-logs/", format="xml", object_id=made.id)
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, root.findtext("count")) == ("root", "2")
    newest = root.findall("results/list-item")[0]
    assert newest.findtext("new_state/enum_value") == "200"
    assert newest.findtext("attributes/command.slug") == "PKG_DEALLOCATE_RESERVATIONS"


@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@x", "\t=1", " =1"])
def test_no_cell_is_run_by_a_spreadsheet(world, planner, sign):
    order = take(world, shipping_address={**ADDRESS, "first_name": sign})
    package(world, order_id=order)
    assert read(planner.get("/packages/", format="csv"))[0]["first_name"] == f"'{sign}"


def test_files_of_items_and_transfers(world, planner):
    made, (coming,) = waiting_package(world)
    items = read(planner.get("/packages/package-items/", format="csv", sort="id", package=made.id))
    assert [(row["sku"], row["quantity"], row["package_number"]) for row in items] == [
        ("SKU-A", "1.00", made.number),
        ("SKU-B", "2.00", made.number),
    ]
    (transfer,) = read(planner.get("/transfer_orders/", format="csv"))
    assert (transfer["number"], transfer["state"], transfer["source_erp_code"]) == (
        coming.number,
        "waiting",
        "WH1",
    )
    assert transfer["order_number"] + "P1" == transfer["package_number"] == made.number
    (short,) = read(planner.get("/transfer_orders/minimal/", format="csv"))
    assert (short["number"], short["transferitem_count"]) == (coming.number, "1")
    (item,) = read(planner.get("/transfer-items/", format="csv"))
    assert (item["transfer_order_number"], item["sku"], item["quantity"]) == (coming.number, "SKU-B", "2.00")


LISTS = ("/packages/", "/packages/short/", "/packages/package-items/", "/transfer_orders/", "/transfer_orders/minimal/", "/transfer-items/")  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_a_file_holds_what_its_reader_may_see_and_nothing_else(world, path):
    package(world)
    waiting_package(world)
    operator = caller("location_operator", location_ids=[world.locations["WH1"]])
    seen = [str(row["id"]) for row in operator.get(path, limit=100).json()["results"]]
    assert [row["id"] for row in read(operator.get(path, format="csv"))] == seen
    nobody = caller("location_operator", username="nobody", location_ids=[])
    assert read(nobody.get(path, format="csv")) == []


def test_items_are_paged_by_cursor(world, planner):
    made = package(world)
    page = planner.get("/packages/package-items/", cursor="", limit=1, sort="id").json()
    assert [row["id"] for row in page["results"]] == [made.item_ids[0]]
    assert page["next"] is not None
