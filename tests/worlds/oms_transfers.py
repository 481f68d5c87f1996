"""Packages that wait for goods of another location: WH1 sends, ST1 receives, made by store calls."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from ambar.oms.locations import store as locations
from ambar.oms.locations.models import QuotaUsed, StockLocation
from ambar.oms.orders import store as orders
from ambar.oms.orders.models import OrderItem
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import CreatedPackage, NewPackage
from ambar.oms.stock import store as stock
from ambar.oms.stock.counts import Counted, set_on_hand
from ambar.oms.stock.domain.reservations import ReserveLine
from ambar.oms.transfers import store as transfers
from ambar.oms.transfers.domain.changes import CreatedTransfer, NewTransfer
from tests.worlds.oms_records import T0, World, take


def add_location(world: World, code: str, *, stock_of_each: int = 100, **given: object) -> int:
    """A further location with `stock_of_each` of every product; its id."""
    values = {"name": f"Location {code}", "erp_code": code, "max_quota": 1000, **given}
    location_id = world.locations[code] = StockLocation.objects.create(**values).pk
    QuotaUsed.objects.get_or_create(location_id=location_id)
    set_on_hand(
        [
            Counted(location_id=location_id, product_id=product, on_hand=Decimal(stock_of_each))
            for product in world.products.values()
        ],
        reason="test",
        cause=None,
        now=T0,
    )
    return location_id


def waiting_package(
    world: World, *, sources: tuple[str, ...] = ("WH1",), at: str = "ST1", of_each: int = 2, **order: object
) -> tuple[CreatedPackage, list[CreatedTransfer]]:
    """A package at `at` in Waiting for Transfer: SKU-A is there, `of_each` units of SKU-B come from each source.

    Own stock is reserved for the package item, the rest at each source for the transfer item; quota is counted.
    """
    lines = [("SKU-A", 1), ("SKU-B", of_each * len(sources))]
    order_id = take(world, lines=lines, **order)
    own, brought = OrderItem.objects.filter(order_id=order_id).order_by("id")
    here = world.locations[at]
    with transaction.atomic():
        made = packages.create(
            [
                NewPackage(
                    order_id=order_id,
                    location_id=here,
                    state=300,
                    items=tuple((i.pk, i.product_id, i.quantity) for i in (own, brought)),
                )
            ],
            now=T0,
        )[0]
        coming = transfers.create(
            [
                NewTransfer(
                    order_id=order_id,
                    package_id=made.id,
                    source_id=world.locations[source],
                    destination_id=here,
                    items=((made.item_ids[1], brought.pk, brought.product_id, Decimal(of_each)),),
                )
                for source in sources
            ],
            now=T0,
        )
        held = [
            ReserveLine(
                location_id=here,
                product_id=own.product_id,
                quantity=own.quantity,
                holder_kind="package_item",
                holder_id=made.item_ids[0],
            ),
            *(
                ReserveLine(
                    location_id=world.locations[source],
                    product_id=brought.product_id,
                    quantity=Decimal(of_each),
                    holder_kind="transfer_item",
                    holder_id=transfer.item_ids[0],
                )
                for source, transfer in zip(sources, coming, strict=True)
            ),
        ]
        stock.reserve(held, reason="plan", cause=None, now=T0)
        locations.move_quota({here: 1}, guarded=set())
        orders.mark_planned([order_id], T0)
    return made, coming
