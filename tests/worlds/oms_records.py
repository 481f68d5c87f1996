"""A small OMS to test on: one channel, two locations, stock, and orders planned into packages by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from ambar.kit import outbox  # noqa: F401
from ambar.oms.catalogue.models import Channel, Product
from ambar.oms.locations import store as locations
from ambar.oms.locations.models import QuotaUsed, StockLocation
from ambar.oms.orders import intake_store
from ambar.oms.orders import store as orders
from ambar.oms.orders.domain.incoming import IncomingItem, IncomingOrder
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import CreatedPackage, NewPackage
from ambar.oms.stock import store as stock
from ambar.oms.stock.counts import Counted, set_on_hand
from ambar.oms.stock.domain.reservations import ReserveLine
from ambar.oms.stock.models import Balance, LedgerEntry

T0 = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
ADDRESS = {
    "title": "Ev",
    "first_name": "Ayşe",
    "last_name": "Yılmaz",
    "email": "ayse@example.com",
    "phone_number": "+905321112233",
    "country": "Türkiye",
    "country_code": "tr",
    "city": "İstanbul",
    "township": "Kadıköy",
    "district": "Caferağa Mah",
    "line": "Moda Cad. No: 12",
    "postcode": "34710",
    "company_name": "",
    "tax_office": "",
    "tax_no": "",
    "e_bill_taxpayer": False,
    "identity_number": "",
    "notes": "",
}
CUSTOMER = {
    "id": 71,
    "first_name": "Ayşe",
    "last_name": "Yılmaz",
    "email": "ayse@example.com",
    "phone_number": "+905321112233",
}


@dataclass
class World:
    """Ids of what was made."""

    channel: int
    locations: dict[str, int]
    products: dict[str, int]
    upstream: int = 7000
    made: list[int] = field(default_factory=list)


def build(*, stock_of_each: int = 100) -> World:
    """One channel, locations WH1 and ST1 (quota 1000), products SKU-A and SKU-B with `stock_of_each` everywhere."""
    channel = Channel.objects.create(
        source="seller_center", upstream_id=1, name="Seller Center", channel_type="sales_channel"
    )
    places = {
        code: StockLocation.objects.create(
            name=f"Location {code}",
            erp_code=code,
            max_quota=1000,
            line="Bahariye Cad. 40",
            latitude=Decimal("40.990700"),
            longitude=Decimal("29.027900"),
        ).pk
        for code in ("WH1", "ST1")
    }
    for location_id in places.values():
        QuotaUsed.objects.get_or_create(location_id=location_id)
    products = {
        sku: Product.objects.create(
            sku=sku, name=f"Product {sku}", barcode=f"869{n:010}", weight=Decimal("0.300")
        ).pk
        for n, sku in enumerate(("SKU-A", "SKU-B"), start=1)
    }
    set_on_hand(
        [
            Counted(location_id=location, product_id=product, on_hand=Decimal(stock_of_each))
            for location in places.values()
            for product in products.values()
        ],
        reason="test",
        cause=None,
        now=T0,
    )
    return World(channel=channel.pk, locations=places, products=products)


def incoming(
    world: World, *, lines: Sequence[tuple[str, int]] = (("SKU-A", 1), ("SKU-B", 1)), **changed: Any
) -> IncomingOrder:
    """An order as taken from the Seller Center, with an upstream id of its own."""
    if "upstream_id" not in changed:
        world.upstream += 1
    upstream_id = changed.pop("upstream_id", world.upstream)
    items = tuple(
        IncomingItem(
            upstream_id=upstream_id * 10 + n,
            sku=sku,
            product_id=world.products[sku],
            quantity=Decimal(quantity),
            price=Decimal("100.00") * quantity,
            tax_rate=Decimal(20),
            currency="try",
        )
        for n, (sku, quantity) in enumerate(lines, start=1)
    )
    values: dict[str, Any] = {
        "source": "seller_center",
        "upstream_id": upstream_id,
        "number": str(2594887831800000 + upstream_id),
        "channel_id": world.channel,
        "upstream_modified_at": T0,
        "date_placed": T0,
        "supplier_code": "AMBAR-01",
        "currency": "try",
        "amount": Decimal("239.90"),
        "shipping_amount": Decimal("39.90"),
        "customer": CUSTOMER,
        "shipping_address": ADDRESS,
        "billing_address": ADDRESS,
        "cargo_company": "yurtici",
        "shipping_option_slug": "standart",
        "payment_type": "credit_card",
        "items": items,
        "raw": {"id": upstream_id},
    }
    return IncomingOrder(**{**values, **changed})


def take(world: World, **changed: Any) -> int:
    """Take one order; its id here."""
    return intake_store.upsert([incoming(world, **changed)], now=T0).created[0]


def package(
    world: World,
    *,
    state: int = 100,
    at: str = "WH1",
    lines: Sequence[tuple[str, int]] = (("SKU-A", 1), ("SKU-B", 1)),
    reserved_at: str | None = "",
    order_id: int | None = None,
) -> CreatedPackage:
    """An order planned into one package at `at`, its stock reserved (`reserved_at` None: not), its quota counted."""
    order_id = order_id or take(world, lines=lines)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, product_id, quantity FROM oms_orders_orderitem WHERE order_id = %s ORDER BY id",
            [order_id],
        )
        items = tuple(cursor.fetchall())
    location = world.locations[at]
    with transaction.atomic():
        made = packages.create(
            [NewPackage(order_id=order_id, location_id=location, state=state, items=items)], now=T0
        )[0]
        if reserved_at is not None and state != 920:
            held_at = world.locations[reserved_at or at]
            stock.reserve(
                [
                    ReserveLine(
                        location_id=held_at,
                        product_id=item[1],
                        quantity=item[2],
                        holder_kind="package_item",
                        holder_id=item_id,
                    )
                    for item, item_id in zip(items, made.item_ids, strict=True)
                ],
                reason="plan",
                cause=None,
                now=T0,
            )
        if state < 400 or state == 800:
            locations.move_quota({location: 1}, guarded=set())
    orders.mark_planned([order_id], T0)
    return made


def quota(world: World) -> dict[str, int]:
    """Used quota per location code."""
    return {code: QuotaUsed.objects.get(location_id=i).used for code, i in world.locations.items()}


def balances(world: World, at: str = "WH1") -> dict[str, tuple[Decimal, Decimal]]:
    """(on hand, reserved) per SKU at a location."""
    rows = {
        b.product_id: (b.on_hand, b.reserved) for b in Balance.objects.filter(location_id=world.locations[at])
    }
    return {sku: rows[product_id] for sku, product_id in world.products.items()}


def ledger(kind: str) -> list[tuple[int, Decimal]]:
    """(holder id, quantity) of the ledger rows of a kind, oldest first."""
    return [(row.holder_id, row.quantity) for row in LedgerEntry.objects.filter(kind=kind).order_by("id")]


def events_of(package_id: int, kind: str = "package") -> list[tuple[str, int]]:
    """(type, sequence) of the events recorded for a record."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, sequence FROM outbox_event WHERE kind = %s AND aggregate_id = %s ORDER BY sequence",
            [kind, package_id],
        )
        return list(cursor.fetchall())


def log_of(package_id: int) -> list[tuple[str | None, str, str]]:
    """(old state, new state, command) of the log rows of a package, oldest first."""
    from ambar.oms.states.models import TransitionLog

    rows = TransitionLog.objects.filter(kind="package", object_id=package_id).select_related(
        "old_state", "new_state"
    )
    return [
        (row.old_state and row.old_state.enum_value, row.new_state.enum_value, row.attributes["command.slug"])
        for row in rows.order_by("id")
    ]


def picture(package_id: int) -> tuple[Any, ...]:
    """Everything a refused command must leave as it was."""
    from ambar.oms.packages.models import Package, PackageItem

    row = Package.objects.values().get(pk=package_id)
    items = list(PackageItem.objects.filter(package_id=package_id).order_by("id").values())
    entries = list(LedgerEntry.objects.order_by("id").values_list("id", flat=True))
    used = list(QuotaUsed.objects.order_by("location_id").values_list("location_id", "used"))
    return (row, items, entries, used, events_of(package_id), log_of(package_id))
