"""What was handed over of an order, in the fields that are laid side by side: from our columns, and from the Seller Center's record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from ambar.kit import clock
from ambar.oms.handover import store
from ambar.oms.handover.domain.differences import OrderFields, OrderLine
from ambar.oms.handover.domain.statuses import Known, There
from ambar.oms.handover.held_orders import ADDRESS, CUSTOMER
from ambar.oms.places.domain.naming import Found
from ambar.oms.upstream import reading
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.domain import statuses

GIVEN_UP = (100, 600)
_TEXTS = (
    "number", "currency", "payment_type", "shipping_option_slug", "delivery_type", "delivery_range", "notes",
)  # fmt: skip
_AMOUNTS = ("amount", "shipping_amount", "discount_amount")
_SNAPSHOTS = {"customer": CUSTOMER, "shipping_address": ADDRESS, "billing_address": ADDRESS}
NAMES = (
    *_TEXTS, *_AMOUNTS, "date_placed", *(f"{name}.{part}" for name, parts in _SNAPSHOTS.items() for part in parts),
    "shipping_address.e_bill_taxpayer", "billing_address.e_bill_taxpayer", "items", "status", "line_statuses", "modified_date", "record",
)  # fmt: skip
"""Everything in which an order may be said to differ."""
_CENT, _UNIT = Decimal("0.01"), Decimal("0.001")

_ORDERS = f"""
SELECT upstream_id, id, {", ".join((*_TEXTS, *_AMOUNTS, *_SNAPSHOTS, "date_placed"))}
  FROM oms_orders_order WHERE source = %s AND upstream_id = ANY(%s)"""
_LINES = """
SELECT i.order_id, i.upstream_id, i.sku, coalesce(i.told_quantity, i.quantity), i.quantity, i.price, i.discount_amount, i.tax_rate,
       i.currency, i.state
  FROM oms_orders_orderitem i WHERE i.order_id = ANY(%s)"""


def here(source: str, upstream_ids: Sequence[int]) -> dict[int, OrderFields]:
    """Those of these orders that were taken, by upstream id."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [source, list(upstream_ids)])
        names = [column.name for column in cursor.description]
        orders = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        for order in orders:
            order |= {name: orjson.loads(order[name]) for name in _SNAPSHOTS}
        cursor.execute(_LINES, [[order["id"] for order in orders]])
        lines: dict[int, dict[int, OrderLine]] = {}
        for order_id, pk, sku, told, quantity, price, discount, tax, currency, state in cursor.fetchall():
            text = _line(pk, sku, told, price * told / quantity, discount * told / quantity, tax, currency)
            lines.setdefault(order_id, {})[pk] = OrderLine(
                text=text, given_up=state in GIVEN_UP, empty=not told
            )
    return {
        order["upstream_id"]: OrderFields(texts=_texts(order), lines=lines.get(order["id"], {}))
        for order in orders
    }


_STATUSES = """
SELECT o.upstream_id, o.state, i.upstream_id, i.state, s.sent, s.state
  FROM oms_orders_order o JOIN oms_orders_orderitem i ON i.order_id = o.id LEFT JOIN oms_upstream_statussync s ON s.order_item_id = i.id
 WHERE o.source = %s AND o.upstream_id = ANY(%s)"""


def statuses_here(source: str, upstream_ids: Sequence[int]) -> dict[int, Known]:
    """What is known of the statuses of those of these orders that were taken, by upstream id.

    Where no record of one is kept, what its own rows say stands for it.
    """
    orders: dict[int, int] = {}
    lines: dict[int, dict[int, int]] = {}
    told: dict[int, dict[int, int]] = {}
    telling: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(_STATUSES, [source, list(upstream_ids)])
        for pk, order, item, line, sent, report in cursor.fetchall():
            orders[pk] = order
            lines.setdefault(pk, {})[item] = line
            if sent is not None:
                told.setdefault(pk, {})[item] = sent
            if report == "pending":
                telling.add(pk)
    for pk, record in store.offered(source, upstream_ids).items():
        orders[pk] = statuses.code(record.get("status")) or orders[pk]
        seen = {
            item.get("pk", item.get("id")): statuses.code(item.get("status"))
            for item in record["orderitem_set"]
        }
        lines[pk] = {item: code for item, code in seen.items() if code is not None}
    return {
        pk: Known(order=order, lines=lines[pk], told=told.get(pk, {}), is_telling=pk in telling)
        for pk, order in orders.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedOrder:
    """An order's record as it stands there: its modification, what would be kept of it here, and its statuses."""

    modified_at: datetime
    fields: OrderFields
    statuses: There


def there(record: Mapping[str, Any], configured: Configured) -> OfferedOrder:
    """The record in the shapes that are laid side by side.

    :raises reading.Unreadable: it is no order as the contract says.
    """
    wire = reading.order(record)
    order = reading.incoming(
        wire,
        dict(record),
        source="",
        configured=configured,
        channel_id=0,
        products={item.product.sku: 0 for item in wire.orderitem_set},
        places=Found(ids=dict.fromkeys(("country", "city", "township", "district"))),
    )
    lines = {
        item.upstream_id: OrderLine(
            text=_line(
                item.upstream_id, item.sku, item.quantity, item.price, item.discount_amount, item.tax_rate,
                item.currency,
            ),
            given_up=item.state in GIVEN_UP,
        )
        for item in order.items
    }  # fmt: skip
    names = (*_TEXTS, *_AMOUNTS, *_SNAPSHOTS, "date_placed")
    return OfferedOrder(
        modified_at=wire.modified_date,
        fields=OrderFields(texts=_texts({name: getattr(order, name) for name in names}), lines=lines),
        statuses=There(order=order.state, lines={item.upstream_id: item.state for item in order.items}),
    )


def _texts(order: Mapping[str, Any]) -> dict[str, str]:
    found = {name: str(order[name] or "") for name in _TEXTS}
    found |= {name: f"{order[name]:.2f}" for name in _AMOUNTS}
    found["date_placed"] = clock.iso(order["date_placed"])
    for name, parts in _SNAPSHOTS.items():
        told = order[name]
        found |= {f"{name}.{part}": str(told.get(part) or "") for part in parts}
        if parts is ADDRESS:
            found[f"{name}.e_bill_taxpayer"] = str(bool(told.get("e_bill_taxpayer"))).lower()
    return found


def _line(
    pk: int,
    sku: str,
    quantity: Decimal,
    price: Decimal,
    discount: Decimal,
    tax: Decimal,
    currency: str,
) -> str:
    """A line as people of any language read it: units, price less discount, tax; rounded as the database rounds."""
    return f"{pk} {sku} × {quantity.quantize(_UNIT)}: {_cents(price)} {currency} − {_cents(discount)}, {_cents(tax)} %"


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, rounding="ROUND_HALF_UP")
