"""POST /planning/dry-run/: what would become of an order, and nothing happens."""

from decimal import Decimal

import pytest
from django.apps import apps

from ambar.kit import clock
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.places.models import City, Country, Township
from ambar.oms.planning.actions.plan_orders import plan_orders
from tests.worlds.callers import caller
from tests.worlds.oms_planning import (
    make_channel,
    make_locations,
    make_orders,
    make_products,
    make_rule,
    make_scenario,
    put_stock,
)

pytestmark = pytest.mark.django_db
DRY = "/planning/dry-run/"


@pytest.fixture
def planner():
    return caller("planner")


@pytest.fixture
def world():
    places, products = make_locations(3), make_products(2)
    put_stock({(places[0], products[0]): 1, (places[1], products[0]): 5})
    make_scenario(places[0], rules=[make_rule(split_policy="whole_order")])
    return places, products


def counts():
    left_out = {"accounts_token", "accounts_session"}
    return {
        model._meta.db_table: model.objects.count()
        for model in apps.get_models()
        if model._meta.managed and model._meta.db_table not in left_out
    }


def given(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_typed_in_order_is_planned_with_real_stock_and_explained(planner, world):
    places, _ = world
    said = given(planner.post(DRY, {"lines": [{"sku": "SKU-00001", "quantity": "3"}], "amount": "50.00"}))
    assert said["outcome"] == "planned"
    assert [(one["location"]["erp_code"], one["state"], one["items"]) for one in said["packages"]] == [
        ("WH002", "100", [{"order_item": 1, "sku": "SKU-00001", "quantity": "3"}])
    ]
    cells = {cell["location"]: cell["because"] for cell in said["decision"]["matrix"]}
    assert cells == {places[0]: ["stock", "1", "3"], places[1]: None}
    first = said["decision"]["counterfactuals"][0]
    name = StockLocation.objects.get(pk=places[0]).name
    assert (first["location"], first["sentence"]["en"]) == (
        places[0],
        f"if {name} had 2 more of SKU-00001 (3 instead of 1)",
    )
    assert name in first["sentence"]["tr"]
    assert (said["transfers"], said["unplaced"], said["hold"]) == ([], [], None)


def test_nothing_is_written_and_nobody_is_told(planner, world):
    _, products = world
    (order,) = make_orders([[(products[0], 2)]])
    before = counts()
    for body in (
        {"order": order},
        {"order": "A1", "stock": [{"erp_code": "WH003", "sku": "SKU-00001", "available": 9}]},
        {"lines": [{"sku": "SKU-00002"}]},
    ):
        given(planner.post(DRY, body))
    assert counts() == before
    assert Order.objects.get().planning_state == "new"


def test_a_stored_order_is_planned_as_if_it_had_no_package(planner, world):
    places, products = world
    put_stock({(places[1], products[0]): 2})
    (order,) = make_orders([[(products[0], 2)]])
    plan_orders(limit=10, now=clock.now())
    said = given(planner.post(DRY, {"order": order}))
    assert [one["location"]["id"] for one in said["packages"]] == [places[1]]
    assert said["order"] == {"id": order, "number": "A1"}


@pytest.mark.parametrize("state", [500, 550])
def test_an_order_on_its_way_or_delivered_is_planned_whole_too(planner, world, state):
    places, products = world
    (order,) = make_orders([[(products[0], 2), (products[0], 1)]])
    OrderItem.objects.filter(order_id=order).update(state=state)
    OrderItem.objects.filter(order_id=order, quantity=1).update(state=100)
    said = given(planner.post(DRY, {"order": order}))
    assert [one["location"]["id"] for one in said["packages"]] == [places[1]]
    assert [item["quantity"] for one in said["packages"] for item in one["items"]] == ["2"]


def test_given_stock_is_all_there_is(planner, world):
    places, _ = world
    stock = [{"erp_code": "WH003", "sku": "SKU-00001", "available": "2.5"}]
    said = given(planner.post(DRY, {"lines": [{"sku": "SKU-00001", "quantity": 2}], "stock": stock}))
    assert [one["location"]["id"] for one in said["packages"]] == [places[2]]
    said = given(planner.post(DRY, {"lines": [{"sku": "SKU-00001", "quantity": 3}], "stock": stock}))
    assert [(one["location"]["id"], one["state"]) for one in said["packages"]] == [(places[0], "920")]
    assert said["unplaced"] == [{"order_item": 1, "quantity": "3"}]


def test_draft_scenarios_take_the_place_of_the_active_ones(planner, world):
    places, _ = world
    near = {"field": "id", "op": "eq", "value": places[2]}
    rule = {"name": "third", "location_condition": near, "split_policy": "free"}
    draft = {"name": "draft", "default_location": places[1], "rules": [rule]}
    stock = [{"erp_code": code, "sku": "SKU-00001", "available": 4} for code in ("WH001", "WH002", "WH003")]
    body = {"lines": [{"sku": "SKU-00001", "quantity": 5}], "stock": stock, "rules": [draft]}
    said = given(planner.post(DRY, body))
    assert [(one["location"]["id"], one["items"][0]["quantity"]) for one in said["packages"]] == [
        (places[2], "4"),
        (places[1], "1"),
    ]
    assert said["scenario"] == {"id": 1, "name": "draft"}


def test_places_are_named_or_given_by_id(planner, world):
    country = Country.objects.create(source="s", upstream_id=1, name="Türkiye", folded="turkiye", code="TR")
    city = City.objects.create(source="s", upstream_id=1, name="İzmir", folded="izmir", country=country)
    town = Township.objects.create(
        source="s",
        upstream_id=1,
        name="Konak",
        folded="konak",
        city=city,
        latitude=Decimal("38.4"),
        longitude=Decimal("27.1"),
    )
    same = {"field": "same_city", "op": "eq", "value": True}
    lines = [{"sku": "SKU-00001"}]
    named = {"country": "TR", "city": "izmir", "township": "KONAK"}
    by_id = {"country": country.pk, "city": city.pk, "township": town.pk}
    for address in (named, by_id):
        said = given(planner.post(DRY, {"lines": lines, "address": address}))
        assert said["outcome"] == "planned"
    assert same["value"]
    wrong = planner.post(DRY, {"lines": lines, "address": {"country": "TR", "city": "Paris"}})
    assert (wrong.status_code, list(wrong.json())) == (400, ["address.city"])
    only = planner.post(DRY, {"lines": lines, "address": {"country": "TR"}})
    assert only.status_code == 200
    gap = planner.post(DRY, {"lines": lines, "address": {"city": "Paris"}})
    assert (gap.status_code, gap.json()) == (
        400,
        {"address.country": ["The country is required to find the place by name."]},
    )


def test_a_refusal_of_the_whole_body_reads_as_a_sentence(planner, world):
    assert planner.post(DRY, {}).json() == {"non_field_errors": ["give either order or lines"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "non_field_errors"),
        ({"order": 1, "lines": [{"sku": "SKU-00001"}]}, "non_field_errors"),
        ({"order": 987654}, "order"),
        ({"lines": [{"sku": "SKU-00001"}], "address": {"latitude": 41}}, "address"),
        ({"lines": [{"sku": "SKU-00001"}], "now": "9999-12-31T23:59:59Z"}, "now"),
        (
            {
                "lines": [{"sku": "SKU-00001"}],
                "stock": [
                    {"erp_code": "WH001", "sku": "SKU-00001", "available": 1},
                    {"erp_code": "WH001", "sku": "SKU-00001", "available": 2},
                ],
            },
            "stock.1",
        ),
        ({"lines": []}, "lines"),
        ({"lines": [{"sku": "nothing"}]}, "lines.0.sku"),
        ({"lines": [{"sku": "SKU-00001", "quantity": 0}]}, "lines"),
        ({"lines": [{"sku": "SKU-00001"}], "channel": "nowhere"}, "channel"),
        ({"lines": [{"sku": "SKU-00001"}], "pickup_location": "WH9"}, "pickup_location"),
        ({"lines": [{"sku": "SKU-00001"}], "address": {"city": 4711}}, "address.city"),
        (
            {"lines": [{"sku": "SKU-00001"}], "stock": [{"erp_code": "WH9", "sku": "x", "available": 1}]},
            "stock.0.erp_code",
        ),
        (
            {"lines": [{"sku": "SKU-00001"}], "rules": [{"name": "d", "default_location": 987654}]},
            "rules.0.default_location",
        ),
    ],
)
def test_what_is_wrong_is_named(planner, world, body, field):
    answer = planner.post(DRY, body)
    assert answer.status_code == 400, answer.content
    assert any(name.startswith(field) for name in answer.json()), answer.json()


@pytest.mark.parametrize("given", [True, [1], -1, "", {}])
def test_what_is_neither_id_nor_name_is_told_once(planner, world, given):
    answer = planner.post(DRY, {"order": given})
    assert (answer.status_code, list(answer.json()), len(answer.json()["order"])) == (400, ["order"], 1)


def test_channels_count(planner, world):
    places, _ = world
    channel = make_channel()
    other = caller("planner", username="another")
    body = {"lines": [{"sku": "SKU-00001"}], "channel": channel.name}
    draft = {
        "name": "draft",
        "default_location": places[0],
        "channel_condition_type": "static",
        "channel_values": [channel.pk],
        "rules": [{"name": "any"}],
    }
    assert given(other.post(DRY, {**body, "rules": [draft]}))["outcome"] == "planned"
    held = given(other.post(DRY, {"lines": body["lines"], "rules": [draft]}))
    assert (held["outcome"], held["hold"]["code"]) == ("hold", "no_scenario")


def test_only_who_may_read_plans_may_try(world):
    assert caller("location_operator", location_ids=[1]).post(DRY, {"order": 1}).status_code == 403
