"""Writes and locks of orders: one statement per table for any number of rows.

Every function works inside the caller's transaction and takes locks in key order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from ambar.kit import outbox, prepared, work
from ambar.oms.orders import announcing
from ambar.oms.orders.cancelled_units import climb
from ambar.oms.orders.domain import events
from ambar.oms.orders.domain.claimed import ClaimedLine, ClaimedOrder
from ambar.oms.orders.domain.progress import MAY_MOVE_SQL

_CLAIM_FIELDS = tuple(
    name
    for name in ClaimedOrder.__dataclass_fields__
    if name not in ("lines", "customer", "shipping_address")
)
_LIVING = "o.amount - o.cancelled_amount"
_SELECT = f"""
SELECT {", ".join(_LIVING if name == "amount" else f"o.{name}" for name in _CLAIM_FIELDS)}, o.customer::text,
       o.shipping_address::text, lines.list
  FROM picked o
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(i.id, i.product_id, i.sku, (i.quantity - i.cancelled_quantity)::text,
                                     i.price::text, i.state, i.attributes) ORDER BY i.id)::text AS list
      FROM oms_orders_orderitem i
     WHERE i.order_id = o.id AND i.state NOT IN (50, 100, 425, 600) AND i.state < %(before)s
       AND NOT i.is_head AND i.quantity > i.cancelled_quantity) lines
 ORDER BY o.id"""
_SHIPPED = 500
_NO_BOUND = 32767
_CLAIM = f"""
WITH due AS MATERIALIZED (
  SELECT * FROM oms_orders_order
   WHERE planning_state IN ('pending', 'out_of_stock') AND state >= 400 AND state < 500 AND due_at <= %(now)s
   ORDER BY due_at LIMIT greatest(1, %(limit)s::int / 3) FOR NO KEY UPDATE SKIP LOCKED),
fresh AS MATERIALIZED (
  SELECT * FROM oms_orders_order
   WHERE planning_state = 'new' AND state >= 400 AND state < 500 AND (due_at IS NULL OR due_at <= %(now)s)
   ORDER BY id LIMIT greatest(0, %(limit)s::int - (SELECT count(*) FROM due)) FOR NO KEY UPDATE SKIP LOCKED),
picked AS (SELECT * FROM due UNION ALL SELECT * FROM fresh)
{_SELECT}"""
_READ = f"""
WITH picked AS (SELECT * FROM oms_orders_order WHERE id = ANY(%(ids)s::bigint[]))
{_SELECT}"""


def claim_new(limit: int, now: datetime) -> list[ClaimedOrder]:
    """Lock up to `limit` orders to be planned, skipping those another planner holds: new ones, and those due again
    (pending, out of stock), which take a third of a full batch so that neither waits for the other.

    Only Approved and Preparing orders are taken; lines cancelled, refunded or gone are left out, and so are the heads of
    bundles, whose parts are lines of their own; units cancelled do not count. The rows stay locked
    until the caller's transaction ends: call one of the `mark_…` in it. One statement.
    """
    return _claimed(_CLAIM, {"limit": limit, "now": now, "before": _SHIPPED})


def read_orders(ids: Iterable[int]) -> list[ClaimedOrder]:
    """The orders as `claim_new` gives them, without locks, whatever their state and with the lines that are on their
    way or delivered. One statement."""
    return _claimed(_READ, {"ids": prepared.numbers(sorted(set(ids))), "before": _NO_BOUND})


def _claimed(sql: str, params: Mapping[str, Any]) -> list[ClaimedOrder]:
    with prepared.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    width = len(_CLAIM_FIELDS)
    return [
        ClaimedOrder(
            **dict(zip(_CLAIM_FIELDS, row, strict=False)),
            customer=orjson.loads(row[width]),
            shipping_address=orjson.loads(row[width + 1]),
            lines=tuple(_line(line) for line in orjson.loads(row[width + 2] or "[]")),
        )
        for row in rows
    ]


def _line(row: Sequence[Any]) -> ClaimedLine:
    return ClaimedLine(
        id=row[0],
        product_id=row[1],
        sku=row[2],
        quantity=Decimal(row[3]),
        price=Decimal(row[4]),
        state=row[5],
        attributes=row[6],
    )


_PRODUCTS_TO_PLAN = """
SELECT DISTINCT i.product_id FROM (
  (SELECT id FROM oms_orders_order
    WHERE planning_state IN ('pending', 'out_of_stock') AND state >= 400 AND state < 500 AND due_at <= %(now)s
    ORDER BY due_at LIMIT %(limit)s)
  UNION ALL
  (SELECT id FROM oms_orders_order
    WHERE planning_state = 'new' AND state >= 400 AND state < 500 AND (due_at IS NULL OR due_at <= %(now)s)
    ORDER BY id LIMIT %(limit)s)) o
JOIN oms_orders_orderitem i ON i.order_id = o.id"""


def products_to_plan(limit: int, now: datetime) -> set[int]:
    """The products of the next `limit` orders of either kind to be planned; without locks. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS_TO_PLAN, {"limit": limit, "now": now})
        return {row[0] for row in cursor.fetchall()}


def mark_planned(ids: Iterable[int], now: datetime) -> int:
    """The orders are planned; number of rows changed."""
    return _mark_planned(
        "UPDATE oms_orders_order SET planning_state = 'planned', hold_reason = '', planned_at = %s, due_at = NULL,"
        " modified_at = %s WHERE id = ANY(%s::bigint[])",
        [now, now, prepared.numbers(sorted(ids))],
        now,
    )


def mark_out_of_stock(ids: Iterable[int], *, due_at: datetime, now: datetime) -> int:
    """The orders are planned, but some of each stands out of stock; that part is planned again from `due_at` on."""
    return _mark_planned(
        "UPDATE oms_orders_order SET planning_state = 'out_of_stock', hold_reason = '', planned_at = %s, due_at = %s,"
        " modified_at = %s WHERE id = ANY(%s::bigint[])",
        [now, due_at, now, prepared.numbers(sorted(ids))],
        now,
    )


def mark_hold(reasons: Mapping[int, str], now: datetime) -> int:
    """The orders wait for a person, each with its reason."""
    ids = sorted(reasons)
    return _mark(
        "UPDATE oms_orders_order o SET planning_state = 'hold', hold_reason = h.reason, modified_at = %s"
        " FROM unnest(%s::bigint[], %s::text[]) AS h(id, reason) WHERE o.id = h.id",
        [now, ids, [reasons[order_id] for order_id in ids]],
    )


def mark_pending(reasons: Mapping[int, str], *, due_at: datetime, now: datetime) -> int:
    """The orders could not be decided (stock unknown); they are taken again from `due_at` on."""
    ids = sorted(reasons)
    return _mark(
        "UPDATE oms_orders_order o SET planning_state = 'pending', hold_reason = h.reason, due_at = %s,"
        " modified_at = %s FROM unnest(%s::bigint[], %s::text[]) AS h(id, reason) WHERE o.id = h.id",
        [due_at, now, ids, [reasons[order_id] for order_id in ids]],
    )


def mark_new(ids: Iterable[int], now: datetime) -> int:
    """Put held or pending orders back into the planner's queue and wake it."""
    changed = _mark(
        "UPDATE oms_orders_order SET planning_state = 'new', hold_reason = '', due_at = NULL, modified_at = %s"
        " WHERE id = ANY(%s) AND planning_state IN ('hold', 'pending')",
        [now, sorted(ids)],
    )
    if changed:
        work.wake("planner")
    return changed


_REQUEST = """
WITH asked AS (SELECT id FROM oms_orders_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
UPDATE oms_orders_order o SET planning_state = 'new', hold_reason = '', due_at = NULL, modified_at = %s
  FROM asked WHERE o.id = asked.id AND (o.planning_state <> 'new' OR o.due_at IS NOT NULL)"""


def request_planning(order_ids: Iterable[int], now: datetime) -> int:
    """Have the open demand of these orders planned now, whatever their planning state; number of orders changed.

    What stands in living packages stays. Locks the orders in id order and wakes the planner.
    """
    changed = _mark(_REQUEST, [sorted(set(order_ids)), now])
    if changed:
        work.wake("planner")
    return changed


_DUE_NOW = """
WITH waiting AS (
  SELECT id FROM oms_orders_order
   WHERE id = ANY(%s) AND planning_state = 'out_of_stock' AND due_at > %s ORDER BY id FOR NO KEY UPDATE)
UPDATE oms_orders_order o SET due_at = %s FROM waiting WHERE o.id = waiting.id"""


def make_due(order_ids: Iterable[int], now: datetime) -> int:
    """Plan orders that wait out of stock now instead of at their time; number of orders changed. Wakes the planner."""
    changed = _mark(_DUE_NOW, [sorted(set(order_ids)), now, now])
    if changed:
        work.wake("planner")
    return changed


def _mark_planned(sql: str, params: Sequence[Any], now: datetime) -> int:
    """Mark, and tell those who listen; an order that only waits on for stock is not told of at each attempt."""
    again = "old.planning_state = 'out_of_stock' AND new.planning_state = 'out_of_stock'"
    with prepared.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING new.id, {again}, {outbox.listened(events.PLANNED)}", params)
        rows = cursor.fetchall()
    told = [order_id for order_id, waits_on, listened in rows if listened and not waits_on]
    if told:
        announcing.announce(events.PLANNED, told, now=now)
    return len(rows)


def _mark(sql: str, params: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


_ADVANCE = f"""
WITH wanted AS (SELECT * FROM unnest(%s::bigint[], %s::int[]) AS w(id, state)),
     locked AS (SELECT i.id, i.state AS old, w.state FROM oms_orders_orderitem i JOIN wanted w USING (id)
                 ORDER BY i.id FOR UPDATE OF i),
moved AS (
  UPDATE oms_orders_orderitem i SET state = l.state, modified_at = %s
    FROM locked l
   WHERE i.id = l.id AND {MAY_MOVE_SQL.format(current="l.old", target="l.state")}
     AND l.old NOT IN (50, 100, 425, 600)
  RETURNING i.id, i.order_id, i.parent_upstream_id, i.state),
least AS (
  SELECT i.order_id, min(coalesce(m.state, i.state)) AS state
    FROM oms_orders_orderitem i LEFT JOIN moved m ON m.id = i.id
   WHERE i.order_id IN (SELECT order_id FROM moved) AND coalesce(m.state, i.state) NOT IN (50, 100, 425, 600)
   GROUP BY i.order_id),
headers AS (
  UPDATE oms_orders_order o SET state = t.state, modified_at = %s FROM least t
   WHERE o.id = t.order_id AND o.state NOT IN (50, 100, 600)
     AND {MAY_MOVE_SQL.format(current="o.state", target="t.state")})
SELECT order_id, parent_upstream_id, {outbox.listened(events.UPDATED)} FROM moved"""

_ADVANCE_HEADS = f"""
UPDATE oms_orders_orderitem head SET state = parts.state, modified_at = %s
  FROM (SELECT order_id, parent_upstream_id, min(state) FILTER (WHERE state NOT IN (50, 100, 425, 600)) AS state
          FROM oms_orders_orderitem WHERE order_id = ANY(%s::bigint[]) AND parent_upstream_id IS NOT NULL GROUP BY 1, 2) parts
 WHERE head.order_id = parts.order_id AND head.upstream_id = parts.parent_upstream_id AND head.is_head
   AND head.state NOT IN (50, 100, 425, 600) AND {MAY_MOVE_SQL.format(current="head.state", target="parts.state")}"""

_ADVANCE_ORDERS = f"""
UPDATE oms_orders_order o SET state = t.state, modified_at = %s
  FROM (SELECT order_id, min(state) AS state FROM oms_orders_orderitem
         WHERE order_id = ANY(%s::bigint[]) AND state NOT IN (50, 100, 425, 600) GROUP BY order_id) t
 WHERE o.id = t.order_id AND o.state NOT IN (50, 100, 600)
   AND {MAY_MOVE_SQL.format(current="o.state", target="t.state")}"""


def advance_items(targets: Mapping[int, int], *, now: datetime) -> set[int]:
    """Move order items forward to the given OrderStatus codes, heads of bundles after their least advanced part, and
    orders after their least advanced item.

    Items cancelled, in cancellation or already further stay. Returns the ids of orders with a moved item.
    """
    if not targets:
        return set()
    ids = sorted(targets)
    with prepared.cursor() as cursor:
        states = prepared.numbers(targets[item_id] for item_id in ids)
        cursor.execute(_ADVANCE, [prepared.numbers(ids), states, now, now])
        moved = cursor.fetchall()
        orders = {row[0] for row in moved}
        if any(row[1] is not None for row in moved):
            climb(cursor, _ADVANCE_HEADS, [now, prepared.numbers(sorted(orders))])
            cursor.execute(_ADVANCE_ORDERS, [now, prepared.numbers(sorted(orders))])
    if moved and moved[0][2]:
        announcing.announce(events.UPDATED, orders, now=now)
    return orders
