"""Goods are not where they should be: the transfer ends, the package is planned anew, nothing stays reserved."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.packages.models import Package
from ambar.oms.planning import store as planning
from ambar.oms.stock import holdings
from ambar.oms.stock.models import LedgerEntry
from ambar.oms.transfers.models import Transfer, TransferItem
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import World, balances, build, events_of, log_of, quota
from tests.worlds.oms_transfers import add_location, waiting_package

pytestmark = pytest.mark.django_db
SLUGS = {"transfer-product-not-found": "cancelled", "transfer-out-of-stock": "out_of_stock"}


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def planner(db: None) -> Caller:
    return caller("planner")


def run(client, transfer, slug, **parameters):
    return client.post(f"/transfer_orders/{transfer.id}/command/", {"slug": slug, **parameters})


def everything():
    return (
        list(Transfer.objects.order_by("id").values()),
        list(Package.objects.order_by("id").values()),
        list(Order.objects.order_by("id").values("planning_state", "due_at")),
        LedgerEntry.objects.count(),
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_the_package_is_given_up_and_its_order_planned_without_that_source(world, planner, slug):
    made, (transfer,) = waiting_package(world)
    assert quota(world) == {"WH1": 0, "ST1": 1}
    assert run(planner, transfer, slug).status_code == 204
    assert Transfer.objects.get(pk=transfer.id).state == SLUGS[slug]
    assert TransferItem.objects.get().state == "out_of_stock"
    package = Package.objects.get(pk=made.id)
    assert package.state == 910
    assert log_of(made.id)[-1][:2] == ("300", "910")
    assert quota(world) == {"WH1": 0, "ST1": 0}
    assert balances(world, "WH1") == {"SKU-A": (100, 0), "SKU-B": (98, 0)}
    assert balances(world, "ST1") == {"SKU-A": (100, 0), "SKU-B": (100, 0)}
    assert holdings.read("transfer_item", transfer.item_ids) == []
    assert holdings.read("package_item", made.item_ids) == []
    assert Order.objects.get(pk=package.order_id).planning_state == "new"
    own, brought = OrderItem.objects.filter(order_id=package.order_id).order_by("id")
    excluded = planning.excluded([own.pk, brought.pk])
    assert {item: set(places) for item, places in excluded.items()} == {brought.pk: {world.locations["WH1"]}}
    assert f"{made.number}T1" in excluded[brought.pk][world.locations["WH1"]]
    assert events_of(transfer.id, "transfer")[-1][0] == "transfer.status.transitioned"


def test_only_the_named_items_are_missing(world, planner):
    made, coming = waiting_package(world)
    line = OrderItem.objects.filter(packageitem__id=made.item_ids[0]).get()
    transfer = Transfer.objects.get(pk=coming[0].id)
    second = TransferItem.objects.create(
        transfer=transfer, package_item_id=made.item_ids[0], order_item=line, product_id=line.product_id,
        quantity=Decimal(1), state="waiting", created_at=transfer.created_at, modified_at=transfer.created_at,
    )  # fmt: skip
    assert run(planner, transfer, "transfer-out-of-stock", transfer_items=[second.pk]).status_code == 204
    states = dict(TransferItem.objects.values_list("id", "state"))
    assert states == {second.pk: "out_of_stock", coming[0].item_ids[0]: "cancelled"}
    assert set(planning.excluded([line.pk, line.pk + 1])) == {line.pk}
    assert balances(world, "WH1")["SKU-B"] == (100, 0)


def test_other_transfers_of_the_package_are_called_off_or_end_as_free_stock(world, planner):
    add_location(world, "ST3")
    made, (one, two, three) = waiting_package(world, sources=("WH1", "ST3", "ST3"))
    assert run(planner, three, "transfer-dispatch-from-waiting").status_code == 204
    assert run(planner, one, "transfer-product-not-found").status_code == 204
    assert [Transfer.objects.get(pk=t.id).state for t in (one, two, three)] == [
        "cancelled",
        "cancelled",
        "in_transit",
    ]
    assert balances(world, "ST3")["SKU-B"] == (100, 2)
    assert run(planner, three, "transfer-delivered").status_code == 204
    assert balances(world, "ST3")["SKU-B"] == (98, 0)
    assert balances(world, "ST1")["SKU-B"] == (102, 0)
    assert Package.objects.get(pk=made.id).state == 910
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM oms_stock_arrival WHERE product_id = %s", [world.products["SKU-B"]]
        )
        assert cursor.fetchone()[0] >= 1


def test_two_transfers_of_one_package_fail_in_one_call(world, planner):
    add_location(world, "ST3")
    made, coming = waiting_package(world, sources=("WH1", "ST3"))
    body = {"slug": "transfer-product-not-found", "transfers": [t.id for t in coming]}
    assert planner.post("/transfer_orders/bulk-command/", body).json()["done"] == 2
    assert Package.objects.get(pk=made.id).state == 910
    assert [e[0] for e in events_of(made.id)] == ["package.created", "package.status.transitioned"]
    brought = OrderItem.objects.filter(packageitem__id=made.item_ids[1]).get()
    assert set(planning.excluded([brought.pk])[brought.pk]) == {
        world.locations["WH1"],
        world.locations["ST3"],
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_ready_or_under_way_cannot_be_missing_any_more(world, planner, slug):
    _, (ready,) = waiting_package(world)
    _, (gone,) = waiting_package(world)
    run(planner, ready, "transfer-ready-for-dispatch")
    run(planner, gone, "transfer-dispatch-from-waiting")
    before = everything()
    for transfer in (ready, gone):
        answer = run(planner, transfer, slug)
        assert (answer.status_code, list(answer.json())) == (400, ["transition"])
    assert everything() == before


@pytest.mark.parametrize(
    ("items", "field"), [(["x"], "transfer_items"), ([], "transfer_items"), ([10**9], "transfer_items")]
)
def test_items_of_another_transfer_are_refused_by_name(world, planner, items, field):
    _, (transfer,) = waiting_package(world)
    before = everything()
    answer = run(planner, transfer, "transfer-product-not-found", transfer_items=items)
    assert answer.status_code == 400
    assert [name.split(".")[0] for name in answer.json()] == [field]
    assert everything() == before


def test_a_package_that_waits_for_no_transfer_stays_as_it_is(world, planner):
    made, (transfer,) = waiting_package(world)
    Package.objects.filter(pk=made.id).update(state=100)
    before = everything()
    answer = run(planner, transfer, "transfer-product-not-found")
    assert (answer.status_code, answer.json()["code"]) == (406, "package_not_waiting_for_transfer")
    assert everything() == before


def test_where_stock_is_kept_outside_the_reservation_is_only_given_back(world, planner):
    _, (transfer,) = waiting_package(world)
    StockLocation.objects.filter(pk=world.locations["WH1"]).update(engine_id=1)
    assert run(planner, transfer, "transfer-out-of-stock").status_code == 204
    assert balances(world, "WH1")["SKU-B"] == (100, 0)
