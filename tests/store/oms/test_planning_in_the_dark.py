"""Orders whose outside stock figures are too old or not to be had."""

from datetime import timedelta

import pytest

from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package
from ambar.oms.planning.actions import plan_orders as planner
from ambar.oms.planning.actions import replay
from ambar.oms.planning.models import Decision
from ambar.oms.stock.engines import StaleOrUnknown
from tests.worlds.oms_planning import (
    NOW,
    make_locations,
    make_orders,
    make_products,
    make_scenario,
    put_stock,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside(monkeypatch):
    """One location has an outside service; `told` is what is not known of it, `asked` the products asked for."""

    class Outside:
        told = StaleOrUnknown()
        asked: list = []

    monkeypatch.setattr(planner, "engine_locations", lambda: {1: 1})
    monkeypatch.setattr(planner, "ask_engines", lambda products, *, now: Outside.asked.append(set(products)))
    monkeypatch.setattr(planner, "unknown_locations", lambda products, *, now: Outside.told)
    return Outside


def missing(pairs, *, stale):
    keys = frozenset(pairs)
    return StaleOrUnknown(
        stale=keys if stale else frozenset(), missing=keys, unknown=frozenset(place for place, _ in keys)
    )


def test_a_service_that_does_not_answer_leaves_the_order_pending_and_never_out_of_stock(outside):
    """Trap 15: unknown stock is a visible pending plan, asked again after a minute."""
    places, (product, other) = make_locations(2), make_products(2)
    put_stock({(places[0], other): 1})
    make_scenario(places[0])
    make_orders([[(product, 1)], [(other, 1)]])
    outside.told = missing([(places[1], product)], stale=False)
    assert planner.plan_orders(limit=10, now=NOW) == 2
    assert outside.asked[-1] == {product, other}
    first, second = Order.objects.order_by("id")
    assert (first.planning_state, first.due_at) == ("pending", NOW + timedelta(seconds=60))
    named = StockLocation.objects.get(pk=places[1]).name
    assert first.hold_reason == f"No fresh figure from the stock service of {named}."
    assert (second.planning_state, Package.objects.get().order_id) == ("planned", second.pk)
    outside.told = StaleOrUnknown()
    put_stock({(places[1], product): 1})
    assert planner.plan_orders(limit=10, now=NOW + timedelta(seconds=59)) == 0
    assert planner.plan_orders(limit=10, now=NOW + timedelta(seconds=60)) == 1
    assert set(Order.objects.values_list("planning_state", flat=True)) == {"planned"}
    assert list(Decision.objects.order_by("id").values_list("outcome", flat=True)) == [
        "pending",
        "planned",
        "planned",
    ]
    assert {one.verdict for one in replay.replay()} == {"same"}


def test_orders_whose_figures_are_too_old_stay_in_the_queue_until_they_were_asked_for(outside):
    places, (product, other) = make_locations(2), make_products(2)
    put_stock({(place, one): 5 for place in places for one in (product, other)})
    make_scenario(places[0])
    ids = make_orders([[(product, 1)], [(other, 1)]])
    outside.told = missing([(places[1], product)], stale=True)
    assert planner.plan_orders(limit=10, now=NOW) == 2
    assert dict(Order.objects.values_list("pk", "planning_state")) == {ids[0]: "new", ids[1]: "planned"}
    assert Decision.objects.count() == 1
    outside.told = StaleOrUnknown()
    assert planner.plan_orders(limit=10, now=NOW) == 1
    assert set(Order.objects.values_list("planning_state", flat=True)) == {"planned"}
