"""Decisions, execution plans and the stock seen while planning, over REST."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ambar.kit import clock
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import OrderItem
from ambar.oms.planning.actions.plan_orders import plan_orders
from tests.worlds.callers import caller
from tests.worlds.oms_planning import (
    NOW,
    later,
    make_locations,
    make_orders,
    make_products,
    make_scenario,
    put_stock,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner():
    return caller("planner")


@pytest.fixture
def world():
    """One order for two products of which one is short, planned twice."""
    places, products = make_locations(2), make_products(2)
    put_stock({(places[0], products[0]): 5, (places[1], products[0]): 1, (places[1], products[1]): 1})
    make_scenario(places[0])
    make_orders([[(products[0], 2)], [(products[0], 2), (products[1], 3)]])
    plan_orders(limit=1, now=NOW)
    plan_orders(limit=10, now=later(60))
    plan_orders(limit=10, now=later(3600))
    plan_orders(limit=10, now=later(7200))
    return places, products


def test_decisions_tell_the_matrix_the_attempts_and_what_would_have_changed_it(planner, world):
    order = OrderItem.objects.latest("id").order_id
    answer = planner.get(f"/orders/{order}/decisions/")
    assert answer.status_code == 200, answer.content
    newest, first = answer.json()["results"]
    assert (first["outcome"], first["times"]) == ("planned", 1)
    assert (newest["outcome"], newest["times"], newest["last_date"]) == (
        "unchanged",
        2,
        clock.iso(later(7200)),
    )
    assert first["counterfactuals"] is None
    assert {one["location"] for one in newest["counterfactuals"]} <= set(world[0])
    names = dict(StockLocation.objects.values_list("pk", "name"))
    for one in newest["counterfactuals"]:
        assert set(one["sentence"]) == {"en", "tr"}
        assert one["change"] is None or names[one["location"]] in one["sentence"]["en"]
    assert first["out_of_stock"] == [[1, "2"]]


def test_stock_seen_is_stock_less_reservations_at_each_attempt(planner, world):
    item = OrderItem.objects.filter(order__number="A2").order_by("id").first()
    answer = planner.get("/order-stock-info/", order_number="A2", erp_code="WH001").json()
    assert (answer["count"], answer["next"]) == (3, None)
    shown = [row for row in answer["results"] if row["order_item"]["pk"] == item.pk]
    assert shown == [
        {
            "date": clock.iso(later(60)),
            "order_item": {
                "pk": item.pk,
                "sku": item.sku,
                "omnitron_id": item.upstream_id,
                "order_number": "A2",
            },
            "stock_data": {
                "quantity": "3.00",
                "unit_type": "quantity",
                "stock_count": "5.00",
                "reservation_count": "2.00",
            },
        }
    ]
    both = planner.get("/order-stock-info/", order_number="A2").json()["results"]
    assert [row["stock_data"]["quantity"] for row in both] == ["0.00", "4.00", "1.00"]
    assert planner.get("/order-stock-info/", order_number="A2", limit=2).json()["next"].endswith("page=2")
    assert planner.get("/order-stock-info/", order_number="none").json()["count"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "order_number"),
        ({"order_number": "A2", "page": "x"}, "page"),
        ({"order_number": "A2", "of": 1}, "of"),
    ],
)
def test_what_is_wrong_is_named(planner, query, field):
    answer = planner.get("/order-stock-info/", **query)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_execution_plans_tell_every_attempt_in_their_context_at_the_same_price(planner, world):
    places, products = world
    plans = {plan["order"]["number"]: plan for plan in planner.get("/orderexecutionplans/").json()["results"]}
    assert {number: plan["state"] for number, plan in plans.items()} == {"A1": "completed", "A2": "pending"}
    assert len(plans["A2"]["orderexecutionplanitem_set"]) == 2
    context = plans["A2"]["context"]
    assert [entry["outcome"] for entry in context] == ["planned", "unchanged"]
    assert context[0]["stock"][str(products[0])] == {str(places[0]): "3", str(places[1]): "1"}
    with CaptureQueriesContext(
        connection,
    ) as few:
        planner.get("/orderexecutionplans/", limit=1)
    make_orders([[(products[0], 1)]] * 5, first=10)
    plan_orders(limit=10, now=NOW)
    with CaptureQueriesContext(connection) as many:
        planner.get("/orderexecutionplans/", limit=6)
    assert len(many) <= len(few) + 1
