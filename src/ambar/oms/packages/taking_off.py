"""Taking units off packages that live on: quantity and worth fall, the log and an event tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection

from ambar.oms.packages import registry, store
from ambar.oms.packages.domain import events
from ambar.oms.packages.domain.changes import StateChange

_TAKE_OFF = """
WITH off AS (SELECT * FROM unnest(%(ids)s::bigint[], %(quantities)s::numeric[]) AS off(id, quantity)),
items AS (
  UPDATE oms_packages_packageitem i
     SET quantity = i.quantity - off.quantity, cancelled_quantity = i.cancelled_quantity + off.quantity,
         state = CASE WHEN i.quantity = off.quantity THEN 900 ELSE i.state END, modified_at = %(now)s
    FROM off WHERE i.id = off.id
  RETURNING i.id, i.package_id, i.order_item_id, i.quantity)
UPDATE oms_packages_package p SET amount = total.amount, modified_at = %(now)s
  FROM (SELECT part.package_id,
               sum(round(coalesce(o.worth, o.price) * coalesce(items.quantity, part.quantity) / o.quantity, 2)) AS amount
          FROM oms_packages_packageitem part
          JOIN oms_orders_orderitem o ON o.id = part.order_item_id
          LEFT JOIN items ON items.id = part.id
         WHERE part.package_id IN (SELECT package_id FROM items) GROUP BY part.package_id) total
 WHERE p.id = total.package_id"""


def take_off(quantities: Mapping[int, Decimal], *, now: datetime) -> None:
    """Take `{package item: units}` off and re-total the packages. The caller holds the locks of orders and packages.

    Stock is the caller's business. One statement.
    """
    if quantities:
        ids = sorted(quantities)
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_OFF, {"ids": ids, "quantities": [quantities[i] for i in ids], "now": now})


def cut(item_ids: Sequence[int]) -> dict[int, Decimal]:
    """`{package item: units still wanted}` of those of these items that had units taken off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, quantity FROM oms_packages_packageitem WHERE id = ANY(%s) AND cancelled_quantity > 0",
            [list(item_ids)],
        )
        return dict(cursor.fetchall())


def tell(changes: Sequence[StateChange], *, now: datetime) -> None:
    """Log that packages hold less now, their state as it was, and raise `package.status.transitioned` for each."""
    if not changes:
        return
    store.note(changes, now=now)
    ids = sorted(change.package_id for change in changes)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE oms_packages_package SET sequence = sequence + 1 WHERE id = ANY(%s)", [ids])
    store.record_events(dict.fromkeys(ids, (events.TRANSITIONED,)), now=now)
    registry.changed_within_a_state(ids, now=now)


def parts_of(order_item_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(order item, package state) of everything packages hold of these order items."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT order_item_id, state FROM oms_packages_packageitem WHERE order_item_id = ANY(%s) AND quantity > 0",
            [list(order_item_ids)],
        )
        return list(cursor.fetchall())


def living_packages(order_ids: Sequence[int]) -> list[int]:
    """The packages of these orders that are not cancelled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM oms_packages_package WHERE order_id = ANY(%s) AND state <> 900 ORDER BY id",
            [list(order_ids)],
        )
        return [row[0] for row in cursor.fetchall()]
