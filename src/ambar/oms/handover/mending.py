"""Orders whose rows were damaged here under the version they were taken in: their lines as that version told them.

What else of an order differs is written when it is read again; lines are put right before, so that what upstream never took back is
not taken for units it does not want any more (`ambar.oms.orders.domain.versions`). In the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from ambar.oms.upstream import known, reading
from ambar.oms.upstream.configured import Configured

_LOCK = """
SELECT o.upstream_id, o.id, o.raw::text FROM oms_orders_order o
 WHERE o.source = %s AND o.upstream_id = ANY(%s) ORDER BY o.id FOR NO KEY UPDATE OF o"""
_LINES = """
SELECT i.order_id, i.id, i.upstream_id, i.quantity, i.told_quantity, i.state,
       i.cancelled_quantity + coalesce((SELECT sum(r.open_quantity) FROM oms_orders_cancellationrequest r
                                         WHERE r.order_item_id = i.id), 0)
  FROM oms_orders_orderitem i WHERE i.order_id = ANY(%s)"""
_DANGLING = """
SELECT DISTINCT x.order_id FROM oms_packages_packageitem x
 WHERE x.order_id = ANY(%s) AND NOT EXISTS (SELECT FROM oms_orders_orderitem i WHERE i.id = x.order_item_id)"""
_PUT = """
UPDATE oms_orders_orderitem i SET quantity = r.quantity, told_quantity = nullif(r.told, r.quantity), sku = r.sku, product_id = r.product,
       modified_at = %s
  FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, quantity numeric, told numeric, sku text, product bigint) WHERE i.id = r.id"""
_FORGET = "UPDATE oms_orders_order SET raw = '{}', upstream_modified_at = 'epoch' WHERE id = ANY(%s)"
TAKEN_BACK = (100, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """`refused`: upstream id → why; `grown`: own ids of orders of which more units are to be supplied than were known here."""

    refused: Mapping[int, str]
    grown: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Line:
    id: int
    quantity: Decimal
    told: Decimal | None
    state: int
    withdrawn: Decimal


def put_lines_right(
    records: Iterable[Mapping[str, Any]], *, source: str, configured: Configured, now: datetime
) -> Mended:
    """Give the lines of these orders the units their version told, and let the same version be read once more.

    That version is the one kept here, as it was handed over; where that can't be read, the Seller Center's `records` are.
    """
    asked = {record["pk"]: record for record in records}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [source, list(asked)])
        orders = {upstream_id: (pk, orjson.loads(raw)) for upstream_id, pk, raw in cursor.fetchall()}
        ids = [pk for pk, _ in orders.values()]
        cursor.execute(_DANGLING, [ids])
        dangling = {row[0] for row in cursor.fetchall()}
        cursor.execute(_LINES, [ids])
        lines: dict[int, dict[int, _Line]] = {}
        for order_id, pk, upstream_id, quantity, told, state, withdrawn in cursor.fetchall():
            lines.setdefault(order_id, {})[upstream_id] = _Line(pk, quantity, told, state, withdrawn)
        refused = {
            upstream_id: "Packages hold units of a line that was lost here; they have to be looked at first."
            for upstream_id, (pk, _) in orders.items()
            if pk in dangling
        }
        puts: list[dict[str, Any]] = []
        grown = []
        for upstream_id, (pk, raw) in orders.items():
            if upstream_id not in refused:
                rows = _puts(_items(raw, asked[upstream_id], configured), lines.get(pk, {}))
                puts += rows
                before = {line.id: line.quantity for line in lines.get(pk, {}).values()}
                if any(row["quantity"] > before[row["id"]] for row in rows):
                    grown.append(pk)
        cursor.execute(_PUT, [now, orjson.dumps(puts, default=str).decode()])
        cursor.execute(
            _FORGET, [[pk for upstream_id, (pk, _) in orders.items() if upstream_id not in refused]]
        )
    return Mended(refused=refused, grown=grown)


def _items(
    raw: Any, record: Mapping[str, Any], configured: Configured
) -> list[tuple[int, str, int, Decimal, int]]:
    """(upstream id, SKU, product, units, status) of each line of the version that counts; nothing of one nobody can read."""
    for version in (raw, record):
        try:
            wire = reading.order(version)
            units = [
                reading.quantity(item.attributes, item.quantity, configured.quantity_key)
                for item in wire.orderitem_set
            ]
        except reading.Unreadable:
            continue
        if wire.pk != record["pk"]:
            continue
        products = known.products([item.product for item in wire.orderitem_set])
        return [
            (item.pk, item.product.sku, products[item.product.sku], count, item.status)
            for item, count in zip(wire.orderitem_set, units, strict=True)
        ]
    return []


def _puts(
    items: Sequence[tuple[int, str, int, Decimal, int]], lines: Mapping[int, _Line]
) -> list[dict[str, Any]]:
    """What is to be written of the lines that are here; those given up, on either side, keep their units."""
    found = []
    for upstream_id, sku, product, told, state in items:
        line = lines.get(upstream_id)
        if line is None:
            continue
        quantity, kept = line.quantity, line.told
        if state not in TAKEN_BACK and line.state not in TAKEN_BACK:
            shrunk = line.told is not None and line.told != line.quantity
            quantity = told + line.withdrawn if shrunk and line.withdrawn else max(told, line.withdrawn)
            kept = told
        found.append(
            {
                "id": line.id,
                "quantity": quantity,
                "told": quantity if kept is None else kept,
                "sku": sku,
                "product": product,
            }
        )
    return found
