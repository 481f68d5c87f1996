"""Locations, stock figures, availability and decisions over REST."""

import pytest

from ambar.kit import clock
from ambar.oms.catalogue.models import Product
from ambar.oms.locations.models import QuotaUsed
from ambar.oms.locations.store import StoreRow, move_quota, upsert_stores
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.stock import queries
from ambar.oms.stock.availability import fitting_locations
from tests.worlds.callers import caller
from tests.worlds.oms_planning import make_locations, make_orders, make_products, make_scenario, put_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner():
    return caller("planner")


def test_a_location_is_created_changed_and_shows_its_quota(planner):
    answer = planner.post(
        "/stocklocations/", {"name": "Kadıköy", "erp_code": "K1", "max_quota": 5, "tags": ["fast"]}
    )
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["quota"], made["available_quota"]) == (0, 5)
    move_quota({made["id"]: 2})
    changed = planner.patch(f"/stocklocations/{made['id']}/", {"max_quota": 10, "exit_time": "17:30"}).json()
    assert (changed["quota"], changed["available_quota"], changed["exit_time"]) == (2, 8, "17:30:00")
    assert planner.get("/stocklocations/", erp_code="K1", tag="fast").json()["results"] == [changed]
    assert planner.get("/stocklocations/list-simple/").json()["results"] == [
        {
            "id": made["id"], "omnitron_id": None, "name": "Kadıköy", "erp_code": "K1", "stock_location_type": "store",
            "is_active": True,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"max_quota": -1}, "max_quota"),
        ({"latitude": 91}, "latitude"),
        ({"city": 987654}, "city"),
        ({"name": None}, "name"),
        ({"name": "  "}, "name"),
        ({"erp_code": "WH002"}, "erp_code"),
        ({"erp_code": " WH002 "}, "erp_code"),
        ({"erp_code": "   "}, "erp_code"),
        ({"colour": "red"}, "colour"),
        ({"engine": 987654}, "engine"),
        ({"calendar": {"days": []}}, "calendar"),
        ({"calendar": {"days": [8]}}, "calendar"),
        ({"calendar": {"closed": ["2026-02-30"]}}, "calendar"),
        ({"calendar": {"open": [1]}}, "calendar"),
    ],
)
def test_a_wrong_location_is_refused_naming_the_field(planner, given, field):
    first, _ = make_locations(2)
    answer = planner.patch(f"/stocklocations/{first}/", given)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_calendar_is_kept_in_order(planner):
    (place,) = make_locations(1)
    given = {"days": [5, 1, 1], "closed": ["2026-10-29", "2026-01-01", "2026-10-29"]}
    shown = planner.patch(f"/stocklocations/{place}/", {"calendar": given}).json()
    assert shown["calendar"] == {"days": [1, 5], "closed": ["2026-01-01", "2026-10-29"]}
    assert planner.patch(f"/stocklocations/{place}/", {"calendar": {}}).json()["calendar"] == {}


def test_a_location_operator_sees_the_own_location_only():
    first, second = make_locations(2)
    operator = caller("location_operator", location_ids=[first])
    assert [row["id"] for row in operator.get("/stocklocations/").json()["results"]] == [first]
    assert operator.get(f"/stocklocations/{second}/").status_code == 404
    (product,) = make_products(1)
    put_stock({(first, product): 1, (second, product): 1})
    assert operator.get("/query-stock-availability/", sku="SKU-00001").json() == {"WH001": True}
    assert [r["stock_location"]["id"] for r in operator.get("/stock/").json()["results"]] == [first]


def test_stores_from_upstream_keep_what_people_set_here():
    rows = [
        StoreRow(erp_code="S1", name="Old", upstream_id=7),
        StoreRow(erp_code="S2", name="Two", upstream_id=8),
    ]
    ids = upsert_stores(rows)
    caller("planner").patch(
        f"/stocklocations/{ids['S1']}/", {"priority": 3, "max_quota": 9, "is_pickup_location": True}
    )
    again = upsert_stores([StoreRow(erp_code="S1-new", name="New", upstream_id=7, phone="0212")])
    assert again == {"S1-new": ids["S1"]}
    shown = caller("planner").get(f"/stocklocations/{ids['S1']}/").json()
    assert (shown["name"], shown["priority"], shown["max_quota"], shown["is_pickup_location"]) == (
        "New",
        3,
        9,
        True,
    )
    assert (shown["is_fulfillment_center"], shown["daytime_phone"], shown["omnitron_id"]) == (True, "0212", 7)
    assert QuotaUsed.objects.count() == 2


def test_good_rows_of_a_stock_feed_count_and_each_wrong_one_is_named(planner):
    make_locations(1)
    make_products(2)
    rows = [
        {"erp_code": "WH001", "sku": "SKU-00001", "quantity": 5},
        {"erp_code": "WH009", "sku": "SKU-00001", "quantity": 5},
        {"erp_code": "WH001", "sku": "SKU-99999", "quantity": 5},
        {"erp_code": "WH001", "sku": "SKU-00002", "quantity": -1},
        {"erp_code": "WH001", "sku": "SKU-00002", "quantity": "1.5", "unit_type": "kg"},
        "nonsense",
        {"erp_code": "WH001", "sku": "SKU-00002", "quantity": "1e999999"},
    ]
    answer = planner.post("/stock/", {"rows": rows})
    assert answer.status_code == 200
    assert answer.json() == {
        "accepted": 2,
        "changed": 2,
        "errors": [
            {"row": 1, "field": "erp_code", "message": "Location 'WH009' does not exist."},
            {"row": 2, "field": "sku", "message": "Product 'SKU-99999' does not exist."},
            {"row": 3, "field": "quantity", "message": "Must be 0 or more."},
            {"row": 5, "field": "row", "message": "Must be an object."},
            {"row": 6, "field": "quantity", "message": "Must be 0 or more."},
        ],
        "short": [],
    }
    shown = planner.get("/stock/", sku="SKU-00002").json()["results"]
    assert [(row["quantity"], row["reservation_count"], row["unit_type"]) for row in shown] == [
        ("1.50", "0.00", "kg")
    ]
    assert queries.check() == []


def test_availability_counts_repeated_skus_and_filters(planner):
    first, second = make_locations(2)
    product, other = make_products(2)
    put_stock({(first, product): 2, (first, other): 1, (second, product): 1})
    ask = "/query-stock-availability/"
    assert planner.get(ask, sku=["SKU-00001"]).json() == {"WH001": True, "WH002": True}
    assert planner.get(ask, sku=["SKU-00001", "SKU-00001"]).json() == {"WH001": True, "WH002": False}
    assert planner.get(ask, sku=["SKU-00001", "SKU-00002"], erp_code=["WH002"]).json() == {"WH002": False}
    assert planner.get(ask, sku=["nothing"]).json() == {"WH001": False, "WH002": False}
    assert planner.get(ask, sku=["SKU-00001"], tag=["none"]).json() == {}
    assert planner.get(ask, sku=["SKU-00002"], erp_code=["WH001", "WH009"]).json() == {
        "WH001": True,
        "WH009": False,
    }


def test_availability_takes_a_sku_of_any_characters(planner):
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 2})
    for sku in ('say "A", {B}', "back\\slash", "NULL", "ürün, 1"):
        Product.objects.filter(pk=product).update(sku=sku)
        shown = planner.get("/query-stock-availability/", sku=[sku, sku]).json()
        assert shown == {"WH001": True}, sku


def test_availability_errors_have_the_documented_body(planner, monkeypatch):
    ask = "/query-stock-availability/"

    def shown(answer):
        body = answer.json()
        assert set(body) == {"error", "message", "code", "timestamp"} and body["timestamp"].endswith("Z")
        return answer.status_code, body["error"], body["code"], body["message"]

    assert shown(planner.get(ask)) == (400, "Bad Request", "invalid", "sku: at least one SKU is required.")
    assert shown(planner.get(ask, sku=""))[3] == "sku: must not be empty."
    assert shown(planner.get(ask, sku="a", colour="red"))[3] == "colour: unknown parameter."
    assert shown(planner.get(ask, sku=["x"] * 101)) == (
        422, "Unprocessable Entity", "too_many_values", "sku: at most 100 values.",
    )  # fmt: skip
    assert shown(planner.get(ask, sku="a", tag=["t"] * 21))[0] == 422
    monkeypatch.setattr("ambar.oms.stock.api.availability.fitting_locations", lambda *_, **__: 1 / 0)
    assert shown(planner.get(ask, sku="a"))[:3] == (500, "Internal Server Error", "internal")


def test_availability_is_one_statement_once_the_locations_are_known(planner, django_assert_num_queries):
    place, _ = make_locations(2)
    (product,) = make_products(1)
    put_stock({(place, product): 1})
    planner.get("/query-stock-availability/", sku="SKU-00001")
    with django_assert_num_queries(1):
        fits, stale = fitting_locations({"SKU-00001": 1}, erp_codes=(), tags=())
    assert (fits, stale) == ({"WH001": True, "WH002": False}, [])
    planner.patch(f"/stocklocations/{place}/", {"is_active": False})
    assert fitting_locations({"SKU-00001": 1}, erp_codes=(), tags=())[0] == {"WH002": False}


def test_decisions_and_execution_plans_say_why(planner):
    first, second = make_locations(2)
    (product,) = make_products(1)
    put_stock({(first, product): 1, (second, product): 3})
    make_scenario(first)
    planned, held = make_orders([[(product, 2)], [(product, 9)]])
    plan_orders(limit=10, now=clock.now())
    (decision,) = planner.get(f"/orders/{planned}/decisions/").json()["results"]
    assert decision["outcome"] == "planned"
    assert [(c["location"], c["available"], c["kept"], c["took"]) for c in decision["matrix"]] == [
        (first, "1", True, "1"),
        (second, "3", True, "1"),
    ]
    plan = planner.get(f"/orderexecutionplans/{planned}/").json()
    assert (plan["state"], plan["order"]["number"]) == ("completed", "A1")
    assert plan["context"][0]["stock"] == {str(product): {str(first): "1", str(second): "3"}}
    for state, expected in (("completed", planned), ("pending", held)):
        listed = planner.get("/orderexecutionplans/", state=state).json()["results"]
        assert [row["id"] for row in listed] == [expected]
    assert planner.get("/orderexecutionplans/", state="lost").status_code == 400
    assert planner.get("/orders/999999/decisions/").status_code == 404
    operator = caller("location_operator", location_ids=[])
    assert operator.get(f"/orders/{planned}/decisions/").status_code == 404


def test_channels_and_products_are_listed(planner):
    make_products(2)
    make_scenario(make_locations(1)[0])
    assert [row["sku"] for row in planner.get("/products/", sku="SKU-00002").json()["results"]] == [
        "SKU-00002"
    ]
    assert planner.get("/channels/").json()["count"] == 0
    assert planner.get("/products/", colour="red").status_code == 400
