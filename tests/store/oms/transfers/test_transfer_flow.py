"""From an order planned by a transferable rule to a package that can be packed: planner, transfers and stock together."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.domain.verdicts import TransfersUnderWay
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.locations.models import QuotaUsed
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.scenarios.actions.save_scenario import save_transfer_scenario
from ambar.oms.stock.models import Balance
from ambar.oms.transfers.models import Transfer, TransferItem
from tests.worlds.oms_planning import (
    NOW,
    later,
    make_locations,
    make_orders,
    make_products,
    make_rule,
    make_scenario,
    put_stock,
)
from tests.worlds.oms_records import events_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> dict[str, int]:
    """The store takes whole orders only; what it has not comes from the near and then the far warehouse."""
    store, near, far = make_locations(3)
    a, b = make_products(2)
    put_stock({(store, a): 10, (near, b): 2, (far, b): 10})
    at_store = {"field": "id", "op": "eq", "value": store}
    make_scenario(
        far,
        rules=[
            make_rule(
                location_condition=at_store,
                split_policy="whole_order",
                transferable=True,
                selectors=["SELECT_BY_QUOTA", "SELECT_BY_PRIORITY"],
            )
        ],
    )
    save_transfer_scenario(
        {
            "name": "from the warehouses",
            "is_active": True,
            "rules": [
                {
                    "name": "warehouses",
                    "location_condition": at_store,
                    "product_mode": "all",
                    "product_condition": {},
                    "source_condition": {"not": at_store},
                    "selectors": ["SELECT_BY_PRIORITY"],
                }
            ],
        },
        now=NOW,
    )
    return {"store": store, "near": near, "far": far, "a": a, "b": b}


@pytest.fixture(autouse=True)
def limits(world):
    from ambar.oms.locations.models import StockLocation

    StockLocation.objects.update(max_quota=50)


def stock() -> dict[tuple[int, int], tuple[Decimal, Decimal]]:
    return {(b.location_id, b.product_id): (b.on_hand, b.reserved) for b in Balance.objects.all()}


def from_the_ledger() -> dict[tuple[int, int], tuple[Decimal, Decimal]]:
    """(on hand, reserved) as the sums of the ledger say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT location_id, product_id, sum(quantity) FILTER (WHERE kind IN ('stock', 'consume')),"
            " coalesce(sum(quantity) FILTER (WHERE kind <> 'stock'), 0)"
            " FROM oms_stock_ledgerentry GROUP BY 1, 2"
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}


def used() -> dict[int, int]:
    return dict(QuotaUsed.objects.filter(used__gt=0).values_list("location_id", "used"))


def planned(world, quantity) -> tuple[Package, list[Transfer]]:
    (order,) = make_orders([[(world["a"], 3), (world["b"], quantity)]])
    assert plan_orders(limit=10, now=NOW) == 1
    package = Package.objects.get(order_id=order)
    return package, list(Transfer.objects.order_by("id"))


def test_an_order_is_planned_brought_together_and_packed(world):
    package, (one,) = planned(world, 2)
    assert (package.location_id, package.state) == (world["store"], 300)
    assert (one.number, one.source_id, one.destination_id) == (
        f"{package.number}T1",
        world["near"],
        world["store"],
    )
    item = TransferItem.objects.get()
    assert (item.package_item.product_id, item.quantity) == (world["b"], 2)
    assert stock()[world["store"], world["a"]] == (10, 3)
    assert stock()[world["near"], world["b"]] == (2, 2)
    assert used() == {world["store"]: 1}

    run_command(one.pk, kind=TRANSFERS, slug="transfer-dispatch-from-waiting", now=later(10))
    assert stock()[world["near"], world["b"]] == (2, 2)
    run_command(one.pk, kind=TRANSFERS, slug="transfer-delivered", now=later(20))
    package.refresh_from_db()
    assert (package.state, used()) == (100, {world["store"]: 1})
    assert stock()[world["near"], world["b"]] == (0, 0)
    assert stock()[world["store"], world["b"]] == (2, 2)
    assert from_the_ledger() == stock()

    run_command(package.pk, slug="complete-packaging-from-waiting", now=later(30))
    assert stock()[world["store"], world["b"]] == (0, 0)
    assert stock()[world["store"], world["a"]] == (7, 0)
    assert from_the_ledger() == stock()
    assert used() == {}
    assert events_of(package.pk) == [
        ("package.created", 1),
        ("package.status.transitioned", 2),
        ("package.status.packed", 3),
        ("package.status.transitioned", 4),
    ]
    assert events_of(one.pk, "transfer") == [
        ("transfer.status.created", 1),
        ("transfer.status.in_transit", 2),
        ("transfer.status.transitioned", 3),
        ("transfer.status.transferred", 4),
        ("transfer.status.transitioned", 5),
    ]


def test_goods_of_two_sources_meet_and_the_package_waits_for_both(world):
    package, coming = planned(world, 5)
    quantities = {t.source_id: t.transferitem_set.get().quantity for t in coming}
    assert sum(quantities.values()) == 5
    assert set(quantities) == {world["near"], world["far"]}
    for n, transfer in enumerate(coming):
        package.refresh_from_db()
        assert package.state == 300
        run_command(transfer.pk, kind=TRANSFERS, slug="transfer-dispatch-from-waiting", now=later(10 + n))
        run_command(transfer.pk, kind=TRANSFERS, slug="transfer-delivered", now=later(20 + n))
    package.refresh_from_db()
    assert package.state == 100
    assert stock()[world["store"], world["b"]] == (5, 5)
    assert from_the_ledger() == stock()
    assert used() == {world["store"]: 1}


def test_what_one_source_did_not_find_another_brings(world):
    old, (near,) = planned(world, 2)
    run_command(near.pk, kind=TRANSFERS, slug="transfer-product-not-found", now=later(10))
    old.refresh_from_db()
    assert (old.state, used()) == (910, {})
    assert stock()[world["near"], world["b"]] == (0, 0)
    assert plan_orders(limit=10, now=later(11)) == 1
    old.refresh_from_db()
    new = Package.objects.exclude(pk=old.pk).get()
    far = Transfer.objects.exclude(pk=near.pk).get()
    assert (old.state, new.state, new.lineage) == (900, 300, [old.pk])
    assert (new.location_id, far.source_id, far.package_id) == (world["store"], world["far"], new.pk)
    assert used() == {world["store"]: 1}
    run_command(far.pk, kind=TRANSFERS, slug="transfer-dispatch-from-waiting", now=later(20))
    run_command(far.pk, kind=TRANSFERS, slug="transfer-delivered", now=later(30))
    new.refresh_from_db()
    assert new.state == 100
    assert from_the_ledger() == stock()
    assert sum(PackageItem.objects.filter(package=new).values_list("quantity", flat=True)) == 5


def test_what_nobody_finds_ends_out_of_stock_and_is_never_asked_for_twice(world):
    planned(world, 2)
    for n in range(4):
        waiting = Transfer.objects.filter(state="waiting").first()
        if waiting is None:
            break
        run_command(waiting.pk, kind=TRANSFERS, slug="transfer-out-of-stock", now=later(10 + n))
        plan_orders(limit=10, now=later(10 + n))
    sources = list(Transfer.objects.order_by("id").values_list("source_id", flat=True))
    assert sources == [world["near"], world["far"]]
    living = Package.objects.exclude(state=900)
    assert [p.state for p in living] == [920]
    assert from_the_ledger() == stock()


def test_a_package_does_not_leave_waiting_for_transfer_by_hand_while_goods_are_to_come(world):
    make_orders([[(world["a"], 1), (world["b"], 1)]])
    assert plan_orders(limit=10, now=NOW) == 1
    package = Package.objects.get()
    transfer = Transfer.objects.get()
    with pytest.raises(TransfersUnderWay) as refusal:
        run_command(package.pk, slug="transfers-complete", now=later(1))
    assert refusal.value.params == {"transfers": [transfer.number]}
    package.refresh_from_db()
    assert package.state == 300
