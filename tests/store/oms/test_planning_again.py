"""What stands refused or out of stock is planned again: when, where to, and what becomes of the old packages."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ambar.kit.outbox.models import Event
from ambar.oms.app_settings import queries as settings
from ambar.oms.app_settings.actions.set_value import create
from ambar.oms.locations.models import QuotaUsed
from ambar.oms.orders import store as orders
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.planning import store
from ambar.oms.planning.actions import plan_orders as planner
from ambar.oms.planning.actions import replay
from ambar.oms.planning.actions.take_arrivals import take_arrivals
from ambar.oms.planning.models import Decision
from ambar.oms.scenarios.actions.save_scenario import save_scenario, save_transfer_scenario
from ambar.oms.stock import arrivals, queries
from ambar.oms.stock.domain.reservations import Held
from ambar.oms.stock.models import Balance
from ambar.oms.stock.store import release
from ambar.oms.transfers.models import Transfer, TransferItem
from tests.worlds.oms_planning import (
    NOW,
    make_locations,
    make_orders,
    make_products,
    make_rule,
    make_scenario,
    put_stock,
)

pytestmark = pytest.mark.django_db
HALF_AN_HOUR = timedelta(minutes=30)


def plan(now=NOW):
    return planner.plan_orders(limit=300, now=now)


def standing():
    """`(number, location, state, {item: quantity})` of every package, oldest first."""
    return [
        (
            package.number,
            package.location_id,
            package.state,
            {item.order_item_id: item.quantity for item in package.packageitem_set.all()},
        )
        for package in Package.objects.order_by("id")
    ]


def items_of(order):
    return list(OrderItem.objects.filter(order_id=order).order_by("id").values_list("id", flat=True))


def refuse(package, now=NOW):
    """As the command does: stock back, this location never again, Needs Rescheduling, planned again."""
    items = PackageItem.objects.filter(package=package)
    release(
        [Held(holder_kind="package_item", holder_id=item.pk) for item in items],
        reason="refused",
        cause=None,
        now=now,
    )
    store.exclude([(item.order_item_id, package.location_id, "refused: broken") for item in items], now=now)
    change = StateChange(
        package_id=package.pk, from_state=package.state, to_state=910, command_code="REFUSE", slug="refuse"
    )
    packages.lock([package.pk])
    packages.change_states([change], now=now)
    orders.request_planning([package.order_id], now)


def test_an_out_of_stock_package_moves_whole_when_its_time_comes_and_leaves_its_lineage():
    places, (product,) = make_locations(2), make_products(1)
    make_scenario(places[0])
    (order,) = make_orders([[(product, 3)]])
    assert plan() == 1
    (item,) = items_of(order)
    assert standing() == [("A1P1", places[0], 920, {item: 3})]
    row = Order.objects.get()
    assert (row.planning_state, row.due_at, row.planned_at) == ("out_of_stock", NOW + HALF_AN_HOUR, NOW)
    put_stock({(places[1], product): 3})
    assert plan(NOW + HALF_AN_HOUR - timedelta(seconds=1)) == 0
    assert plan(NOW + HALF_AN_HOUR) == 1
    assert standing() == [("A1P1", places[0], 900, {item: 3}), ("A1P2", places[1], 100, {item: 3})]
    old, new = Package.objects.order_by("id")
    assert (new.lineage, old.sync_pending_at) == ([old.pk], None)
    assert Order.objects.get().planning_state == "planned"
    assert dict(QuotaUsed.objects.values_list("location_id", "used")) == {places[0]: 0, places[1]: 1}
    kinds = list(
        Event.objects.filter(aggregate_id=old.pk, kind="package")
        .order_by("id")
        .values_list("type", flat=True)
    )
    assert kinds[-2:] == ["package.status.cancelled", "package.status.transitioned"]
    assert queries.check() == []
    assert {one.verdict for one in replay.replay()} == {"same"}


def test_what_finds_nothing_stays_as_it_is_and_its_attempts_are_counted_not_piled_up():
    (place,), (product,) = make_locations(1), make_products(1)
    make_scenario(place)
    make_orders([[(product, 1)]])
    plan()
    events = Event.objects.count()
    for turn in range(1, 6):
        assert plan(NOW + turn * HALF_AN_HOUR) == 1
    assert [row[2] for row in standing()] == [920]
    assert Event.objects.count() == events
    kept = list(Decision.objects.order_by("id").values_list("outcome", "times", "at", "last_at"))
    assert kept == [
        ("planned", 1, NOW, None),
        ("unchanged", 5, NOW + HALF_AN_HOUR, NOW + 5 * HALF_AN_HOUR),
    ]
    put_stock({(place, product): 0})
    put_stock({(place, product): 1})
    plan(NOW + 6 * HALF_AN_HOUR)
    assert [row[2] for row in standing()] == [900, 100]


def test_part_of_a_package_moves_only_when_the_scenario_says_so():
    (place,), (product,) = make_locations(1), make_products(1)
    scenario = make_scenario(place)
    (order,) = make_orders([[(product, 5)]])
    plan()
    (item,) = items_of(order)
    put_stock({(place, product): 2})
    plan(NOW + HALF_AN_HOUR)
    assert standing() == [("A1P1", place, 920, {item: 5})]
    assert Balance.objects.get().reserved == 0
    save_scenario({"replan_in_part": True}, scenario_id=scenario.pk, now=NOW)
    orders.request_planning([order], NOW)
    plan(NOW + HALF_AN_HOUR)
    assert standing() == [
        ("A1P1", place, 900, {item: 5}),
        ("A1P2", place, 150, {item: 2}),
        ("A1P3", place, 920, {item: 3}),
    ]
    first = Package.objects.earliest("id").pk
    assert [row.lineage for row in Package.objects.order_by("id")] == [[], [first], [first]]
    assert Order.objects.get().planning_state == "out_of_stock"
    assert queries.check() == []


def test_a_package_that_goes_on_waiting_takes_nothing_from_the_orders_behind_it():
    (place,), (product,) = make_locations(1), make_products(1)
    make_scenario(place)
    make_orders([[(product, 5)]])
    plan()
    put_stock({(place, product): 2})
    make_orders([[(product, 2)]], first=2)
    assert plan(NOW + HALF_AN_HOUR) == 2
    assert [(row[0], row[2]) for row in standing()] == [("A1P1", 920), ("A2P1", 100)]


def test_stock_that_arrives_is_planned_at_once():
    places, (product, other) = make_locations(2), make_products(2)
    make_scenario(places[0])
    make_orders([[(product, 1)], [(other, 1)]])
    plan()
    assert [row[2] for row in standing()] == [920, 920]
    assert take_arrivals(limit=100, now=NOW) == 0
    put_stock({(places[1], product): 4})
    assert take_arrivals(limit=100, now=NOW) == 1
    assert plan(NOW) == 1
    assert [(row[0], row[2]) for row in standing()] == [("A1P1", 900), ("A2P1", 920), ("A1P2", 100)]
    assert arrivals.take(10) == (0, frozenset())


def test_a_refusing_location_never_gets_the_item_again_and_the_search_ends():
    places, (product,) = make_locations(4), make_products(1)
    put_stock({(place, product): 10 for place in places})
    make_scenario(places[0], rules=[make_rule(split_policy="whole_order")])
    make_orders([[(product, 2)]])
    plan()
    seen = []
    for _ in range(10):
        package = Package.objects.filter(state=100).first()
        if package is None:
            break
        seen.append(package.location_id)
        refuse(package)
        assert plan() == 1
        assert plan() == 0
    assert seen == places
    states = [row[2] for row in standing()]
    assert states == [900, 900, 900, 900, 920]
    last = Package.objects.latest("id")
    assert (last.location_id, len(last.lineage)) == (places[0], 1)
    assert Order.objects.get().planning_state == "out_of_stock"
    for turn in (1, 2, 3):
        plan(NOW + turn * HALF_AN_HOUR)
    assert [row[2] for row in standing()] == states
    assert Decision.objects.filter(outcome="unchanged").count() == 1
    assert {balance.reserved for balance in Balance.objects.all()} == {0}
    assert queries.check() == []
    assert {one.verdict for one in replay.replay()} == {"same"}


def test_only_the_open_part_of_an_order_is_planned_again():
    places, (product, other) = make_locations(2), make_products(2)
    put_stock({(places[0], product): 1, (places[1], other): 1, (places[0], other): 0})
    make_scenario(places[0])
    (order,) = make_orders([[(product, 1), (other, 1)]])
    plan()
    first, second = items_of(order)
    _, refused = Package.objects.order_by("id")
    put_stock({(places[0], other): 7})
    refuse(refused)
    plan()
    assert standing() == [
        ("A1P1", places[0], 150, {first: 1}),
        ("A1P2", places[1], 900, {second: 1}),
        ("A1P3", places[0], 100, {second: 1}),
    ]


def test_cancelled_items_have_no_demand():
    (place,), (product, other) = make_locations(1), make_products(2)
    put_stock({(place, product): 5, (place, other): 5})
    make_scenario(place)
    (order,) = make_orders([[(product, 1), (other, 1)]])
    gone, left = items_of(order)
    OrderItem.objects.filter(pk=gone).update(state=100)
    plan()
    assert standing() == [("A1P1", place, 100, {left: 1})]
    orders.request_planning([order], NOW)
    assert plan() == 1
    assert standing() == [("A1P1", place, 100, {left: 1})]
    assert Order.objects.get().planning_state == "planned"


def test_the_wait_is_a_setting(request):
    (place,), (product,) = make_locations(1), make_products(1)
    make_scenario(place)
    create("PLANNING_SETTINGS", {"out_of_stock_minutes": 5}, now=NOW)
    settings.forget()
    request.addfinalizer(settings.forget)
    make_orders([[(product, 1)]])
    plan()
    assert Order.objects.get().due_at == NOW + timedelta(minutes=5)


def test_a_refused_package_without_another_home_becomes_out_of_stock():
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 1})
    make_scenario(place)
    make_orders([[(product, 1)]])
    plan()
    refuse(Package.objects.get())
    plan()
    assert [(row[0], row[2]) for row in standing()] == [("A1P1", 900), ("A1P2", 920)]
    assert Balance.objects.get().reserved == 0


def make_transfers(**given):
    rule = {
        "name": "from anywhere",
        "location_condition": {},
        "product_mode": "all",
        "product_condition": {},
        "source_condition": {},
        "selectors": ["SELECT_BY_PRIORITY"],
        **given,
    }
    return save_transfer_scenario({"name": "transfers", "is_active": True, "rules": [rule]}, now=NOW)


def test_missing_units_come_by_transfer_reserved_at_their_source_and_the_package_waits_for_them():
    places, (product,) = make_locations(3, max_quota=9), make_products(1)
    put_stock({(places[0], product): 1, (places[2], product): 5})
    first_only = {"field": "id", "op": "eq", "value": places[0]}
    make_transfers()
    make_scenario(
        places[0],
        rules=[make_rule(split_policy="whole_order", transferable=True, location_condition=first_only)],
    )
    make_orders([[(product, 4)]])
    plan()
    assert [(row[1], row[2]) for row in standing()] == [(places[0], 300)]
    transfer, item = Transfer.objects.get(), TransferItem.objects.get()
    assert (transfer.source_id, transfer.destination_id, item.quantity) == (places[2], places[0], Decimal(3))
    reserved = dict(Balance.objects.values_list("location_id", "reserved"))
    assert reserved == {places[0]: 1, places[2]: 3}
    assert dict(QuotaUsed.objects.values_list("location_id", "used"))[places[0]] == 1
    assert queries.check() == []
    assert {one.verdict for one in replay.replay()} == {"same"}
