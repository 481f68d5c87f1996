"""What this OMS knows of records that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.kit.outbox.models import Hook
from ambar.oms.handover import own_word
from ambar.oms.handover.domain.differences import OrderHere, PackageHere
from ambar.oms.handover.domain.restoring import GIVEN_UP
from ambar.oms.orders.models import Order
from ambar.oms.packages.domain import events
from ambar.oms.packages.payload import payloads


def partner_hooks(base_url: str) -> dict[str, list[int]]:
    """Event type → ids of the active hooks that tell the Seller Center at `base_url` of it."""
    found: dict[str, list[int]] = {}
    rows = Hook.objects.filter(is_active=True, event_type__in=events.HEARD)
    for pk, type_, url in rows.order_by("pk").values_list("pk", "event_type", "target_url"):
        if url.startswith(base_url.rstrip("/") + "/"):
            found.setdefault(type_, []).append(pk)
    return found


_UNDELIVERED = """
SELECT aggregate_id, count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 2) FROM outbox_delivery
 WHERE hook_id = ANY(%s) AND kind = 'package' AND aggregate_id = ANY(%s) AND state IN (0, 2) GROUP BY 1"""
_TOLD = """
SELECT id, number, told_state, told_sequence, state, sequence, (created_at AT TIME ZONE 'UTC')::date::text
  FROM oms_packages_package WHERE number = ANY(%s)"""


def told(numbers: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Number → (state, sequence) as the marketplace was told."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [list(numbers)])
        return {row[1]: (row[2], row[3]) for row in cursor.fetchall()}


def packages_here(
    numbers: Sequence[str], hook_ids: Sequence[int], *, whole: bool = True
) -> dict[str, PackageHere]:
    """The packages with these numbers, what of them is not delivered to these hooks, and (`whole`) their compared fields."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [list(numbers)])
        rows = cursor.fetchall()
        cursor.execute(_UNDELIVERED, [list(hook_ids), [row[0] for row in rows]])
        undelivered = {row[0]: row[1:] for row in cursor.fetchall()}
    logged = slipped(numbers)
    records = payloads([row[0] for row in rows]) if whole else {}
    words = own_word.words([row[0] for row in rows]) if whole else {}
    found = {}
    for pk, number, state, sequence, state_now, sequence_now, day in rows:
        pending, parked = undelivered.get(pk, (0, 0))
        found[number] = PackageHere(
            id=pk, number=number, state=state, sequence=sequence, state_now=state_now, sequence_now=sequence_now, day=day,
            fields=_fields(records[pk], state, sequence) if whole else {}, pending=pending, parked=parked,
            logged=logged.get(number), rewritten=_rewritten(records[pk], words[pk]) if pk in words else (),
        )  # fmt: skip
    return found


SLIPPED = """
  FROM oms_packages_package p
  CROSS JOIN LATERAL (SELECT l.new_state_id FROM oms_states_transitionlog l
                       WHERE l.kind = 'package' AND l.object_id = p.id ORDER BY l.id DESC LIMIT 1) l
  JOIN oms_states_state s ON s.id = l.new_state_id AND s.enum_class = 'PackageStatus' AND s.enum_value <> p.state::text
 WHERE p.state <> p.told_state"""
"""Packages in a state that was neither told nor logged. Most stand in the one they were told in: only the others' logs are read."""
_SLIPPED = f"SELECT p.number, s.enum_value::int {SLIPPED} {{narrow}} LIMIT %(most)s"
MOST_SLIPPED = 10_000


def slipped(numbers: Sequence[str] | None = None) -> dict[str, int]:
    """Number → the state its log tells, of packages (these, or any; at most 10,000) that stand in another one, which nobody was told."""
    narrow = "" if numbers is None else "AND p.number = ANY(%(numbers)s)"
    values = {"numbers": list(numbers or ()), "most": MOST_SLIPPED}
    with connection.cursor() as cursor:
        cursor.execute(_SLIPPED.format(narrow=narrow), values)
        return dict(cursor.fetchall())


_OVERFULL = """
SELECT m.package_id, i.sku, i.quantity::text, held.units::text
  FROM (SELECT DISTINCT package_id, order_item_id FROM oms_packages_packageitem WHERE package_id = ANY(%s) AND quantity > 0) m
  JOIN oms_orders_orderitem i ON i.id = m.order_item_id
 CROSS JOIN LATERAL (
    SELECT sum(x.quantity) AS units FROM oms_packages_packageitem x JOIN oms_packages_package p ON p.id = x.package_id
     WHERE x.order_item_id = i.id AND p.state <> ALL(%s)) held
 WHERE round(held.units - i.quantity, 2) > 0 ORDER BY m.package_id, i.id"""


def overfull(package_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Those of these packages of which an order line stands in packages with more units than were ever ordered: its (SKU, units ordered,
    units in packages)."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERFULL, [list(package_ids), list(GIVEN_UP)])
        return {pk: (sku, ordered, units) for pk, sku, ordered, units in reversed(cursor.fetchall())}


def _rewritten(record: Mapping[str, Any], word: Mapping[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
    """Lines and worth as they stand and as the event of the same sequence told them, where these differ.

    Nothing else is compared: carriers, papers and names of places may be ahead of the next event.
    """
    sides = (
        ("items", _items(record), _items(word)),
        ("amount", record["amount"], word["amount"]),
    )
    return tuple(side for side in sides if side[1] != side[2])


def _fields(record: Mapping[str, Any], state: int, sequence: int) -> dict[str, Any]:
    """A package's record in the fields and shapes of the Seller Center's details."""
    shipment = record.get("shipment") or {}
    tracking = [text for text in (shipment.get("awb_number"), shipment.get("tracking_number")) if text]
    return {
        "state": state,
        "sequence": sequence,
        "created_date": record["created_date"],
        "location_name": record["stock_location"]["name"],
        "amount": record["amount"],
        "tracking_numbers": list(dict.fromkeys(tracking)),
        "invoice_number": record["invoice_number"],
        "shipping_company": record["shipping_company"],
        "items": _items(record),
    }


def _items(record: Mapping[str, Any]) -> list[str]:
    return item_lines(
        (item["order_item"]["omnitron_id"], item["order_item"]["product"]["sku"], item["quantity"])
        for item in record["packageitem_set"]
    )


def item_lines(items: Iterable[tuple[Any, str, str]]) -> list[str]:
    """Items as lines that can be laid side by side: `upstream item sku × quantity`, in order."""
    return sorted(f"{upstream} {sku} × {quantity}" for upstream, sku, quantity in items)


_ORDERS_HERE = """
SELECT w.id, greatest(o.upstream_modified_at, n.upstream_modified_at, q.upstream_modified_at),
       q.id IS NOT NULL AND q.upstream_modified_at IS NULL, o.id IS NOT NULL
  FROM unnest(%(ids)s::bigint[]) AS w(id)
  LEFT JOIN oms_orders_order o ON o.source = %(source)s AND o.upstream_id = w.id
  LEFT JOIN oms_upstream_nottaken n ON n.source = %(source)s AND n.upstream_id = w.id
  LEFT JOIN oms_upstream_quarantined q
    ON q.source = %(source)s AND q.identity = 'order:' || w.id AND q.closed_at IS NULL
 WHERE coalesce(o.id, n.id, q.id) IS NOT NULL"""


def orders_here(source: str, ids: Sequence[int]) -> dict[int, OrderHere]:
    """What is known of these orders."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS_HERE, {"source": source, "ids": list(ids)})
        return {
            pk: OrderHere(modified_at=at, quarantined=malformed, taken=taken)
            for pk, at, malformed, taken in cursor.fetchall()
        }


def own_ids(source: str, upstream_ids: Sequence[int]) -> dict[int, int]:
    """Upstream id → our id of the orders taken of these."""
    taken = Order.objects.filter(source=source, upstream_id__in=list(upstream_ids))
    return dict(taken.values_list("upstream_id", "id"))


def read_up_to(source: str) -> datetime | None:
    """How far the orders of upstream have been pulled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at FROM oms_upstream_watermark WHERE source = %s AND stream = 'orders'", [source]
        )
        row = cursor.fetchone()
    return row[0] if row else None
