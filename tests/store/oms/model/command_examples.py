"""How to run each command: the smallest valid parameters, what has to be so beforehand, and what it does besides moving.

A command that needs a parameter nobody here knows fails the model check until it has an example. Parameters are made by
name, so a new command that asks for known things (`package_items`, `denial_reason`, `reason`, …) needs nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from ambar.oms.catalogue.models import Product
from ambar.oms.commands import registry
from ambar.oms.locations import store as locations
from ambar.oms.orders.models import CancellationReason, OrderItem
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain import events as package_events
from ambar.oms.packages.domain.changes import NewPackage
from ambar.oms.packages.models import Package, PackageDenialReason, PackageItem
from ambar.oms.states.domain.codes import PackageStatus, counts_for_quota
from ambar.oms.states.queries import Transition
from ambar.oms.stock import store as stock
from ambar.oms.stock.counts import Counted, set_on_hand
from ambar.oms.stock.domain.reservations import Held, ReserveLine
from ambar.oms.stock.models import Balance
from ambar.oms.transfers.models import TransferItem
from ambar.oms.upstream.models import StatusSync
from tests.worlds.oms_records import T0

Maker = Callable[["Record"], Any]


@dataclass(frozen=True)
class Record:
    """A package or a transfer, by kind and id."""

    kind: str
    id: int

    def items(self) -> list[int]:
        """Ids of its items, oldest first."""
        if self.kind == "transfer":
            rows = TransferItem.objects.filter(transfer_id=self.id)
        else:
            rows = PackageItem.objects.filter(package_id=self.id, quantity__gt=0)
        return list(rows.order_by("id").values_list("id", flat=True))


def _denial_reason(_: Record) -> int:
    given = {"title": "Damaged", "created_at": T0, "modified_at": T0}
    return PackageDenialReason.objects.get_or_create(title="Damaged", defaults=given)[0].pk


def _cancellation_reason(_: Record) -> int:
    given = {"created_at": T0, "modified_at": T0}
    return CancellationReason.objects.get_or_create(title="Out of season", defaults=given)[0].pk


VALUES: dict[str, Maker] = {
    "package_items": lambda record: record.items()[:1],
    "transfer_items": lambda record: record.items()[:1],
    "assignment_groups": lambda record: [[*record.items(), "ST1"]],
    "denial_reason": _denial_reason,
    "cancellation_reason": _cancellation_reason,
    "reason": lambda _: "Told by the test.",
    "tracking_number": lambda _: "TR-0001",
    "shipping_company": lambda _: "yurtici",
    "invoice_number": lambda _: "F-2026-0001",
}
"""A valid value by the name of the parameter."""


def alike(record: Record) -> list[int]:
    """The other packages of its order that lie at the same place in the same state."""
    row = Package.objects.get(pk=record.id)
    rows = Package.objects.filter(order_id=row.order_id, location_id=row.location_id, state=row.state)
    return list(rows.exclude(pk=row.pk).order_by("pk").values_list("pk", flat=True))


def _another(record: Record) -> int:
    """Another package of the same order at the same place and in the same state: one that is there, else a new one."""
    if there := alike(record):
        return there[0]
    row = Package.objects.get(pk=record.id)
    return _one_more(row, row.state if row.state != PackageStatus.BLOCKED else PackageStatus.WAITING)


def without_stock(record: Record) -> list[int]:
    """The other packages of its location that are out of stock."""
    row = Package.objects.get(pk=record.id)
    there = Package.objects.filter(location_id=row.location_id, state=PackageStatus.OUT_OF_STOCK)
    return list(there.exclude(pk=row.pk).order_by("pk").values_list("pk", flat=True))


def _lacking(record: Record) -> int:
    """A package of the same place that has no stock: one that is there, else a new one."""
    if there := without_stock(record):
        return there[0]
    return _one_more(Package.objects.get(pk=record.id), PackageStatus.OUT_OF_STOCK)


def _one_more(row: Package, state: int) -> int:
    """One more unit of the package's first item is ordered, comes in, and is planned into this state."""
    mine = row.packageitem_set.order_by("id").first()
    assert mine is not None
    place, item = row.location_id, OrderItem.objects.get(pk=mine.order_item_id)
    unused = 1 + max(OrderItem.objects.values_list("upstream_id", flat=True))
    item.pk, item.upstream_id, item.quantity, item.price = None, unused, Decimal(1), Decimal(10)
    item.cancelled_quantity = Decimal(0)
    item.save()
    made = packages.create(
        [
            NewPackage(
                order_id=row.order_id,
                location_id=place,
                state=state,
                items=((item.pk, mine.product_id, Decimal(1)),),
            )
        ],
        now=T0,
    )[0]
    if state != PackageStatus.OUT_OF_STOCK:
        has = Balance.objects.filter(location_id=place, product_id=mine.product_id).first()
        counted = Decimal(1) if has is None else has.on_hand - has.short + 1
        set_on_hand(
            [Counted(location_id=place, product_id=mine.product_id, on_hand=counted)],
            reason="test",
            cause=None,
            now=T0,
        )
        holder = {"holder_kind": "package_item", "holder_id": made.item_ids[0]}
        line = ReserveLine(location_id=place, product_id=mine.product_id, quantity=Decimal(1), **holder)
        stock.reserve([line], reason="test", cause=None, now=T0)
        if mine.stock_taken_at is not None:
            stock.consume([Held(**holder)], reason="test", cause=None, now=T0)
            packages.mark_stock_taken(made.item_ids, now=T0)
    if counts_for_quota(state):
        locations.move_quota({place: 1})
    return made.id


def replacement(record: Record, item_id: int, *, missing: bool = False) -> dict[str, Any]:
    """Another product of which the package's location has enough for this item: one more comes in when it has not."""
    item = PackageItem.objects.select_related("package", "product").get(pk=item_id)
    other = Product.objects.exclude(pk=item.product_id).order_by("pk").first()
    assert other is not None
    place = item.package.location_id
    has = Balance.objects.filter(location_id=place, product_id=other.pk).first()
    if has is None or has.on_hand - has.reserved < item.quantity:
        counted = item.quantity + (has.on_hand - has.short if has else 0)
        set_on_hand(
            [Counted(location_id=place, product_id=other.pk, on_hand=counted)],
            reason="test",
            cause=None,
            now=T0,
        )
    return {"package_item": item.pk, "sku": other.sku, "missing": missing}


EXAMPLES: dict[str, Maker] = {
    "MERGE_PACKAGES": lambda record: {"packages": [_another(record)]},
    "MOVE_RESERVATION": lambda record: {"to_package": _lacking(record)},
    "PREPARE_PACKAGE_COMMAND": lambda _: {"select_items_by_omnitron_id": False},
    "REPLACE_PRODUCT": lambda record: {"replacement_products": [replacement(record, record.items()[0])]},
    "UpdateInvoiceOfThePackageCommand": lambda _: {"invoice_number": "F-2026-0001"},
    "UpdateShipmentInfoOfThePackageCommand": lambda _: {"tracking_number": "TR-0002"},
}
"""Parameters of commands whose schema does not tell what they need."""


def _upstream_knows(record: Record) -> None:
    """Upstream has accepted the very status the items have here."""
    for item in OrderItem.objects.filter(packageitem__package_id=record.id).select_related("order"):
        known = {
            "order_id": item.order_id,
            "order_number": item.order.number,
            "upstream_item_id": item.upstream_id,
            "package_id": record.id,
            "wanted": item.state,
            "sent": item.state,
            "state": "sent",
            "created_at": T0,
            "modified_at": T0,
        }
        StatusSync.objects.update_or_create(order_item_id=item.pk, defaults=known)


BEFOREHAND: dict[str, Callable[[Record], None]] = {"SHIP_WITHOUT_SHIPMENT_INTEGRATION": _upstream_knows}
"""What has to be so before the command can run."""

ENDS: dict[str, str] = {"DetectedOutOfStockItemCommandAdvanced": "900"}
"""Where the record of a command stands that does not go to the transition's destination, with these parameters."""

BESIDES: dict[str, tuple[str, ...]] = {
    "REFUSE_WITH_DENIAL_REASON": (package_events.REFUSED,),
    "ShipThePackageAdvancedCommand": (package_events.AWB_NUMBER,),
    "UpdateShipmentInfoOfThePackageCommand": (package_events.AWB_NUMBER,),
    "UpdateInvoiceOfThePackageCommand": (package_events.TRANSITIONED,),
    "REPLACE_PRODUCT": (package_events.TRANSITIONED,),
}
"""Events of the record beside those every move raises."""


class NoExample(AssertionError):
    """A command of which nobody told how it is run."""


def parameters(transition: Transition, record: Record) -> dict[str, Any]:
    """The smallest valid parameters of this transition's command for this record."""
    code = transition.command_code
    if code in EXAMPLES:
        return dict(EXAMPLES[code](record))
    required = registry.schema_of(code).get("required", [])
    unknown = [name for name in required if name not in VALUES]
    if unknown:
        raise NoExample(
            f"{code} needs {', '.join(unknown)}: add it to VALUES or EXAMPLES in {__name__}, so that the model check "
            "can run the command."
        )
    return {name: VALUES[name](record) for name in required}


def beforehand(transition: Transition, record: Record) -> None:
    """Make so what has to be so."""
    BEFOREHAND.get(transition.command_code, lambda _: None)(record)


def end_of(transition: Transition) -> str:
    """The state value in which the record stands afterwards."""
    return ENDS.get(transition.command_code, transition.destination)


def stands_in(record: Record) -> str:
    """The record's state value."""
    table = {"package": "oms_packages_package", "transfer": "oms_transfers_transfer"}[record.kind]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state FROM {table} WHERE id = %s", [record.id])
        return str(cursor.fetchone()[0])
