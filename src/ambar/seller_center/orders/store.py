"""Loads, locks and writes of orders: one statement per set, locks in key order, orders before items."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from ambar.kit import clock, prepared
from ambar.seller_center.orders.domain import statuses
from ambar.seller_center.orders.domain.versions import Known

TICK = "interval '1 microsecond'"
"""`modified_at` grows by at least this much with every change, so that readers by time miss nothing."""

NEWS = "seller's orders"
"""What is told to those who wait in this process (`work.tell_here`) when new orders are committed."""

_INSERT_ORDERS = """
INSERT INTO sc_orders_order (seller_id, upstream_id, upstream_number, number, part, status, currency, amount,
       customer_name, delivery_setting_id, document, digest, date_placed, upstream_modified_at, created_at, modified_at)
SELECT seller_id, upstream_id, upstream_number, number, part, status, currency, amount, customer_name, %s::bigint,
       document, digest, date_placed, upstream_modified_at, %s::timestamptz, clock_timestamp()
  FROM jsonb_to_recordset(%s::jsonb)
       AS t(seller_id bigint, upstream_id bigint, upstream_number text, number text, part smallint, status smallint,
            currency text, amount numeric, customer_name text, document jsonb, digest text,
            date_placed timestamptz, upstream_modified_at timestamptz)
 ORDER BY upstream_id, part
RETURNING id, seller_id, upstream_id
"""
_UPDATE_ORDERS = f"""
UPDATE sc_orders_order o
   SET status = t.status, amount = t.amount, customer_name = t.customer_name, document = t.document,
       digest = t.digest, upstream_modified_at = t.upstream_modified_at,
       modified_at = greatest(clock_timestamp(), o.modified_at + {TICK})
  FROM jsonb_to_recordset(%s::jsonb)
       AS t(order_id bigint, status smallint, amount numeric, customer_name text, document jsonb, digest text,
            upstream_modified_at timestamptz)
 WHERE o.id = t.order_id
"""
_SEEN = """
UPDATE sc_orders_order o SET upstream_modified_at = t.seen
  FROM unnest(%s::bigint[], %s::timestamptz[]) AS t(id, seen) WHERE o.id = t.id
"""
_STAMP = """
UPDATE sc_orders_orderitem i SET document = jsonb_set(i.document, '{delivered_date}', to_jsonb(t.moment))
  FROM unnest(%s::bigint[], %s::text[]) AS t(upstream_id, moment) WHERE i.upstream_id = t.upstream_id
"""
_UPSERT_ITEMS = """
INSERT INTO sc_orders_orderitem AS i (order_id, seller_id, upstream_id, sku, name, quantity, price, status,
       document, created_at, modified_at)
SELECT order_id, seller_id, upstream_id, sku, name, quantity, price, status, document, %s::timestamptz,
       %s::timestamptz
  FROM jsonb_to_recordset(%s::jsonb)
       AS t(order_id bigint, seller_id bigint, upstream_id bigint, sku text, name text, quantity numeric,
            price numeric, status smallint, document jsonb)
 ORDER BY upstream_id
ON CONFLICT (upstream_id, seller_id) DO UPDATE
   SET sku = excluded.sku, name = excluded.name, quantity = excluded.quantity, price = excluded.price,
       status = excluded.status, document = excluded.document, modified_at = excluded.modified_at
"""
_UPDATE_ITEMS = """
UPDATE sc_orders_orderitem i
   SET status = t.status, tracking_number = t.tracking_number, shipping_company = t.shipping_company,
       invoice_number = t.invoice_number, invoice_date = t.invoice_date, e_archive_url = t.e_archive_url,
       modified_at = %s::timestamptz
  FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
       AS t(id, status, tracking_number, shipping_company, invoice_number, invoice_date, e_archive_url)
 WHERE i.id = t.id
"""
_KEEP_STAMPS = f"""
WITH known AS MATERIALIZED (
  SELECT o.id FROM sc_orders_order o
   WHERE o.id IN (SELECT i.order_id FROM sc_orders_orderitem i WHERE i.upstream_id = ANY(%s::bigint[])
                     AND i.status >= {statuses.DELIVERED} AND i.document ->> 'delivered_date' IS NULL)
   ORDER BY o.id FOR NO KEY UPDATE)
UPDATE sc_orders_orderitem i SET document = jsonb_set(i.document, '{{delivered_date}}', to_jsonb(t.moment))
  FROM unnest(%s::bigint[], %s::text[]) AS t(upstream_id, moment), known
 WHERE i.order_id = known.id AND i.upstream_id = t.upstream_id AND i.status >= {statuses.DELIVERED}
   AND i.document ->> 'delivered_date' IS NULL
"""
ITEM_FIELDS = ("tracking_number", "shipping_company", "invoice_number", "invoice_date", "e_archive_url")
_HOLD = """
INSERT INTO sc_orders_orderhold AS h
       (upstream_id, number, items, payload, upstream_modified_at, created_at, modified_at)
SELECT upstream_id, number, items::jsonb, payload::jsonb, seen, %s, %s
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
       AS t(upstream_id, number, items, payload, seen)
 ORDER BY upstream_id
ON CONFLICT (upstream_id) DO UPDATE
   SET items = excluded.items, payload = excluded.payload, upstream_modified_at = excluded.upstream_modified_at,
       modified_at = excluded.modified_at
 WHERE h.upstream_modified_at <= excluded.upstream_modified_at
"""
_FORWARD = """
INSERT INTO sc_orders_forward AS f (kind, record_id, due_at, created_at)
SELECT %s::text, id, %s::timestamptz, %s::timestamptz FROM unnest(%s::bigint[]) AS t(id) ORDER BY id
ON CONFLICT (kind, record_id) DO UPDATE
   SET version = f.version + 1, attempts = 0, due_at = excluded.due_at, reason = ''
"""

UNKNOWN = (
    "NOT EXISTS (SELECT FROM unnest(%s::bigint[], %s::timestamptz[]) AS k(id, at)"
    " WHERE k.id = {order}.id AND k.at = {order}.modified_at)"
)
"""Whether a row of orders stands in none of the versions of `named`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOrder:
    """A seller's part as stored, locked."""

    order_id: int
    seller_id: int
    upstream_id: int
    part: int
    number: str
    status: int
    digest: str
    upstream_modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """An item as stored; `delivered_date` as the hub wrote it."""

    seller_id: int
    status: int
    delivered_date: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """A seller's part to be written; `order_id` is `None` for a new one."""

    order_id: int | None
    seller_id: int
    upstream_id: int
    upstream_number: str
    number: str
    part: int
    status: int
    currency: str
    amount: Decimal
    customer_name: str
    document: dict[str, Any]
    digest: str
    date_placed: datetime
    upstream_modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item to be written; the order is found by (seller, shop order)."""

    seller_id: int
    upstream_order_id: int
    upstream_id: int
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    status: int
    document: dict[str, Any]


def lock_parts(upstream_ids: Iterable[int]) -> list[StoredOrder]:
    """All stored parts of these shop orders, locked in key order."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT id, seller_id, upstream_id, part, number, status, digest, upstream_modified_at"
            "  FROM sc_orders_order WHERE upstream_id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
            [prepared.numbers(sorted(set(upstream_ids)))],
        )
        names = StoredOrder.__dataclass_fields__
        return [StoredOrder(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def items_by_upstream_id(upstream_ids: Iterable[int]) -> dict[int, StoredItem]:
    """The items that are stored, by the hub's item id."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT upstream_id, seller_id, status, document->>'delivered_date' FROM sc_orders_orderitem"
            " WHERE upstream_id = ANY(%s::bigint[])",
            [prepared.numbers(sorted(set(upstream_ids)))],
        )
        return {
            upstream: StoredItem(seller_id=seller, status=status, delivered_date=delivered)
            for upstream, seller, status, delivered in cursor.fetchall()
        }


def insert_orders(
    rows: Sequence[OrderRow], *, delivery_setting_id: int, now: datetime
) -> dict[tuple[int, int], int]:
    """(seller, shop order) → id of the new rows."""
    if not rows:
        return {}
    with prepared.cursor() as cursor:
        cursor.execute(_INSERT_ORDERS, [delivery_setting_id, now, _json(rows)])
        return {(seller, upstream): pk for pk, seller, upstream in cursor.fetchall()}


def update_orders(rows: Sequence[OrderRow]) -> None:
    """Write a newer version of stored parts (they are locked)."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE_ORDERS, [_json(rows)])


def _json(rows: Sequence[Any]) -> str:
    """One text for a whole set: far cheaper than arrays of quoted documents."""
    return orjson.dumps(rows, default=str).decode()


def mark_seen(seen: Sequence[tuple[int, datetime]]) -> None:
    """Remember a version that changed nothing for the seller, without touching `modified_at`."""
    if seen:
        with connection.cursor() as cursor:
            cursor.execute(_SEEN, [[pk for pk, _ in seen], [moment for _, moment in seen]])


def stamp_items(stamps: Mapping[int, str]) -> None:
    """Write the hub's stamp of delivery, `{the hub's item id: moment}`; the orders are locked and keep their versions."""
    if stamps:
        with connection.cursor() as cursor:
            cursor.execute(_STAMP, [list(stamps), list(stamps.values())])


def keep_stamps(stamps: Mapping[int, str]) -> None:
    """Write the stamps of delivery the hub answered, where an item is known as delivered and has none yet.

    Locks the orders; their versions stay, as with `stamp_items`.
    """
    if stamps:
        items = prepared.numbers(stamps)
        with prepared.cursor() as cursor:
            cursor.execute(_KEEP_STAMPS, [items, items, prepared.texts(stamps.values())])


def upsert_items(rows: Sequence[ItemRow], order_ids: dict[tuple[int, int], int], *, now: datetime) -> None:
    """Insert or refresh items; tracking and invoice data an OMS reported stay."""
    if not rows:
        return
    named = [
        {
            "order_id": order_ids[(r.seller_id, r.upstream_order_id)],
            "seller_id": r.seller_id,
            "upstream_id": r.upstream_id,
            "sku": r.sku,
            "name": r.name,
            "quantity": r.quantity,
            "price": r.price,
            "status": r.status,
            "document": r.document,
        }
        for r in rows
    ]
    with prepared.cursor() as cursor:
        cursor.execute(_UPSERT_ITEMS, [now, now, _json(named)])


def hold_orders(
    holds: Sequence[tuple[int, str, list[dict[str, Any]], dict[str, Any], datetime]],
    released: Sequence[tuple[int, datetime]],
    *,
    now: datetime,
) -> None:
    """Write the holds `(shop order, number, items with reasons, payload, version)`; drop those `released`.

    A hold of a newer version than the released one stays.
    """
    if released:
        with prepared.cursor() as cursor:
            cursor.execute(
                "DELETE FROM sc_orders_orderhold h USING unnest(%s::bigint[], %s::timestamptz[]) AS t(id, seen)"
                " WHERE h.upstream_id = t.id AND h.upstream_modified_at <= t.seen",
                [
                    prepared.numbers(pk for pk, _ in released),
                    prepared.words(clock.iso(seen) for _, seen in released),
                ],
            )
    if holds:
        with connection.cursor() as cursor:
            arrays = [
                [h[0] for h in holds],
                [h[1] for h in holds],
                [json.dumps(h[2]) for h in holds],
                [json.dumps(h[3]) for h in holds],
                [h[4] for h in holds],
            ]
            cursor.execute(_HOLD, [now, now, *arrays])


def lock_orders(order_ids: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """Lock orders in key order, before their items; order id → (status, version) from then on.

    Not against those who only refer to an order: a package of it is inserted by whoever has written its items already, and the
    foreign key is checked at the commit. Locked for update, each would wait for the other.
    """
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT id, status, modified_at FROM sc_orders_order WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
            [prepared.numbers(sorted(set(order_ids)))],
        )
        return {pk: (status, version) for pk, status, version in cursor.fetchall()}


def item_rows(item_ids: Iterable[int], seller_id: int | None) -> list[tuple[Any, ...]]:
    """`(id, order id, status, *ITEM_FIELDS)` of the items that exist and belong to the seller (`None` = any)."""
    with prepared.cursor() as cursor:
        cursor.execute(
            f"SELECT id, order_id, status, {', '.join(ITEM_FIELDS)} FROM sc_orders_orderitem"
            " WHERE id = ANY(%s::bigint[]) AND (%s::bigint IS NULL OR seller_id = %s::bigint)",
            [prepared.numbers(sorted(set(item_ids))), seller_id, seller_id],
        )
        return cursor.fetchall()


def update_items(rows: Sequence[tuple[Any, ...]], *, now: datetime) -> None:
    """Write `(id, status, *ITEM_FIELDS)` rows; their orders are locked. In the order of their ids, as packages write them."""
    if rows:
        ordered = sorted(rows, key=lambda row: row[0])
        with prepared.cursor() as cursor:
            cursor.execute(_UPDATE_ITEMS, [now, *[list(column) for column in zip(*ordered, strict=True)]])


def statuses_of_orders(order_ids: Iterable[int]) -> dict[int, tuple[int, list[int]]]:
    """Order id → (its status, its items' statuses)."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT o.id, o.status, array_agg(i.status ORDER BY i.id) FROM sc_orders_order o"
            " JOIN sc_orders_orderitem i ON i.order_id = o.id WHERE o.id = ANY(%s::bigint[]) GROUP BY o.id",
            [prepared.numbers(sorted(set(order_ids)))],
        )
        return {pk: (status, items) for pk, status, items in cursor.fetchall()}


def touch_orders(statuses: dict[int, int]) -> dict[int, tuple[int, datetime]]:
    """Write order statuses and move `modified_at` on; the orders are locked. Order id → (status, version)."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "UPDATE sc_orders_order o SET status = t.status,"
            f" modified_at = greatest(clock_timestamp(), o.modified_at + {TICK})"
            " FROM unnest(%s::bigint[], %s::smallint[]) AS t(id, status) WHERE o.id = t.id"
            " RETURNING o.id, o.status, o.modified_at",
            [prepared.numbers(statuses), prepared.numbers(statuses.values())],
        )
        return {pk: (status, version) for pk, status, version in cursor.fetchall()}


def forward(kind: str, record_ids: Iterable[int], *, now: datetime) -> None:
    """Note that the hub must be told about these records (`item` or `plan`); repeats are coalesced."""
    wanted = sorted(set(record_ids))
    if wanted:
        with prepared.cursor() as cursor:
            cursor.execute(_FORWARD, [kind, now, now, prepared.numbers(wanted)])


def named(known: Known) -> list[str]:
    """The values of `UNKNOWN`."""
    return [prepared.numbers(known.ids), prepared.texts(moment.isoformat() for moment in known.moments)]


def changed_after(seller_id: int | None, moment: datetime, known: Known) -> bool:
    """Whether an order of the seller (None = of anybody) has changed after that moment, into a version that is not known."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM sc_orders_order o WHERE modified_at > %s::timestamptz"
            + (f" AND {UNKNOWN.format(order='o')}" if known.ids else "")
            + ("" if seller_id is None else " AND seller_id = %s::bigint")
            + ")",
            [moment, *(named(known) if known.ids else ()), *(() if seller_id is None else (seller_id,))],
        )
        return bool(cursor.fetchone()[0])
