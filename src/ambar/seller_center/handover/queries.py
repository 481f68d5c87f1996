"""What this side knows of packages that one seller's OMS asks about. Every statement is bound to the seller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from ambar.kit import clock
from ambar.kit.agreement import asking
from ambar.kit.money import money
from ambar.seller_center.packages.models import Package
from ambar.seller_center.packages.queries import items_of
from ambar.seller_center.packages.store import source_of

MOST_PACKAGES = 1000
"""Packages of orders in one answer: with their events some ten megabytes."""
_LAST_EVENTS = """
SELECT h.package_id, i.payload
  FROM sc_packages_package p
  JOIN sc_packages_packagehistory h ON h.package_id = p.id AND h.outcome = 'applied' AND h.sequence = p.sequence
  JOIN outbox_inbox i ON i.source = %s AND i.uuid = h.event_uuid
 WHERE p.id = ANY(%s)"""
_WAITING = """
SELECT substr(aggregate, 9), count(*) FROM outbox_inbox
 WHERE source = %s AND state <> 1 AND aggregate = ANY(%s) GROUP BY 1"""


def package_details(
    seller_id: int, *, numbers: Sequence[str], order_ids: Sequence[int], brief: bool = False
) -> list[dict[str, Any]]:
    """Whole packages by number and by order; `event` is the event that made them so, as it was received, when it is still kept.

    `waiting` counts received events of the package that are not applied yet. A number this side does not have is absent,
    unless events of it wait. `brief` leaves lines and event out. Errors: `TooMuch` when the orders have more than
    `MOST_PACKAGES`.
    """
    living = Package.objects.filter(seller_id=seller_id, origin="oms", retired_at__isnull=True)
    rows = list(living.filter(number__in=numbers)) if numbers else []
    if order_ids:
        known = {row.pk for row in rows}
        of_orders = list(living.filter(order_id__in=order_ids)[: MOST_PACKAGES + 1])
        asking.not_too_many_of("order", of_orders, MOST_PACKAGES)
        rows += [row for row in of_orders if row.pk not in known]
    waiting = _waiting(seller_id, [*numbers, *(row.number for row in rows)])
    found = [_head(row, waiting) for row in rows]
    if not brief:
        items, events = items_of([row.pk for row in rows]), _events(seller_id, rows)
        remote = _remote_items([row.pk for row in rows])
        for row, one in zip(rows, found, strict=True):
            one |= _body(row, items[row.pk], remote, events.get(row.pk))
    there = {row.number for row in rows}
    found += [{"number": number, "waiting": n} for number, n in waiting.items() if number not in there]
    return sorted(found, key=lambda one: str(one["number"]))


def _head(row: Package, waiting: dict[str, int]) -> dict[str, Any]:
    return {
        "number": row.number,
        "state": row.state_code or 0,
        "sequence": row.sequence,
        "created_date": clock.iso(row.made_at),
        "waiting": waiting.get(row.number, 0),
    }


def _body(
    row: Package, items: Sequence[dict[str, Any]], remote: dict[int, int | None], event: Any
) -> dict[str, Any]:
    return {
        "state_name": row.state_name,
        "order": row.order_id,
        "order_number": row.order_number,
        "remote_id": row.remote_id,
        "amount": None if row.amount is None else money(row.amount),
        "currency": row.currency,
        "location_name": row.location_name,
        "shipping_company": row.shipping_company,
        "tracking_numbers": row.tracking_numbers,
        "invoice_number": row.invoice_number,
        "modified_date": clock.iso(row.modified_at),
        "items": [
            {
                "remote_id": remote[item["id"]],
                "order_item": item["order_item"],
                "sku": item["sku"],
                "quantity": item["quantity"],
                "state": item["state"],
            }
            for item in items
        ],
        "event": event,
    }


def _events(seller_id: int, rows: Sequence[Package]) -> dict[int, Any]:
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LAST_EVENTS, [source_of(seller_id), [row.pk for row in rows]])
        return {pk: orjson.loads(body)["payload"] for pk, body in cursor.fetchall()}


def _remote_items(package_ids: Sequence[int]) -> dict[int, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, remote_id FROM sc_packages_packageitem WHERE package_id = ANY(%s)",
            [list(package_ids)],
        )
        return dict(cursor.fetchall())


def _waiting(seller_id: int, numbers: Sequence[str]) -> dict[str, int]:
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [source_of(seller_id), [f"package:{number}" for number in numbers]])
        return dict(cursor.fetchall())


_APPLIED = """
SELECT count(*), count(*) FILTER (WHERE outcome = 'applied'), count(*) FILTER (WHERE outcome = 'late'),
       count(sequence) FILTER (WHERE outcome = 'applied')
         - count(DISTINCT (package_id, sequence)) FILTER (WHERE outcome = 'applied' AND sequence IS NOT NULL)
  FROM sc_packages_packagehistory WHERE seller_id = %s AND event_uuid >= %s AND event_uuid < %s"""
_NOT_APPLIED = """
SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 2) FROM outbox_inbox
 WHERE source = %s AND uuid >= %s AND uuid < %s AND state <> 1"""


def events_between(seller_id: int, low: UUID, high: UUID) -> dict[str, int]:
    """The events with identities in [low, high): received, and of those applied, late, waiting, parked; `applied_twice` counts
    those applied under a sequence their package had been given before."""
    with connection.cursor() as cursor:
        cursor.execute(_APPLIED, [seller_id, low, high])
        settled, applied, late, twice = cursor.fetchone()
        cursor.execute(_NOT_APPLIED, [source_of(seller_id), low, high])
        waiting, parked = cursor.fetchone()
    return {
        "received": settled + waiting + parked,
        "applied": applied,
        "late": late,
        "waiting": waiting,
        "parked": parked,
        "applied_twice": twice,
    }
