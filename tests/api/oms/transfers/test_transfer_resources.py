from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from ambar.kit import clock
from ambar.kit.accounts.models import AuditEntry
from ambar.oms.locations.models import StockLocation
from ambar.oms.places.models import City, Country
from ambar.oms.transfers import store
from ambar.oms.transfers.domain.changes import TransferChange
from ambar.oms.transfers.models import Transfer
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import T0, World, build
from tests.worlds.oms_transfers import add_location, waiting_package

pytestmark = pytest.mark.django_db
LISTS = ("/transfer_orders/", "/transfer_orders/minimal/")


@pytest.fixture
def world(db: None) -> World:
    world = build()
    add_location(world, "ST3")
    return world


@pytest.fixture
def planner(db: None) -> Caller:
    return caller("planner")


def move(transfer, to_state):
    change = TransferChange(
        transfer_id=transfer.id, from_state="waiting", to_state=to_state, command_code="TEST", slug="test"
    )
    store.change_states([change], now=T0)


def test_the_list_gives_whole_records_newest_first(world, planner):
    (one, _), (two, (second,)) = waiting_package(world), waiting_package(world)
    page = planner.get("/transfer_orders/").json()
    assert (page["count"], page["next"], page["previous"]) == (2, None, None)
    assert [row["number"] for row in page["results"]] == [f"{two.number}T1", f"{one.number}T1"]
    row = page["results"][0]
    assert (row["source"]["erp_code"], row["destination"]["erp_code"]) == ("WH1", "ST1")
    assert row["package"] == {"id": two.id, "number": two.number, "state": "300"}
    assert {**row["order"], "id": 0} == {
        "id": 0,
        "number": two.number[:-2],
        "omnitron_id": world.upstream,
        "channel": world.channel,
    }
    assert (row["state"]["enum_value"], row["state"]["content_type"]) == ("waiting", 27)
    item = row["transferitem_set"][0]
    assert (item["id"], item["quantity"], item["state"]) == (second.item_ids[0], "2.00", "waiting")
    assert (item["package_item"], item["product"]["sku"]) == (two.item_ids[1], "SKU-B")
    assert planner.get(f"/transfer_orders/{second.id}/").json() == row


def test_the_minimal_list_counts_items(world, planner):
    made, (transfer,) = waiting_package(world)
    row = planner.get("/transfer_orders/minimal/").json()["results"][0]
    stamp = clock.iso(T0)
    assert row == {
        "id": transfer.id, "number": f"{made.number}T1", "state": "waiting", "order_id": row["order_id"],
        "order_number": made.number[:-2], "package_id": made.id, "package_number": made.number, "source_erp_code": "WH1",
        "destination_erp_code": "ST1", "transferitem_count": 1, "sequence": 1, "created_date": stamp, "modified_date": stamp,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state__enum_value": "waiting"}, ["a"]),
        ({"state__enum_value": "In Transit,transferred"}, ["b"]),
        ({"state__enum_value__ne": "waiting"}, ["b"]),
        ({"source__erp_code": "WH1"}, ["a"]),
        ({"destination__erp_code": "ST1"}, ["a"]),
        ({"destination__erp_code": "WH1,ST1"}, ["a", "b"]),
        ({"erp_code": "ST1"}, ["a", "b"]),
        ({"erp_code": "ST3"}, []),
        ({"retail_store__erp_code": "WH1"}, ["a", "b"]),
        ({"product_sku": "SKU-B"}, ["a", "b"]),
        ({"product_sku": "SKU-A"}, []),
        ({"product_barcode": "8690000000002"}, ["a", "b"]),
        ({"order__customer__first_name": "AYŞE"}, ["a", "b"]),
        ({"order__customer__last_name": "Kaya"}, []),
        ({"order__date_placed": "2026-01-15T09:30:00Z"}, ["a", "b"]),
        ({"order__date_placed__gt": "2026-01-15T09:30:00Z"}, []),
        ({"package__shipment__cargo_company": "yurtici"}, ["a", "b"]),
        ({"shipment__cargo_company": "aras"}, ["b"]),
        ({"shipment__awb_number": "TR9"}, ["b"]),
        ({"destination__address__city": "istanbul"}, ["a"]),
        ({"destination__address__country": "Türkiye"}, ["a"]),
        ({"destination__address__township": "Kadıköy"}, []),
        ({"created_date__lte": "2026-01-15T09:30:00Z"}, ["a", "b"]),
        ({"modified_date__gt": "2026-01-15T09:30:00Z"}, []),
    ],
)
def test_filters(world, planner, query, found):
    _, (a,) = waiting_package(world)
    _, (b,) = waiting_package(world, sources=("ST1",), at="WH1")
    move(b, "in_transit")
    store.set_carrier({b.id: ("aras", "TR9")}, now=T0)
    country = Country.objects.create(source="x", upstream_id=1, name="Türkiye", folded="turkiye", code="tr")
    city = City.objects.create(source="x", upstream_id=2, name="İstanbul", folded="istanbul", country=country)
    StockLocation.objects.filter(pk=world.locations["ST1"]).update(country=country, city=city)
    ids = {"a": a.id, "b": b.id}
    for path in LISTS:
        rows = planner.get(path, sort="id", **query).json()["results"]
        assert [row["id"] for row in rows] == [ids[name] for name in found], path


def test_filters_by_ids_and_numbers(world, planner):
    made, (one,) = waiting_package(world)
    waiting_package(world, sources=("ST1",), at="WH1")
    record = planner.get(f"/transfer_orders/{one.id}/").json()
    for query in (
        {"number": record["number"]},
        {"order": record["order"]["id"]},
        {"order__number": record["order"]["number"]},
        {"package": made.id},
        {"package_number": made.number},
        {"pk__in": one.id},
        {"id__lt": one.id + 1},
        {"source": world.locations["WH1"]},
        {"destination": world.locations["ST1"]},
    ):
        assert [row["id"] for row in planner.get("/transfer_orders/", **query).json()["results"]] == [
            one.id
        ], query
    for query in ({"state": record["state"]["id"]}, {"order__channel": world.channel}):
        assert planner.get("/transfer_orders/", **query).json()["count"] == 2, query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"state__enum_value": "flying"}, "state__enum_value"),
        ({"state": "x"}, "state"),
        ({"pk__in": "x"}, "pk__in"),
        ({"order__date_placed": "yesterday"}, "order__date_placed"),
        ({"sort": "colour"}, "sort"),
    ],
)
def test_bad_filters_are_refused_by_name(planner, query, field):
    for path in LISTS:
        answer = planner.get(path, **query)
        assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize("sort", ["id", "-id", "modified_date", "order_id", "-order_id"])
def test_lists_can_be_sorted(world, planner, sort):
    ids = [waiting_package(world)[1][0].id for _ in range(3)]
    Transfer.objects.filter(pk=ids[0]).update(modified_at=T0 - timedelta(days=1))
    rows = planner.get("/transfer_orders/minimal/", sort=sort).json()["results"]
    expected = sorted(ids, reverse=sort in ("-id", "-order_id"))
    assert [row["id"] for row in rows] == expected


def test_cursor_pages_show_each_transfer_once(world, planner):
    ids = [waiting_package(world)[1][0].id for _ in range(5)]
    seen, query = [], {"cursor": "", "limit": 2, "sort": "order_id"}
    while True:
        page = planner.get("/transfer_orders/minimal/", **query).json()
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"].split("cursor=")[1].split("&")[0]
    assert seen == ids


@pytest.mark.parametrize("path", [*LISTS, "/transfer-items/"])
def test_a_full_page_costs_the_same_statements_as_one_row(
    world, planner, path, django_assert_max_num_queries
):
    for _ in range(8):
        waiting_package(world)
    planner.get(path)
    with django_assert_max_num_queries(8):
        assert len(planner.get(path, limit=20).json()["results"]) == 8


def test_transfer_items_of_one_transfer(world, planner):
    made, (one, two) = waiting_package(world, sources=("WH1", "WH1"), of_each=3)
    page = planner.get("/transfer-items/", transfer_order=two.id).json()
    row = page["results"][0]
    assert (page["count"], row["id"]) == (1, two.item_ids[0])
    assert row["transfer_order"] == {"id": two.id, "number": f"{made.number}T2"}
    assert (row["quantity"], row["state"]["enum_value"]) == ("3.00", "waiting")
    assert planner.get(f"/transfer-items/{row['id']}/").json() == row
    for query, count in (
        ({"product": row["product"]["id"]}, 2), ({"product_sku": "SKU-A"}, 0), ({"quantity": "3"}, 2),
        ({"quantity__gt": "3"}, 0), ({"quantity__gte": "3.0", "transfer_order": one.id}, 1),
        ({"state__enum_value": "transferred"}, 0), ({"package_item": made.item_ids[1]}, 2),
    ):  # fmt: skip
        assert planner.get("/transfer-items/", **query).json()["count"] == count, query
    assert list(planner.get("/transfer-items/", quantity__gt="much").json()) == ["quantity__gt"]


def test_both_ends_see_a_transfer_and_nobody_else(world):
    _, (transfer,) = waiting_package(world, sources=("WH1",), at="ST1")
    item_id = transfer.item_ids[0]
    for code, sees in (("WH1", True), ("ST1", True), ("ST3", False)):
        one = caller("location_operator", username=code, location_ids=[world.locations[code]])
        for path in (*LISTS, "/transfer-items/"):
            assert one.get(path).json()["count"] == sees, (code, path)
        for path in (f"/transfer_orders/{transfer.id}/", f"/transfer-items/{item_id}/"):
            assert one.get(path).status_code == (200 if sees else 404), (code, path)
    entries = AuditEntry.objects.filter(action="foreign_id_refused").values_list("object_kind", "object_id")
    assert sorted(entries) == [("transfer", transfer.id), ("transferitem", item_id)]


def test_the_log_of_a_transfer_is_shown_to_both_ends(world, planner):
    _, (transfer,) = waiting_package(world)
    move(transfer, "in_transit")
    page = planner.get("/state-transition-logs/", content_type=27, object_id=transfer.id, sort="id").json()
    assert [row["new_state"]["enum_value"] for row in page["results"]] == ["waiting", "in_transit"]
    counts = {}
    for code in ("WH1", "ST1", "ST3"):
        one = caller("location_operator", username=code, location_ids=[world.locations[code]])
        counts[code] = one.get("/state-transition-logs/", content_type=27).json()["count"]
    assert counts == {"WH1": 2, "ST1": 2, "ST3": 0}


def test_the_detail_of_a_package_shows_its_transfers(world, planner):
    made, (one, two) = waiting_package(world, sources=("WH1", "WH1"))
    record = planner.get(f"/packages/{made.id}/").json()
    assert [t["id"] for t in record["transfers"]] == [one.id, two.id]
    assert [t["transferitem_set"][0]["quantity"] for t in record["transfers"]] == ["2.00", "2.00"]
    assert "transfers" not in planner.get("/packages/").json()["results"][0]
    assert Decimal(record["transfers"][0]["transferitem_set"][0]["quantity"]) == 2
