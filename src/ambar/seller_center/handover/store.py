"""Putting orders back that a seller's OMS was offered and this side has lost, on sets, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

_TAKEN = """
SELECT DISTINCT w.id FROM json_to_recordset(%s::json) AS w(id bigint, upstream_id bigint, part int)
 WHERE EXISTS (SELECT 1 FROM sc_orders_order o
                WHERE o.id <> w.id AND o.upstream_id = w.upstream_id AND (o.part = w.part OR o.seller_id = %s))
    OR EXISTS (SELECT 1 FROM sc_orders_order o WHERE o.id = w.id AND o.seller_id <> %s)"""
_ITEMS_TAKEN = """
SELECT DISTINCT w.order_id
  FROM json_to_recordset(%s::json) AS w(id bigint, order_id bigint, upstream_id bigint)
  JOIN sc_orders_orderitem i ON i.id = w.id OR (i.upstream_id = w.upstream_id AND i.seller_id = %s)"""


def present(order_ids: Sequence[int], seller_id: int) -> set[int]:
    """Which of these orders the seller has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM sc_orders_order WHERE id = ANY(%s) AND seller_id = %s",
            [list(order_ids), seller_id],
        )
        return {row[0] for row in cursor.fetchall()}


def in_the_way(
    orders: Iterable[Mapping[str, Any]], items: Iterable[Mapping[str, Any]], seller_id: int
) -> set[int]:
    """Which of these orders can't be put back, because their ids have been given to others since."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [_json(orders), seller_id, seller_id])
        found = {row[0] for row in cursor.fetchall()}
        cursor.execute(_ITEMS_TAKEN, [_json(items), seller_id])
        return found | {row[0] for row in cursor.fetchall()}


_ORDERS = """
INSERT INTO sc_orders_order (id, seller_id, upstream_id, upstream_number, number, part, status, currency, amount, customer_name,
       delivery_setting_id, document, digest, date_placed, upstream_modified_at, created_at, modified_at)
OVERRIDING SYSTEM VALUE
SELECT t.id, %(seller)s, t.upstream_id, t.upstream_number, t.number, t.part, t.status, t.currency, t.amount, t.customer_name,
       %(setting)s, t.document, '', t.date_placed, t.upstream_modified_at, t.created_at, t.modified_at
  FROM json_to_recordset(%(rows)s::json)
       AS t(id bigint, upstream_id bigint, upstream_number text, number text, part smallint, status smallint, currency text,
            amount numeric, customer_name text, document jsonb, date_placed timestamptz, upstream_modified_at timestamptz,
            created_at timestamptz, modified_at timestamptz)
 ORDER BY t.id"""
_ITEMS = """
INSERT INTO sc_orders_orderitem (id, order_id, seller_id, upstream_id, sku, name, quantity, price, status, tracking_number,
       shipping_company, invoice_number, invoice_date, e_archive_url, document, created_at, modified_at)
OVERRIDING SYSTEM VALUE
SELECT t.id, t.order_id, %(seller)s, t.upstream_id, t.sku, t.name, t.quantity, t.price, t.status, t.tracking_number,
       t.shipping_company, t.invoice_number, t.invoice_date, t.e_archive_url, t.document, t.created_at, t.modified_at
  FROM json_to_recordset(%(rows)s::json)
       AS t(id bigint, order_id bigint, upstream_id bigint, sku text, name text, quantity numeric, price numeric, status smallint,
            tracking_number text, shipping_company text, invoice_number text, invoice_date text, e_archive_url text,
            document jsonb, created_at timestamptz, modified_at timestamptz)
 ORDER BY t.id"""
_AHEAD = """
SELECT setval(s, %s) FROM pg_get_serial_sequence(%s, 'id') AS s
 WHERE coalesce(pg_sequence_last_value(s::regclass), 0) < %s"""


def insert(
    orders: Sequence[Mapping[str, Any]],
    items: Sequence[Mapping[str, Any]],
    *,
    seller_id: int,
    delivery_setting_id: int,
) -> None:
    """Write orders and items under their old ids; ids given out later lie above them."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, {"seller": seller_id, "setting": delivery_setting_id, "rows": _json(orders)})
        cursor.execute(_ITEMS, {"seller": seller_id, "rows": _json(items)})
        for table, rows in (("sc_orders_order", orders), ("sc_orders_orderitem", items)):
            last = max((row["id"] for row in rows), default=0)
            cursor.execute(_AHEAD, [last, table, last])


def _json(rows: Iterable[Mapping[str, Any]]) -> str:
    def plain(value: Any) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    return orjson.dumps(list(rows), default=plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()
