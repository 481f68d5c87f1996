"""From a refusal to a new home: the planner takes over, never back to where it came from, and every number leads there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.locations.models import QuotaUsed
from ambar.oms.orders.models import Order
from ambar.oms.packages import lineage
from ambar.oms.packages.models import Package, PackageDenialReason, PackageItem
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.stock.models import Balance
from ambar.oms.stock.queries import check
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


class House:
    """Three warehouses in order of priority with two products each, a default location without stock."""

    def __init__(self) -> None:
        *self.places, self.default = make_locations(4, max_quota=100)
        self.products = make_products(2)
        put_stock({(place, product): 10 for place in self.places for product in self.products})
        make_scenario(self.default)
        self.reason = PackageDenialReason.objects.create(title="Closed", created_at=NOW, modified_at=NOW).pk
        self.seconds = 0

    def order(self, *quantities: int) -> int:
        (order,) = make_orders([list(zip(self.products, quantities, strict=False))])
        self.plan()
        return order

    def plan(self) -> None:
        self.seconds += 60
        while plan_orders(limit=10, now=later(self.seconds)):
            pass

    def run(self, package: Package, slug: str, **parameters) -> None:
        self.seconds += 60
        run_command(package.pk, slug=slug, parameters=parameters, now=later(self.seconds))

    def refuse(self, package: Package, slug: str = "refuse-from-waiting") -> None:
        self.run(package, slug, denial_reason=self.reason)


@pytest.fixture
def house(db: None) -> House:
    return House()


def living(order: int) -> list[Package]:
    return list(Package.objects.filter(order_id=order).exclude(state=900).order_by("id"))


def items(package: Package) -> dict[int, Decimal]:
    return dict(PackageItem.objects.filter(package=package).values_list("product_id", "quantity"))


def test_a_refused_package_finds_another_home_until_there_is_none(house):
    order = house.order(2, 1)
    numbers = []
    for place in house.places:
        (package,) = living(order)
        assert (package.location_id, package.state) == (place, 100)
        numbers.append(package.number)
        house.refuse(package)
        house.plan()
    (last,) = living(order)
    assert (last.location_id, last.state) == (house.default, 920)
    assert items(last) == {house.products[0]: Decimal(2), house.products[1]: Decimal(1)}
    for number in numbers:
        assert [i for i in lineage.family(number) if Package.objects.get(pk=i).state != 900] == [last.pk]
    assert Order.objects.get(pk=order).planning_state == "out_of_stock"
    assert not Balance.objects.exclude(reserved=0).exists()
    assert not Balance.objects.filter(location_id__in=house.places).exclude(on_hand=10).exists()
    assert not QuotaUsed.objects.exclude(used=0).exists()
    assert check() == []


def test_rescheduling_what_everybody_refused_changes_nothing(house):
    order = house.order(1, 1)
    for _ in house.places:
        house.refuse(*living(order))
        house.plan()
    before = Package.objects.filter(order_id=order).count()
    (package,) = living(order)
    for _ in range(2):
        house.run(package, "reschedule-out-of-stock")
        house.plan()
    assert living(order) == [package]
    assert Package.objects.filter(order_id=order).count() == before


def test_new_stock_and_reschedule_move_what_was_out_of_stock(house):
    order = house.order(31)
    out = next(p for p in living(order) if p.state == 920)
    put_stock({(house.places[0], house.products[0]): 12}, now=later(house.seconds))
    house.run(out, "reschedule-out-of-stock")
    house.plan()
    assert [p.state for p in living(order) if p.state == 920] == []
    assert sum(items(p)[house.products[0]] for p in living(order)) == 31
    assert check() == []


def test_refusing_after_preparation_began_restores_and_plans_elsewhere(house):
    order = house.order(2, 1)
    (package,) = living(order)
    house.run(package, "deallocate-reservations")
    package.refresh_from_db()
    house.refuse(package, "refuse-from-preparing")
    house.plan()
    (new,) = living(order)
    assert (new.location_id, new.lineage) == (house.places[1], [package.pk])
    first = Balance.objects.filter(location_id=house.places[0])
    assert set(first.values_list("on_hand", "reserved")) == {(Decimal(10), Decimal(0))}
    assert check() == []


def test_what_was_not_found_goes_elsewhere_and_the_rest_is_planned_freely(house):
    order = house.order(2, 1)
    (package,) = living(order)
    missing = PackageItem.objects.get(package=package, product_id=house.products[0])
    house.run(package, "product-not-found-from-waiting", package_items=[missing.pk])
    house.plan()
    homes = {product: p.location_id for p in living(order) for product in items(p)}
    assert homes[house.products[0]] == house.places[1]
    assert Balance.objects.get(location_id=house.places[0], product_id=house.products[0]).on_hand == 8
    assert {p.state for p in living(order)} <= {100, 150}
    assert check() == []


def test_advanced_leaves_the_rest_where_it_is(house):
    order = house.order(2, 1)
    (package,) = living(order)
    missing = PackageItem.objects.get(package=package, product_id=house.products[0])
    house.run(package, "product-not-found-advanced-from-waiting", package_items=[missing.pk])
    house.plan()
    homes = {product: p.location_id for p in living(order) for product in items(p)}
    assert homes == {house.products[0]: house.places[1], house.products[1]: house.places[0]}
    found = [i for i in lineage.family(package.number) if Package.objects.get(pk=i).state != 900]
    assert found == [p.pk for p in living(order)]
    assert Order.objects.get(pk=order).planning_state == "planned"
    assert check() == []


def test_planning_by_hand_leaves_nothing_for_the_planner(house):
    order = house.order(2, 1)
    (package,) = living(order)
    house.refuse(package)
    package.refresh_from_db()
    ids = list(PackageItem.objects.filter(package=package).values_list("pk", flat=True))
    house.run(
        package,
        "manual-planning-from-needs-rescheduling",
        assignment_groups=[{"package_items": ids, "erp_code": "WH003"}],
    )
    house.plan()
    (new,) = living(order)
    assert (new.location_id, new.state) == (house.places[2], 100)
    assert Order.objects.get(pk=order).planning_state == "planned"
    assert check() == []
