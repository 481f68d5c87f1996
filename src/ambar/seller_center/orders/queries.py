"""Reads of orders in the shapes of the wire: the hub's detailed order with our own ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from ambar.kit import clock, prepared
from ambar.kit.money import money, quantity
from ambar.seller_center.orders import sealing, store
from ambar.seller_center.orders.domain.versions import Known
from ambar.seller_center.orders.models import CancellationPlan, Order, OrderHold, OrderItem

CHANNEL = {"id": 1, "pk": 1, "name": "Seller Center", "channel_type": "sales_channel"}
"""The single static channel sent along with each order (public page "Integrating OMS with Seller Center")."""

PACKAGING = {"waiting_packaging": "Waiting Packaging", "packaged": "Packaged", "rejected": "Rejected"}


def orders() -> QuerySet[Order]:
    """Orders with their seller, for lists."""
    return Order.objects.select_related("seller")


VERSION = "pk,modified_date"
"""The fields by which one version of an order is told from another."""


def versions() -> QuerySet[Order]:
    """Orders with nothing but what :func:`versions_json` shows."""
    return Order.objects.only("id", "modified_at")


def versions_json(rows: Sequence[Order]) -> list[dict[str, Any]]:
    """Which orders there are in which version, for readers that look whether they have missed one."""
    return [{"pk": row.pk, "modified_date": clock.iso(row.modified_at)} for row in rows]


def unknown(rows: QuerySet[Order], known: Known) -> QuerySet[Order]:
    """Without the orders that stand in exactly a version the caller has."""
    if not known.ids:
        return rows
    condition = store.UNKNOWN.format(order="sc_orders_order")
    values = store.named(known)
    return rows.filter(RawSQL(condition, values, output_field=BooleanField()))  # noqa: S611 - our own words


class ItemShown(NamedTuple):
    """An item in the texts of the wire, as far as a detailed order shows it; moments, money and quantity as PostgreSQL writes them."""

    pk: int
    order_id: int
    seller_id: int
    upstream_id: int
    quantity: str
    price: str
    status: int
    shipping_company: str | None
    tracking_number: str | None
    invoice_number: str | None
    invoice_date: str | None
    e_archive_url: str | None
    created: str
    modified: str
    document: dict[str, Any]

    @classmethod
    def of(cls, row: OrderItem) -> ItemShown:
        return cls(
            pk=row.pk,
            order_id=row.order_id,
            seller_id=row.seller_id,
            upstream_id=row.upstream_id,
            quantity=quantity(row.quantity),
            price=money(row.price),
            status=row.status,
            shipping_company=row.shipping_company,
            tracking_number=row.tracking_number,
            invoice_number=row.invoice_number,
            invoice_date=row.invoice_date,
            e_archive_url=row.e_archive_url,
            created=clock.iso(row.created_at),
            modified=clock.iso(row.modified_at),
            document=row.document,
        )


_SHOWN = f"""
SELECT id, order_id, seller_id, upstream_id, quantity::text, price::text, status, shipping_company, tracking_number,
       invoice_number, invoice_date, e_archive_url, {clock.iso_sql("created_at")}, {clock.iso_sql("modified_at")}, document::text
  FROM sc_orders_orderitem WHERE order_id = ANY(%s::bigint[]) ORDER BY id
"""


def _shown(order_ids: Sequence[int]) -> dict[int, list[ItemShown]]:
    """Order id → its items by id. Every version of every order is written out for its OMS: texts from PostgreSQL cost half of rows."""
    found: dict[int, list[ItemShown]] = {pk: [] for pk in order_ids}
    with prepared.cursor() as cursor:
        cursor.execute(_SHOWN, [prepared.numbers(order_ids)])
        for *values, document in cursor.fetchall():
            item = ItemShown(*values, document=orjson.loads(document))
            found[item.order_id].append(item)
    return found


def items_of(order_ids: Sequence[int]) -> dict[int, list[OrderItem]]:
    """Order id → its items by id."""
    found: dict[int, list[OrderItem]] = {pk: [] for pk in order_ids}
    for item in OrderItem.objects.filter(order_id__in=order_ids).order_by("id"):
        found[item.order_id].append(item)
    return found


def orders_json(rows: Sequence[Order]) -> list[dict[str, Any]]:
    """Detailed orders: channel embedded, places and products nested (contract `seller-center-to-oms/order.json`)."""
    items = _shown([row.pk for row in rows])
    heads = heads_of([item for found in items.values() for item in found])
    return [order_json(row, items[row.pk], heads) for row in rows]


def heads_of(rows: Sequence[ItemShown]) -> dict[tuple[int, int], int]:
    """(seller, the hub's id) → our id of the items these are parts of; a statement only when there are bundles."""
    asked = {parent for row in rows if (parent := row.document.get("parent")) is not None}
    if not asked:
        return {}
    found = OrderItem.objects.filter(upstream_id__in=asked, seller_id__in={row.seller_id for row in rows})
    return {(seller, hub): pk for seller, hub, pk in found.values_list("seller_id", "upstream_id", "pk")}


def order_json(
    row: Order, items: Sequence[ItemShown], heads: Mapping[tuple[int, int], int]
) -> dict[str, Any]:
    """One detailed order, under the seal by which it may come back; needs `row.seller`."""
    record = {
        "id": row.pk,
        "pk": row.pk,
        "number": row.number,
        "channel": CHANNEL,
        "status": str(row.status),
        **row.document,
        "date_placed": clock.iso(row.date_placed),
        "amount": money(row.amount),
        "supplier_code": row.seller.supplier_code,
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
        "orderitem_set": [item_json(item, row.number, heads) for item in items],
    }
    return sealing.sealed(record, row, items)


def item_json(item: ItemShown, order_number: str, heads: Mapping[tuple[int, int], int]) -> dict[str, Any]:
    """One order item with its nested product; `parent` is our id of its head, null when another seller has that."""
    parent = item.document.get("parent")
    return {
        "id": item.pk,
        "pk": item.pk,
        "order": item.order_id,
        "order_number": order_number,
        **item.document,
        "parent": None if parent is None else heads.get((item.seller_id, parent)),
        "status": str(item.status),
        "price": item.price,
        "shipping_company": item.shipping_company,
        "tracking_number": item.tracking_number,
        "invoice_number": item.invoice_number,
        "invoice_date": item.invoice_date,
        "e_archive_url": item.e_archive_url,
        "created_date": item.created,
        "modified_date": item.modified,
    }


def own_json(rows: Sequence[Order]) -> list[dict[str, Any]]:
    """Orders as the marketplace's own API lists them: short, with packaging per item."""
    items = items_of([row.pk for row in rows])
    return [
        {
            "id": row.pk,
            "pk": row.pk,
            "seller": row.seller_id,
            "supplier_code": row.seller.supplier_code,
            "number": row.number,
            "upstream_number": row.upstream_number,
            "upstream_id": row.upstream_id,
            "status": str(row.status),
            "customer": row.customer_name,
            "currency": row.currency,
            "amount": money(row.amount),
            "delivery_setting": row.delivery_setting_id,
            "oms_managed": row.seller.oms_managed,
            "date_placed": clock.iso(row.date_placed),
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
            "items": [_own_item(item) for item in items[row.pk]],
        }
        for row in rows
    ]


def _own_item(item: OrderItem) -> dict[str, Any]:
    return {
        "id": item.pk,
        "sku": item.sku,
        "name": item.name,
        "quantity": quantity(item.quantity),
        "price": money(item.price),
        "status": str(item.status),
        "packaging": item.packaging,
        "packaging_label": PACKAGING[item.packaging],
        "tracking_number": item.tracking_number,
    }


def plans_json(rows: Sequence[CancellationPlan]) -> list[dict[str, Any]]:
    """Cancellation plans (contract `seller-center-to-oms/cancellation_plan.json`); need `order.seller`."""
    return [
        {
            "id": row.pk,
            "pk": row.pk,
            "plan_type": row.plan_type,
            "status": row.status,
            "reason": row.reason,
            "order": {
                "id": row.order_id,
                "pk": row.order_id,
                "number": row.order.number,
                "status": str(row.order.status),
                "supplier_code": row.order.seller.supplier_code,
            },
            "cancellationplanorderitem_set": row.rows,
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]


def holds_json(rows: Sequence[OrderHold]) -> list[dict[str, Any]]:
    """Shop orders with items nobody supplies, with the reasons."""
    return [
        {
            "id": row.pk,
            "upstream_id": row.upstream_id,
            "number": row.number,
            "items": row.items,
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]
