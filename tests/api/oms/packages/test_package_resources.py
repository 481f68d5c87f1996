from __future__ import annotations

from datetime import timedelta

import pytest

from ambar.kit import clock
from ambar.oms.locations.models import StockLocation
from ambar.oms.packages.models import Package
from ambar.oms.places.models import City, Country, Township
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import ADDRESS, T0, World, build, package, take
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def planner(db: None) -> Caller:
    return caller("planner")


def test_the_full_list_gives_whole_records_newest_first(world, planner):
    one, two = package(world), package(world, at="ST1")
    page = planner.get("/packages/").json()
    assert (page["count"], page["next"], page["previous"]) == (2, None, None)
    assert [row["number"] for row in page["results"]] == [two.number, one.number]
    assert [len(row["packageitem_set"]) for row in page["results"]] == [2, 2]
    assert [row["stock_location"]["erp_code"] for row in page["results"]] == ["ST1", "WH1"]


def test_the_short_list_counts_items(world, planner):
    made = package(world)
    row = planner.get("/packages/short/").json()["results"][0]
    stamp = clock.iso(T0)
    assert row == {
        "id": made.id, "number": made.number, "state": "100", "order_id": row["order_id"], "order_number": made.number[:-2],
        "stock_location_erp_code": "WH1", "packageitem_count": 2, "sequence": 1, "created_date": stamp, "modified_date": stamp,
    }  # fmt: skip


def test_package_items_name_package_product_and_state(world, planner):
    made = package(world)
    row = planner.get("/packages/package-items/", package=made.id, sort="id").json()["results"][0]
    assert row["id"] == made.item_ids[0]
    assert row["package"]["number"] == made.number
    assert row["order_item"]["product"] == {
        "sku": "SKU-A",
        "barcode": "8690000000001",
        "name": "Product SKU-A",
    }
    assert (row["state"]["enum_value"], row["quantity"], row["unit_weight"]) == ("100", "1.00", "0.300")
    returned = {"put_away": "0.00", "written_off": "0.00"}
    nothing = {"denial_reasons": [], "discrepancies": [], "transfer_orders": [], "returned": returned}
    assert planner.get(f"/packages/package-items/{row['id']}/").json() == {**row, **nothing}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state__enum_value": "100"}, ["wh"]),
        ({"state__enum_value": "200,500"}, ["st"]),
        ({"state__enum_value": "Preparing"}, ["st"]),
        ({"state__enum_value__ne": "100"}, ["st"]),
        ({"stock_location__erp_code": "ST1"}, ["st"]),
        ({"stock_location__erp_code__in": "ST1,WH1"}, ["wh", "st"]),
        ({"product_sku": "SKU-B"}, ["wh"]),
        ({"product_barcode": "8690000000001"}, ["wh", "st"]),
        ({"cargo_company": "yurtici"}, ["wh", "st"]),
        ({"cargo_company": "aras"}, []),
        ({"created_date__gte": "2026-01-15T09:30:00Z"}, ["wh", "st"]),
        ({"created_date__gt": "2026-01-15T09:30:00Z"}, []),
        ({"order__date_placed__date": "2026-01-15"}, ["wh", "st"]),
        ({"order__date_placed__date": "2026-01-14"}, []),
        ({"order__date_placed__date": "2026-01-16"}, []),
        ({"order__date_placed": "2026-01-15T09:30:00Z"}, ["wh", "st"]),
        ({"order__created_date__lte": "2026-01-15T09:30:00Z"}, ["wh", "st"]),
        ({"order__created_date__lt": "2026-01-15T09:30:00Z"}, []),
        ({"shipping_option_slug": "standart,fast"}, ["wh", "st"]),
        ({"order__customer__first_name": "AYŞE"}, ["wh", "st"]),
        ({"number__startswith": "2594"}, ["wh", "st"]),
        ({"number__startswith": "9"}, []),
    ],
)
def test_filters(world, planner, query, found):
    ids = {"wh": package(world).id, "st": package(world, at="ST1", state=200, lines=[("SKU-A", 1)]).id}
    for path in ("/packages/", "/packages/short/"):
        rows = planner.get(path, sort="id", **query).json()["results"]
        assert [row["id"] for row in rows] == [ids[name] for name in found]


def test_filters_by_address_store_and_delivery(world, planner):
    country = Country.objects.create(source="sc", upstream_id=1, name="Türkiye", folded="turkiye", code="tr")
    city = City.objects.create(
        source="sc", upstream_id=34, name="İstanbul", folded="istanbul", country=country
    )
    township = Township.objects.create(
        source="sc", upstream_id=340, name="Kadıköy", folded="kadikoy", city=city
    )
    StockLocation.objects.filter(pk=world.locations["ST1"]).update(upstream_id=55)
    there = take(
        world,
        country_id=country.pk,
        city_id=city.pk,
        township_id=township.pk,
        shipping_address={**ADDRESS, "retail_store": 55},
        delivery_range="10:00-12:00",
        shipping_option_slug="fast",
    )
    nested = take(world, shipping_address={**ADDRESS, "retail_store": {"pk": 55}}, shipping_option_slug=None)
    null = take(world, shipping_address={**ADDRESS, "retail_store": None})
    ids = {
        name: package(world, order_id=order, at=at).id
        for name, order, at in (("a", there, "WH1"), ("b", nested, "ST1"), ("c", null, "WH1"))
    }
    ids["d"] = package(world, at="ST1").id
    for query, found in (
        ({"country": country.pk}, "a"),
        ({"country__name": "TÜRKİYE"}, "a"),
        ({"city": city.pk}, "a"),
        ({"city__name": "istanbul,Ankara"}, "a"),
        ({"city__name": "Ankara"}, ""),
        ({"township": township.pk}, "a"),
        ({"township__name": "KADIKÖY"}, "a"),
        ({"delivery_range": "10:00-12:00"}, "a"),
        ({"click_and_collect": "true"}, "ab"),
        ({"click_and_collect": "false"}, "cd"),
        ({"retail_store__erp_code": "ST1"}, "ab"),
        ({"retail_store__erp_code": "WH1"}, ""),
        ({"stock_location_or_retail_store__erp_code": "ST1"}, "abd"),
        ({"shipping_option_slug__exclude": "standart"}, "ab"),
    ):
        rows = planner.get("/packages/short/", sort="id", **query).json()["results"]
        assert [row["id"] for row in rows] == [ids[name] for name in found], query
    for name in ("click_and_collect", "country", "city", "township", "order__date_placed__date"):
        assert list(planner.get("/packages/", **{name: "x"}).json()) == [name]


def test_packages_by_their_delivery_window(world, planner):
    morning = take(world, delivery_range="2026-11-30T08:00Z/2026-11-30T12:00Z")
    night = take(world, delivery_range='["2026-11-30 22:00+00","2026-12-01 02:00+00")')
    open_end = take(world, delivery_range="2026-12-01T10:00Z/..")
    named = take(world, delivery_range="morning")
    ids = {
        letter: package(world, order_id=order).id
        for letter, order in zip("abcd", (morning, night, open_end, named), strict=True)
    }
    for query, found in (
        ({"delivery_range__lower": "2026-11-30T08:00:00Z"}, "abc"),
        ({"delivery_range__lower": "2026-11-30T08:00:01Z"}, "bc"),
        ({"delivery_range__upper": "2026-11-30T12:00:00Z"}, "a"),
        ({"delivery_range__upper": "2026-12-01T02:00:00Z"}, "ab"),
        ({"delivery_range__date": "2026-11-29"}, ""),
        ({"delivery_range__date": "2026-11-30"}, "ab"),
        ({"delivery_range__date": "2026-12-01"}, "bc"),
        ({"delivery_range__date": "2027-01-01"}, "c"),
        ({"delivery_range": "morning"}, "d"),
    ):
        rows = planner.get("/packages/short/", sort="id", **query).json()["results"]
        assert [row["id"] for row in rows] == [ids[letter] for letter in found], query
    for name in ("lower", "upper", "date"):
        assert list(planner.get("/packages/", **{f"delivery_range__{name}": "soon"}).json()) == [
            f"delivery_range__{name}"
        ]


def test_filters_by_order_and_state_row(world, planner):
    one = package(world)
    package(world, state=200)
    record = planner.get(f"/packages/{one.id}/").json()
    for query in (
        {"order__number": record["order_number"]},
        {"order": record["order_id"]},
        {"order__omnitron_id": record["order_omnitron_id"]},
        {"state": record["state"]["id"]},
        {"id__in": one.id},
        {"order_item__omnitron_id": record["packageitem_set"][0]["order_item"]["omnitron_id"]},
    ):
        assert [row["id"] for row in planner.get("/packages/", **query).json()["results"]] == [one.id], query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"state__enum_value": "77"}, "state__enum_value"),
        ({"id__in": "x"}, "id__in"),
        ({"state": "x"}, "state"),
        ({"order_item__omnitron_id": "x"}, "order_item__omnitron_id"),
        ({"created_date__gte": "yesterday"}, "created_date__gte"),
        ({"limit": "0"}, "limit"),
        ({"sort": "colour"}, "sort"),
    ],
)
def test_bad_filters_are_refused_by_name(planner, query, field):
    answer = planner.get("/packages/", **query)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_a_full_page_costs_the_same_statements_as_one_row(world, planner, django_assert_max_num_queries):
    for _ in range(8):
        package(world)
    planner.get("/packages/")
    with django_assert_max_num_queries(8):
        assert len(planner.get("/packages/", limit=20).json()["results"]) == 8


def test_cursor_pages_show_each_package_once(world, planner):
    ids = [package(world).id for _ in range(5)]
    seen, query = [], {"cursor": "", "limit": 2, "sort": "id"}
    while True:
        page = planner.get("/packages/short/", **query).json()
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"].split("cursor=")[1].split("&")[0]
    assert seen == ids


def test_orders_are_listed_with_items_states_and_planning(world, planner):
    made = package(world)
    row = planner.get("/orders/").json()["results"][0]
    assert row["number"] == made.number[:-2]
    assert (row["state"]["enum_value"], row["state"]["name"], row["planning_state"]) == (
        "400",
        "Approved",
        "planned",
    )
    assert (row["amount"], row["currency"], row["channel"]["name"]) == ("239.90", "try", "Seller Center")
    assert [item["product"]["sku"] for item in row["orderitem_set"]] == ["SKU-A", "SKU-B"]
    assert {item["state"]["content_type"] for item in row["orderitem_set"]} == {3}
    assert planner.get(f"/orders/{row['id']}/").json() == row
    for query, count in (
        ({"number": row["number"]}, 1), ({"number__startswith": row["number"][:5]}, 1), ({"omnitron_id": row["omnitron_id"]}, 1),
        ({"state": "400"}, 1), ({"state": "approved"}, 1), ({"state": "450"}, 0), ({"planning_state": "planned"}, 1),
        ({"planning_state": "hold"}, 0), ({"channel": row["channel"]["id"]}, 1),
        ({"modified_date__gte": clock.iso(T0 + timedelta(days=1))}, 0),
    ):  # fmt: skip
        assert planner.get("/orders/", **query).json()["count"] == count, query
    assert planner.get("/orders/", planning_state="x").status_code == 400
    assert planner.get("/orders/999999/").status_code == 404


def test_shipments_keep_every_tracking_number_and_name_their_packages(world, planner):
    made = package(world)
    for body in (
        {"slug": "complete-packaging-from-waiting"},
        {"slug": "shipment-order", "tracking_number": "TR1"},
    ):
        assert planner.post(f"/packages/{made.id}/command/", body).status_code == 204
    row = planner.get("/shipments/", package__number=made.number).json()["results"][0]
    assert (row["awb_number"], row["tracking_numbers"], row["state"]["enum_value"]) == (
        "TR1",
        ["TR1"],
        "SHIPPING",
    )
    assert [p["number"] for p in row["packages"]] == [made.number]
    whole = planner.get(f"/shipments/{row['id']}/").json()
    commands = whole.pop("commands")
    assert whole == row and "delivered-from-shipped" in [one["slug"] for one in commands]
    record = planner.get(f"/packages/{made.id}/").json()
    assert record["shipment"]["awb_number"] == "TR1"
    assert record["shipment_date"] is not None
    assert planner.get("/shipments/", awb_number="TR2").json()["count"] == 0


def test_denial_reasons(world):
    admin = caller("admin")
    made = admin.post("/packages/package_denial_reason/", {"title": "Damaged", "priority": 2})
    assert made.status_code == 201
    reason = made.json()
    assert (reason["title"], reason["remote_id"], reason["priority"], reason["is_active"]) == (
        "Damaged",
        None,
        2,
        True,
    )
    path = f"/packages/package_denial_reason/{reason['id']}/"
    assert admin.post("/packages/package_denial_reason/", {"title": "Damaged"}).status_code == 400
    assert admin.patch(path, {"is_active": False}).json()["is_active"] is False
    assert admin.get("/packages/package_denial_reason/", title="amag", is_active="false").json()["count"] == 1
    for body in (
        {},
        {"title": ""},
        {"title": "x" * 256},
        {"title": 5},
        {"title": "a", "colour": 1},
        {"title": "a", "priority": "b"},
    ):
        assert admin.post("/packages/package_denial_reason/", body).status_code == 400, body
    for body in ({"title": ""}, {"title": None}, {"is_active": None}):
        assert admin.patch(path, body).status_code == 400, body
    assert admin.patch("/packages/package_denial_reason/99999/", {"title": "x"}).status_code == 404
    assert caller("planner").post("/packages/package_denial_reason/", {"title": "No"}).status_code == 403


def test_a_denial_reason_is_deleted_and_past_refusals_keep_its_title(world, planner):
    admin = caller("admin")
    reason = admin.post("/packages/package_denial_reason/", {"title": "Wet"}).json()["id"]
    made = package(world)
    body = {"slug": "refuse-from-waiting", "denial_reason": reason, "note": "box"}
    assert planner.post(f"/packages/{made.id}/command/", body).status_code == 204
    path = f"/api/v1/oms/packages/package_denial_reason/{reason}/"
    assert planner.client.delete(path, headers=planner.headers).status_code == 403
    assert admin.client.delete(path, headers=admin.headers).status_code == 204
    assert admin.client.delete(path, headers=admin.headers).status_code == 404
    (told,) = planner.get(f"/packages/package-items/{made.item_ids[0]}/").json()["denial_reasons"]
    assert (told["id"], told["title"], told["note"], told["package"]) == (
        reason, "Wet", "box", {"id": made.id, "number": made.number},
    )  # fmt: skip


def test_an_item_tells_where_it_was_not_found_and_its_neighbour_does_not(world, planner):
    made = package(world)
    missing, there = made.item_ids
    body = {"slug": "product-not-found-from-waiting", "package_items": [missing], "reason": "wrong_product"}
    assert planner.post(f"/packages/{made.id}/command/", body).status_code == 204
    (told,) = planner.get(f"/packages/package-items/{missing}/").json()["discrepancies"]
    assert {key: told[key] for key in ("package_item", "reason", "quantity", "package")} == {
        "package_item": missing, "reason": "wrong_product", "quantity": "1.00",
        "package": {"id": made.id, "number": made.number},
    }  # fmt: skip
    assert planner.get(f"/packages/package-items/{there}/").json()["discrepancies"] == []


def test_what_befell_an_item_elsewhere_is_not_told_to_another_location(world, planner):
    first = package(world)
    again = package(world, at="ST1", order_id=Package.objects.get(pk=first.id).order_id)
    body = {"slug": "product-not-found-from-waiting", "package_items": [first.item_ids[0]]}
    assert planner.post(f"/packages/{first.id}/command/", body).status_code == 204
    path = f"/packages/package-items/{again.item_ids[0]}/"
    assert len(planner.get(path).json()["discrepancies"]) == 1
    operator = caller("location_operator", location_ids=[world.locations["ST1"]])
    assert operator.get(path).json()["discrepancies"] == []


def test_an_item_names_the_transfers_that_bring_it(world, planner):
    made, (coming,) = waiting_package(world)
    (told,) = planner.get(f"/packages/package-items/{made.item_ids[1]}/").json()["transfer_orders"]
    assert (told["id"], told["number"], told["quantity"], told["state"]["enum_value"]) == (
        coming.id, coming.number, "2.00", "waiting",
    )  # fmt: skip
