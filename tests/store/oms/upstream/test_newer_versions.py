"""Bundles and newer versions of orders that are planned already, from the wire to the packages."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ambar.oms.catalogue.models import Product
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.orders.cancelled_units import cancel_units
from ambar.oms.orders.models import CancellationRequest, Order, OrderChange, OrderItem
from ambar.oms.orders.store import advance_items
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.stock.models import Balance
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.models import Quarantined
from tests.worlds import oms_planning as floor
from tests.worlds import oms_upstream as world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("places")]
SELLER = Configured(supplier_code="AMBAR-01")
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def warehouse(places):
    floor.plant_states()
    location = floor.make_locations(1)[0]
    floor.make_scenario(location)
    return location


def item(pk, sku, *, parent=None, price="10.00", units=1, status="400"):
    made = dict(world.GOLDEN["orderitem_set"][0])
    product = {"pk": pk, "sku": sku, "name": sku, "barcode": f"869{pk:010}", "attributes": {}}
    return {
        **made, "id": pk, "pk": pk, "product": product, "price": price, "parent": parent, "status": status,
        "attributes": {} if units == 1 else {"quantity": units},
    }  # fmt: skip


def take(*items, at=0, pk=7001, **changed):
    record = world.order(pk, at=world.T0 + at * SECOND, orderitem_set=list(items), **changed)
    return take_orders([record], source=world.SOURCE, configured=SELLER, now=world.NOW)[0]


def stocked(warehouse, **units):
    products = dict(Product.objects.values_list("sku", "pk"))
    floor.put_stock({(warehouse, products[sku]): quantity for sku, quantity in units.items()})


def plan(now=world.NOW):
    return plan_orders(limit=10, now=now)


def supplied():
    """{sku: units} in packages with their states."""
    rows = PackageItem.objects.order_by("package_id", "id").values_list(
        "package__state", "product__sku", "quantity"
    )
    return [(state, sku, int(quantity)) for state, sku, quantity in rows]


def test_only_the_parts_of_a_bundle_are_planned_and_the_packages_are_worth_what_was_paid(warehouse):
    take(
        item(1, "SET", price="100.00"),
        item(2, "CUP", parent=1, price="0", units=2),
        item(3, "POT", parent={"pk": 1}, price="0"),
        item(4, "TEA", price="7.50"),
    )
    stocked(warehouse, SET=9, CUP=9, POT=9, TEA=9)
    plan()
    assert supplied() == [(100, "CUP", 2), (100, "POT", 1), (100, "TEA", 1)]
    assert Package.objects.get().amount == Decimal("107.50")
    rows = OrderItem.objects.order_by("upstream_id").values_list(
        "upstream_id", "parent_upstream_id", "is_head"
    )
    assert list(rows) == [(1, None, True), (2, 1, False), (3, 1, False), (4, None, False)]


def test_two_bundles_that_share_a_part_never_get_its_last_unit_twice(warehouse):
    """Trap 4: the demand of both bundles is added up before the check."""
    take(
        item(1, "BREAKFAST", price="50.00"),
        item(2, "CUP", parent=1, price="0"),
        item(3, "TEATIME", price="60.00"),
        item(4, "CUP", parent=3, price="0"),
        item(5, "POT", parent=3, price="0"),
    )
    stocked(warehouse, CUP=1, POT=5, BREAKFAST=5, TEATIME=5)
    plan()
    assert sorted((state, units) for state, sku, units in supplied() if sku == "CUP") == [(150, 1), (920, 1)]
    assert Balance.objects.get(product__sku="CUP").reserved == 1
    assert sum(package.amount for package in Package.objects.all()) == Decimal("110.00")


def test_an_item_that_is_a_part_of_itself_is_set_aside(warehouse):
    verdict = take(item(1, "A", parent=2), item(2, "B", parent=1))
    assert verdict.outcome == "quarantined"
    assert "a part of itself" in Quarantined.objects.get().reason


def test_the_head_of_a_bundle_goes_on_with_its_slowest_part(warehouse):
    from ambar.oms.orders import store

    take(item(1, "SET"), item(2, "CUP", parent=1), item(3, "POT", parent=1))
    ids = dict(OrderItem.objects.values_list("upstream_id", "id"))
    store.advance_items({ids[2]: 500, ids[3]: 450}, now=world.NOW)
    assert OrderItem.objects.get(upstream_id=1).state == 450
    assert Order.objects.get().state == 450


def test_what_a_newer_version_adds_to_a_planned_order_is_planned_by_itself(warehouse):
    take(item(1, "CUP"))
    stocked(warehouse, CUP=9)
    plan()
    first = Package.objects.get()
    take(item(1, "CUP", units=3, price="30.00"), item(2, "POT"), at=1)
    stocked(warehouse, POT=9)
    assert Order.objects.get().planning_state == "new"
    plan()
    assert supplied() == [(100, "CUP", 1), (100, "CUP", 2), (100, "POT", 1)]
    assert Package.objects.exclude(pk=first.pk).get().amount == Decimal("30.00")
    assert Order.objects.get().planning_state == "planned"


def test_what_a_newer_version_adds_to_a_refunded_line_is_planned(warehouse):
    take(item(1, "CUP", units=2))
    stocked(warehouse, CUP=9)
    plan()
    run_command(Package.objects.get().pk, slug="packed-for-refund-from-waiting", now=world.NOW)
    assert (OrderItem.objects.get().state, Order.objects.get().state) == (600, 600)
    take(item(1, "CUP", units=3), at=1)
    assert (OrderItem.objects.get().state, Order.objects.get().state) == (400, 400)
    plan()
    assert supplied() == [(1100, "CUP", 2), (100, "CUP", 1)]


def test_a_bundle_in_a_bundle_is_cancelled_with_its_last_part_and_lives_again_with_it(warehouse):
    take(
        item(1, "BOX", price="90.00"),
        item(2, "SET", parent=1, price="0"),
        item(3, "CUP", parent=2, price="0"),
        item(4, "POT", parent=2, price="0"),
    )
    ids = dict(OrderItem.objects.values_list("upstream_id", "id"))
    cancel_units({ids[3]: Decimal(1)}, now=world.NOW)
    assert Order.objects.get().state == 400
    cancel_units({ids[4]: Decimal(1)}, now=world.NOW)
    states = dict(OrderItem.objects.values_list("upstream_id", "state"))
    assert (states, Order.objects.get().state) == ({1: 100, 2: 100, 3: 100, 4: 100}, 100)
    assert Order.objects.get().cancelled_amount == Decimal("90.00")
    cancel_units({ids[4]: Decimal(-1)}, now=world.NOW)
    states = dict(OrderItem.objects.values_list("upstream_id", "state"))
    assert (states, Order.objects.get().state) == ({1: 400, 2: 400, 3: 100, 4: 400}, 400)


def test_the_heads_above_a_bundle_go_on_with_its_slowest_part(warehouse):
    take(item(1, "BOX"), item(2, "SET", parent=1), item(3, "CUP", parent=2), item(4, "POT", parent=1))
    ids = dict(OrderItem.objects.values_list("upstream_id", "id"))
    advance_items({ids[3]: 500, ids[4]: 450}, now=world.NOW)
    states = dict(OrderItem.objects.values_list("upstream_id", "state"))
    assert (states, Order.objects.get().state) == ({1: 450, 2: 500, 3: 500, 4: 450}, 450)


def test_an_order_that_was_shipped_is_opened_again_for_what_is_added(warehouse):
    take(item(1, "CUP"))
    stocked(warehouse, CUP=9)
    plan()
    OrderItem.objects.update(state=500)
    Order.objects.update(state=500)
    take(item(1, "CUP", status="500"), item(2, "CUP"), at=1)
    plan()
    assert [units for _, sku, units in supplied()] == [1, 1]
    assert Order.objects.get().state == 400


def test_what_a_newer_version_leaves_out_becomes_a_request_once(warehouse):
    take(item(1, "CUP", units=3), item(2, "POT"))
    take(item(1, "CUP", units=1), at=1)
    take(item(1, "CUP", units=1), at=2)
    rows = CancellationRequest.objects.order_by("id").values_list(
        "order_item__upstream_id", "origin", "quantity", "status"
    )
    assert list(rows) == [(1, "order_version", 2, "waiting"), (2, "order_version", 1, "waiting")]
    assert list(OrderItem.objects.order_by("id").values_list("quantity", "told_quantity")) == [(3, 1), (1, 0)]


def test_a_new_address_is_taken_and_what_was_there_before_is_kept(warehouse):
    take(item(1, "CUP"))
    address = {**world.GOLDEN["shipping_address"], "line": "Bahariye Cad. 7"}
    take(item(1, "CUP"), at=1, shipping_address=address)
    assert Order.objects.get().shipping_address["line"] == "Bahariye Cad. 7"
    change = OrderChange.objects.get()
    assert list(change.changes) == ["shipping_address"]
    before, after = change.changes["shipping_address"]
    assert (before["line"], after["line"]) == ("Moda Cad. No: 12 D: 3", "Bahariye Cad. 7")
    assert Order.objects.get().planning_state == "new"


def test_an_older_version_changes_nothing_and_is_noted_once(warehouse):
    take(item(1, "CUP", units=2), at=5)
    before = Order.objects.values().get()
    for _ in range(3):
        assert take(item(1, "CUP"), at=1).outcome == "unchanged"
    assert Order.objects.values().get() == before
    assert OrderItem.objects.get().quantity == 2
    change = OrderChange.objects.get()
    assert (change.is_older, change.upstream_modified_at) == (True, world.T0 + SECOND)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param([(1, "SET", None), (2, "CUP", 1), (3, "POT", 1)], {1: 450, 2: 500}, id="a bundle"),
        pytest.param(
            [(1, "BOX", None), (4, "SET", 1), (5, "BAG", 4), (2, "CUP", 5), (3, "POT", 1)],
            {1: 450, 2: 500, 4: 500, 5: 500},
            id="bundles in bundles",
        ),
    ],
)
def test_the_heads_above_a_part_are_told_upstream_with_their_slowest_part(warehouse, lines, told):
    from ambar.oms.packages import store as packages
    from ambar.oms.packages.domain.changes import StateChange
    from ambar.oms.upstream.actions.sync_statuses import note_changes
    from ambar.oms.upstream.domain.statuses import DEFAULT_MAP
    from ambar.oms.upstream.models import StatusSync

    take(*(item(pk, sku, parent=parent) for pk, sku, parent in lines))
    stocked(warehouse, CUP=1, POT=0)
    plan()
    ready = Package.objects.get(state=150)
    packages.lock([ready.pk])
    for before, after in ((150, 500), (500, 600)):
        change = StateChange(
            package_id=ready.pk, from_state=before, to_state=after, command_code="TEST", slug="test"
        )
        packages.change_states([change], now=world.NOW)
    note_changes(DEFAULT_MAP, now=world.NOW)
    assert dict(StatusSync.objects.values_list("upstream_item_id", "wanted")) == told
