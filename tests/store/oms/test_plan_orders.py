"""The live planner against the real database."""

from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection

from ambar.kit.outbox.models import Event
from ambar.oms.locations.models import QuotaUsed, StockLocation
from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.planning.actions import plan_orders as planner
from ambar.oms.planning.models import Decision, Snapshot
from ambar.oms.planning.seeing import stock
from ambar.oms.stock import queries
from ambar.oms.stock.models import Balance
from tests.worlds.oms_planning import (
    NOW,
    make_channel,
    make_locations,
    make_orders,
    make_products,
    make_rule,
    make_scenario,
    put_stock,
)


def plan(limit=300):
    return planner.plan_orders(limit=limit, now=NOW)


def packages():
    return list(Package.objects.order_by("id").values_list("number", "location_id", "state"))


@pytest.mark.django_db
def test_an_order_becomes_packages_with_reservations_quota_and_a_decision():
    first, second = make_locations(2)
    product, other = make_products(2)
    put_stock({(first, product): 10, (second, product): 15, (first, other): 1})
    make_scenario(first)
    (order,) = make_orders([[(product, 13), (other, 2)]])
    assert plan() == 1
    assert packages() == [("A1P1", first, 150), ("A1P2", second, 150), ("A1P3", first, 920)]
    items = PackageItem.objects.order_by("id").values_list("package__number", "product_id", "quantity")
    assert list(items) == [
        ("A1P1", product, Decimal(10)),
        ("A1P1", other, Decimal(1)),
        ("A1P2", product, Decimal(3)),
        ("A1P3", other, Decimal(1)),
    ]
    reserved = dict(Balance.objects.values_list("location_id", "product_id").values_list("pk", "reserved"))
    assert reserved == {(first, product): 10, (first, other): 1, (second, product): 3}
    assert dict(QuotaUsed.objects.values_list("location_id", "used")) == {first: 1, second: 1}
    decision = Decision.objects.get()
    assert (decision.order_id, decision.outcome) == (order, "planned")
    assert set(Snapshot.objects.values_list("hash", "kind")) == {
        (decision.rules_hash, "rules"),
        (decision.view_hash, "locations"),
    }
    assert set(Package.objects.values_list("decision_id", flat=True)) == {decision.pk}
    assert Order.objects.get().planning_state == "out_of_stock"
    assert queries.check() == []
    assert plan() == 0


@pytest.mark.django_db
def test_figures_are_seen_to_the_thousandth_whatever_stands_beside_them():
    first, second, third = make_locations(3)
    products = make_products(4)
    figures = [("12", "7", "3"), ("0.001", "7", "3"), ("12.5", "0.25", "10.001"), ("1", "0", "0.999")]
    put_stock(
        {
            (place, product): figure
            for product, row in zip(products, figures, strict=True)
            for place, figure in zip((first, second, third), row, strict=True)
        }
    )
    seen = stock(products)
    assert [[seen[product].get(place) for place in (first, second, third)] for product in products] == [
        [12_000, 7_000, 3_000],
        [1, 7_000, 3_000],
        [12_500, 250, 10_001],
        [1_000, None, 999],
    ]


@pytest.mark.django_db
def test_an_order_without_a_scenario_is_held_visibly_and_planned_once_one_is_active():
    """Trap 15: an order no scenario is there for is held with its reason, and planned later."""
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 1})
    make_orders([[(product, 1)]])
    assert plan() == 1
    order = Order.objects.get()
    assert (order.planning_state, order.hold_reason) == ("hold", "No distribution scenario is active.")
    assert Decision.objects.get().outcome == "hold"
    make_scenario(place, channel_condition_type="static", channel_values=[make_channel().pk])
    assert plan() == 1
    assert packages() == [("A1P1", place, 100)]


@pytest.mark.django_db
def test_a_channel_no_scenario_names_is_held_with_its_name():
    """Trap 15: an unknown channel is a visible hold that names it."""
    (place,), (product,) = make_locations(1), make_products(1)
    scenario = make_scenario(place, payment_condition_type="static", payment_values=["havale"])
    make_orders([[(product, 1)]], payment_type="kredi kartı")
    plan()
    assert Order.objects.get().hold_reason == (
        f"No distribution scenario matches (channel Seller Center): scenario {scenario.pk}: payment does not match."
    )


@pytest.mark.django_db(transaction=True)
def test_one_order_that_cannot_be_written_is_set_aside_and_the_others_are_planned(monkeypatch):
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 10})
    make_scenario(place)
    ids = make_orders([[(product, 1)], [(product, 1)], [(product, 1)]])
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE oms_planning_decision ADD CONSTRAINT refuse_one CHECK (order_id <> {ids[1]}) NOT VALID"
        )
    try:
        assert plan() == 3
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE oms_planning_decision DROP CONSTRAINT refuse_one")
    assert dict(Order.objects.values_list("pk", "planning_state")) == {
        ids[0]: "planned",
        ids[1]: "hold",
        ids[2]: "planned",
    }
    assert Order.objects.get(pk=ids[1]).hold_reason.startswith("Planning failed: IntegrityError")
    assert queries.check() == []


@pytest.mark.django_db
def test_a_quota_rule_stops_at_the_limit_and_the_rest_goes_out_of_stock():
    (place,), (product,) = make_locations(1), make_products(1)
    StockLocation.objects.update(max_quota=2)
    put_stock({(place, product): 10})
    make_scenario(place, rules=[make_rule(selectors=["SELECT_BY_QUOTA"])])
    make_orders([[(product, 1)]] * 4)
    plan()
    assert [state for _, _, state in packages()] == [100, 100, 920, 920]
    assert QuotaUsed.objects.get().used == 2


def together(count, act):
    """Run `act` in `count` threads at once, each with its own connection."""
    start, failures = Barrier(count), []

    def run():
        try:
            start.wait()
            while act():
                pass
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.django_db(transaction=True)
def test_planners_side_by_side_plan_every_order_once_and_never_pass_stock_or_quota():
    places, (product,) = make_locations(3), make_products(1)
    StockLocation.objects.update(max_quota=7)
    put_stock({(place, product): 10 for place in places})
    make_scenario(places[0], rules=[make_rule(selectors=["SELECT_BY_QUOTA"], split_policy="whole_order")])
    make_orders([[(product, 1)]] * 60)
    together(4, lambda: plan(limit=5))
    assert Order.objects.filter(planning_state="planned").count() == 21
    assert Order.objects.filter(planning_state="out_of_stock").count() == 39
    assert Package.objects.count() == 60
    assert Package.objects.filter(state=100).count() == 21
    assert dict(QuotaUsed.objects.values_list("location_id", "used")) == dict.fromkeys(places, 7)
    assert queries.check() == []


@pytest.mark.django_db(transaction=True)
def test_what_is_gone_when_the_locks_are_taken_is_left_out_whole_and_nothing_of_the_first_try_stays(
    monkeypatch,
):
    (place,), (plenty, scarce) = make_locations(1), make_products(2)
    put_stock({(place, plenty): 5, (place, scarce): 5})
    make_scenario(place)
    ids = make_orders([[(plenty, 1)], [(plenty, 1), (scarce, 5)]])
    look, tries = planner._look, []

    def look_before_it_is_counted_again(*given):
        seen = look(*given)
        if not tries:
            count = Thread(target=lambda: (put_stock({(place, scarce): 2}), connection.close()))
            count.start()
            count.join()
        tries.append(seen)
        return seen

    monkeypatch.setattr(planner, "_look", look_before_it_is_counted_again)
    plan()
    states = Order.objects.values_list("pk", "planning_state")
    assert dict(states) == {ids[0]: "planned", ids[1]: "new"}
    assert list(Decision.objects.values_list("order_id", flat=True)) == [ids[0]]
    (package,) = Package.objects.all()
    assert set(Event.objects.values_list("kind", "aggregate_id")) == {("package", package.pk)}
    assert Balance.objects.get(product_id=plenty).reserved == 1
    plan()
    assert dict(states.all())[ids[1]] == "out_of_stock"
    assert queries.check() == []


@pytest.mark.django_db(transaction=True)
def test_the_last_units_of_a_product_go_to_as_many_orders_as_there_are_units():
    """Trap 1: planners side by side give the last units away once each."""
    places, (product,) = make_locations(2), make_products(1)
    put_stock({(places[0], product): 5, (places[1], product): 4})
    make_scenario(places[0])
    make_orders([[(product, 1)]] * 40)
    together(4, lambda: plan(limit=3))
    assert Package.objects.filter(state=100).count() == 9
    assert Package.objects.filter(state=920).count() == 31
    assert list(Balance.objects.order_by("location_id").values_list("on_hand", "reserved")) == [
        (5, 5),
        (4, 4),
    ]
    assert queries.check() == []
