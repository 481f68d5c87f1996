"""Units of order items that are not supplied any more: the lines, their bundles and the order follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from ambar.oms.orders import announcing
from ambar.oms.orders.domain import events

MOST_LEVELS = 64
"""Bundles in bundles, at most."""
_ITEMS = """
UPDATE oms_orders_orderitem i
   SET cancelled_quantity = i.cancelled_quantity + w.quantity, modified_at = %(now)s,
       state = CASE WHEN i.state = 600 THEN 600
                    WHEN i.cancelled_quantity + w.quantity >= i.quantity THEN 100
                    WHEN i.state = 100 THEN 400 ELSE i.state END
  FROM unnest(%(ids)s::bigint[], %(quantities)s::numeric[]) AS w(id, quantity)
 WHERE i.id = w.id
RETURNING i.order_id"""
_HEADS = """
UPDATE oms_orders_orderitem head
   SET state = CASE WHEN parts.gone THEN 100 ELSE parts.state END,
       cancelled_quantity = CASE WHEN parts.gone THEN head.quantity ELSE 0 END, modified_at = %(now)s
  FROM (SELECT order_id, parent_upstream_id, bool_and(state = 100) AS gone,
               min(state) FILTER (WHERE state <> 100) AS state
          FROM oms_orders_orderitem WHERE order_id = ANY(%(orders)s) AND parent_upstream_id IS NOT NULL GROUP BY 1, 2) parts
 WHERE head.order_id = parts.order_id AND head.upstream_id = parts.parent_upstream_id AND head.is_head
   AND (head.state = 100) <> parts.gone"""
_ORDERS = """
UPDATE oms_orders_order o
   SET cancelled_amount = items.amount, modified_at = %(now)s,
       state = CASE WHEN o.state = 600 THEN 600 WHEN items.gone THEN 100
                    WHEN o.state IN (50, 100) OR (o.state >= 400 AND items.state > o.state) THEN items.state
                    ELSE o.state END
  FROM (SELECT order_id, bool_and(state = 100) AS gone,
               coalesce(min(state) FILTER (WHERE state NOT IN (50, 100, 425, 600)), min(state)) AS state,
               sum(CASE WHEN is_head THEN 0 ELSE
                   round((coalesce(worth, price) - discount_amount) * cancelled_quantity / quantity, 2) END) AS amount
          FROM oms_orders_orderitem WHERE order_id = ANY(%(orders)s) GROUP BY order_id) items
 WHERE o.id = items.order_id
RETURNING o.id, new.state = 100 AND old.state <> 100"""


def cancel_units(quantities: Mapping[int, Decimal], *, now: datetime) -> None:
    """Count `{order item: units}` as cancelled (below zero: as ordered after all) and re-total their orders.

    An item without units left is Cancelled, a bundle all of whose parts are is too, and so is such an order; otherwise
    the order stands where its least advanced living item stands. The caller holds the lock of the orders.
    """
    changed = {item: quantity for item, quantity in quantities.items() if quantity}
    if not changed:
        return
    ids = sorted(changed)
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, {"now": now, "ids": ids, "quantities": [changed[i] for i in ids]})
        orders = sorted({row[0] for row in cursor.fetchall()})
        climb(cursor, _HEADS, {"now": now, "orders": orders})
        cursor.execute(_ORDERS, {"now": now, "orders": orders})
        gone = dict(cursor.fetchall())
    settle_refunded(orders, now=now)
    announcing.announce_if_wanted(events.CANCELLED, [one for one, over in gone.items() if over], now=now)
    announcing.announce_if_wanted(events.UPDATED, [one for one, over in gone.items() if not over], now=now)


def climb(cursor: Any, statement: str, values: Any) -> None:
    """Let heads follow their parts, and the heads above them these, until nothing changes. A bundle in no bundle costs
    one statement, and one more where its head moved."""
    for _ in range(MOST_LEVELS):
        cursor.execute(statement, values)
        if not cursor.rowcount:
            return


def mark_refunded(quantities: Mapping[int, Decimal], *, now: datetime) -> None:
    """Order items all of whose living units came back and were refunded are Refunded; `{order item: refunded so far}`."""
    if quantities:
        ids = sorted(quantities)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_orders_orderitem i SET state = 600, modified_at = %s"
                " FROM unnest(%s::bigint[], %s::numeric[]) AS w(id, quantity)"
                " WHERE i.id = w.id AND w.quantity >= i.quantity - i.cancelled_quantity AND i.state <> 600"
                " RETURNING i.order_id",
                [now, ids, [quantities[i] for i in ids]],
            )
            orders = sorted({row[0] for row in cursor.fetchall()})
        settle_refunded(orders, now=now)


_OVER = "(100, 425, 600)"
_REFUNDED_HEADS = f"""
UPDATE oms_orders_orderitem head SET state = 600, modified_at = %(now)s
  FROM (SELECT order_id, parent_upstream_id FROM oms_orders_orderitem
         WHERE order_id = ANY(%(orders)s) AND parent_upstream_id IS NOT NULL GROUP BY 1, 2
        HAVING bool_and(state IN {_OVER}) AND bool_or(state = 600)) parts
 WHERE head.order_id = parts.order_id AND head.upstream_id = parts.parent_upstream_id AND head.is_head
   AND head.state NOT IN (100, 600)"""
_REFUNDED_ORDERS = f"""
UPDATE oms_orders_order o SET state = 600, modified_at = %(now)s
  FROM (SELECT order_id FROM oms_orders_orderitem WHERE order_id = ANY(%(orders)s) AND NOT is_head GROUP BY 1
        HAVING bool_and(state IN {_OVER}) AND bool_or(state = 600)) items
 WHERE o.id = items.order_id AND o.state NOT IN (100, 600)"""


def settle_refunded(order_ids: Sequence[int], *, now: datetime) -> None:
    """Bundles and orders of which nothing is left but what was refunded (or cancelled) are Refunded."""
    if order_ids:
        with connection.cursor() as cursor:
            climb(cursor, _REFUNDED_HEADS, {"now": now, "orders": list(order_ids)})
            cursor.execute(_REFUNDED_ORDERS, {"now": now, "orders": list(order_ids)})
