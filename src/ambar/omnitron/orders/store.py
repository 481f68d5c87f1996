"""Writing orders and items as sets, and their locks (orders in key order)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ambar.kit import prepared
from ambar.omnitron.catalogue.store import as_json

ORDER_FIELDS = {
    "number": "text",
    "channel_id": "bigint",
    "status": "smallint",
    "date_placed": "timestamptz",
    "customer_id": "bigint",
    "shipping_address_id": "bigint",
    "billing_address_id": "bigint",
    "currency": "text",
    "amount": "numeric",
    "shipping_amount": "numeric",
    "shipping_tax_rate": "numeric",
    "net_shipping_amount": "numeric",
    "discount_amount": "numeric",
    "refund_amount": "numeric",
    "extra_field": "jsonb",
    "payment_option": "bigint",
    "payment_option_slug": "text",
    "shipping_option_slug": "text",
    "cargo_company_id": "bigint",
    "notes": "text",
    "segment": "text",
    "bin_number": "text",
    "client_type": "text",
    "installment": "int",
    "remote_addr": "text",
    "has_gift_box": "boolean",
    "gift_box_note": "text",
    "delivery_type": "text",
    "delivery_range": "jsonb",
    "language_code": "text",
    "external_status": "text",
    "tracking_number": "text",
    "carrier_shipping_code": "text",
}
ITEM_CHANGES = {
    "status": "smallint",
    "shipping_company": "text",
    "shipment_code": "text",
    "tracking_number": "text",
    "carrier_shipping_code": "text",
    "invoice_number": "text",
    "invoice_date": "timestamptz",
    "e_archive_url": "text",
    "cancel_status": "text",
    "extra_field": "jsonb",
    "delivered_date": "timestamptz",
    "estimated_delivery_date": "timestamptz",
    "attributes": "jsonb",
    "attributes_kwargs": "jsonb",
    "localized_attributes": "jsonb",
    "localized_attributes_kwargs": "jsonb",
}
JSON_FIELDS = tuple(name for name, kind in ITEM_CHANGES.items() if kind == "jsonb")
ItemNow = dict[str, Any]
"""The fields of `ITEM_CHANGES` of one item."""

ITEM_FIELDS = {
    "order_id": "bigint",
    "product_id": "bigint",
    "price_list_id": "bigint",
    "stock_list_id": "bigint",
    "price_currency": "text",
    "price": "numeric",
    "retail_price": "numeric",
    "tax_rate": "numeric",
    "discount_amount": "numeric",
    "installment_interest_amount": "numeric",
    "parent_id": "bigint",
    **ITEM_CHANGES,
}


def _record(fields: Mapping[str, str], extra: str = "") -> str:
    return f"AS r({', '.join(f'{name} {kind}' for name, kind in fields.items())}{extra})"


INSERT_ORDERS = f"""
    INSERT INTO omnitron_orders_order ({", ".join(ORDER_FIELDS)}, is_send, sequence, created_at, modified_at)
    SELECT {", ".join(ORDER_FIELDS)}, false, 1, %(now)s::timestamptz, %(now)s::timestamptz
    FROM jsonb_to_recordset(%(rows)s::jsonb) {_record(ORDER_FIELDS)}
    ORDER BY channel_id, number
    ON CONFLICT (channel_id, number) DO NOTHING
    RETURNING channel_id, number, id
"""
INSERT_ITEMS = f"""
    INSERT INTO omnitron_orders_orderitem ({", ".join(ITEM_FIELDS)}, created_at, modified_at)
    SELECT {", ".join(ITEM_FIELDS)}, %(now)s::timestamptz, %(now)s::timestamptz
    FROM jsonb_to_recordset(%(rows)s::jsonb) {_record(ITEM_FIELDS, ", position int")}
    ORDER BY order_id, position
    RETURNING id
"""
UPDATE_ITEMS = f"""
    UPDATE omnitron_orders_orderitem i SET {", ".join(f"{name} = r.{name}" for name in ITEM_CHANGES)},
        modified_at = %(now)s::timestamptz
    FROM jsonb_to_recordset(%(rows)s::jsonb) {_record(ITEM_CHANGES, ", id bigint")}
    WHERE i.id = r.id
"""
LOCK_ORDERS = """
    SELECT id, status FROM omnitron_orders_order
    WHERE id = ANY(%s::bigint[] || ARRAY(SELECT order_id FROM omnitron_orders_orderitem WHERE id = ANY(%s::bigint[])))
    ORDER BY id FOR NO KEY UPDATE
"""
"""One list of keys: two conditions joined by OR would have every order there is read."""
_ITEMS_OF = f"""
    SELECT order_id, id, {", ".join(ITEM_CHANGES)} FROM omnitron_orders_orderitem
    WHERE order_id = ANY(%s::bigint[]) ORDER BY id
"""
TOUCH_ORDERS = """
    UPDATE omnitron_orders_order o SET status = n.status, sequence = o.sequence + 1,
        modified_at = greatest(%s::timestamptz, o.modified_at + interval '1 microsecond')
    FROM unnest(%s::bigint[], %s::smallint[]) AS n(id, status) WHERE o.id = n.id
    RETURNING o.id, o.sequence
"""


def insert_orders(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> dict[tuple[int, str], int]:
    """Inserts orders whose number is new in their channel; answers only those, `{(channel, number): key}`."""
    with prepared.cursor() as cursor:
        cursor.execute(INSERT_ORDERS, {"rows": as_json(rows), "now": now})
        return {(channel, number): key for channel, number, key in cursor.fetchall()}


def insert_items(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> list[int]:
    """Inserts items in the order given; answers their keys."""
    with prepared.cursor() as cursor:
        placed = [{**row, "position": position} for position, row in enumerate(rows)]
        cursor.execute(INSERT_ITEMS, {"rows": as_json(placed), "now": now})
        return [key for (key,) in cursor.fetchall()]


def existing(pairs: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Orders with these (channel, number), `{(channel, number): key}`."""
    with prepared.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.channel_id, o.number, o.id FROM omnitron_orders_order o
            JOIN unnest(%s::bigint[], %s::text[]) AS n(channel, number)
                ON o.channel_id = n.channel AND o.number = n.number
            """,
            [
                prepared.numbers(channel for channel, _ in pairs),
                prepared.texts(number for _, number in pairs),
            ],
        )
        return {(channel, number): key for channel, number, key in cursor.fetchall()}


def lock_orders(*, orders: Iterable[int] = (), items: Iterable[int] = ()) -> dict[int, int]:
    """Locks orders, named directly or by their items, in key order; `{order: status}`."""
    with prepared.cursor() as cursor:
        cursor.execute(LOCK_ORDERS, [prepared.numbers(set(orders)), prepared.numbers(set(items))])
        return dict(cursor.fetchall())


def items_of(orders: Iterable[int]) -> dict[int, dict[int, ItemNow]]:
    """What may be changed of all items of these orders, `{order: {item: fields}}`."""
    found: dict[int, dict[int, ItemNow]] = {}
    with prepared.cursor() as cursor:
        cursor.execute(_ITEMS_OF, [prepared.numbers(orders)])
        for order, key, *values in cursor.fetchall():
            item = dict(zip(ITEM_CHANGES, values, strict=True))
            for name in JSON_FIELDS:
                item[name] = {} if item[name] == "{}" else json.loads(item[name])
            found.setdefault(order, {})[key] = item
    return found


def item_statuses(orders: Iterable[int]) -> dict[int, list[int]]:
    """The statuses of all items of these orders; one not yet shipped that stands in an open plan waits for cancellation."""
    found: dict[int, list[int]] = {}
    with prepared.cursor() as cursor:
        cursor.execute(
            """
            SELECT order_id, CASE WHEN cancel_status IN ('waiting_approval', 'confirmed') AND status BETWEEN 200 AND 499
                THEN 50 ELSE status END
            FROM omnitron_orders_orderitem WHERE order_id = ANY(%s::bigint[])
            """,
            [prepared.numbers(orders)],
        )
        for order, status in cursor.fetchall():
            found.setdefault(order, []).append(status)
    return found


def update_items(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Writes the changeable fields of items; each row is complete and carries `id`."""
    with prepared.cursor() as cursor:
        cursor.execute(UPDATE_ITEMS, {"rows": as_json(rows), "now": now})


def touch_orders(statuses: Mapping[int, int], *, now: datetime) -> dict[int, int]:
    """Writes the status of locked orders and counts their sequence up; `{order: sequence}`.

    Whoever takes orders tells versions apart by `modified_date`, so it only grows, whatever the clocks do (decision 102).
    """
    with prepared.cursor() as cursor:
        cursor.execute(TOUCH_ORDERS, [now, prepared.numbers(statuses), prepared.numbers(statuses.values())])
        return dict(cursor.fetchall())
