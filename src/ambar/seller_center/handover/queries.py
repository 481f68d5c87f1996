"""What this side has of one seller's OMS, as digests and rows. Every statement is bound to the seller.

A package's row is `number|state|sequence`, an order's `id|microseconds of its modification since 1970`; a fingerprint is the first 64
bits of the row's MD5, a digest the exclusive or of the fingerprints (`docs/decisions/0043-reconciliation.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from ambar.kit import clock
from ambar.kit.agreement.asking import MOST_DIGESTS, MOST_ROWS, Within
from ambar.kit.agreement.digests import sum_sql
from ambar.kit.money import money
from ambar.seller_center.packages.models import Package
from ambar.seller_center.packages.queries import items_of
from ambar.seller_center.packages.store import source_of

_STATE = "coalesce(p.state_code, 0)"
_KEY = """(left(md5(p.number), 6) COLLATE "C")"""
_LIVING = "p.seller_id = %(seller)s AND p.origin = 'oms' AND p.retired_at IS NULL"
_PLACE = (
    f"""p.made_at >= %(begin)s AND p.made_at < %(end)s AND (%(state)s::int IS NULL OR {_STATE} = %(state)s)"""
)
_DIGESTS = f"""
SELECT (p.made_at AT TIME ZONE 'UTC')::date::text, {_STATE}, left(md5(p.number), %(digits)s),
       {sum_sql(f"p.number || '|' || {_STATE} || '|' || p.sequence")}
  FROM sc_packages_package p WHERE {_LIVING} AND {_PLACE} {{narrow}}
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT {MOST_DIGESTS + 1}"""
_NARROW = f"AND {_KEY} >= %(low)s AND {_KEY} < %(high)s"
_ROWS = f"""
SELECT p.number, {_STATE}, p.sequence
  FROM unnest(%(begins)s::timestamptz[], %(ends)s::timestamptz[], %(states)s::int[], %(lows)s::text[], %(highs)s::text[])
       AS w(begins, ends, state, low, high)
  CROSS JOIN LATERAL (
    SELECT p.* FROM sc_packages_package p
     WHERE {_LIVING} AND p.made_at >= w.begins AND p.made_at < w.ends AND (w.state IS NULL OR {_STATE} = w.state)
       AND {_KEY} >= w.low AND {_KEY} < w.high LIMIT {MOST_ROWS + 1}) p
 LIMIT {MOST_ROWS + 1}"""


def package_digests(seller_id: int, place: Within, digits: int) -> list[dict[str, Any]]:
    """Digests per day, state and first digits of the number's MD5."""
    values = {
        "seller": seller_id, "begin": place.begin, "end": place.end, "state": place.state, "low": place.low,
        "high": place.high, "digits": digits,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_DIGESTS.format(narrow=_NARROW if place.low else ""), values)
        return [
            {"place": f"{day}/{state}" + (f"/{under}" if under else ""), "count": count, "digest": digest}
            for day, state, under, count, digest in cursor.fetchall()
        ]


def package_rows(seller_id: int, places: Sequence[Within]) -> list[list[Any]]:
    """`[number, state, sequence]` of every package in these places."""
    values = {
        "seller": seller_id,
        "begins": [place.begin for place in places],
        "ends": [place.end for place in places],
        "states": [place.state for place in places],
        "lows": [place.low for place in places],
        "highs": [place.high for place in places],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, values)
        return [list(row) for row in cursor.fetchall()]


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
    unless events of it wait. `brief` leaves lines and event out.
    """
    living = Package.objects.filter(seller_id=seller_id, origin="oms", retired_at__isnull=True)
    rows = list(living.filter(number__in=numbers)) if numbers else []
    if order_ids:
        known = {row.pk for row in rows}
        rows += [row for row in living.filter(order_id__in=order_ids) if row.pk not in known]
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


_MOMENT = "(extract(epoch FROM o.modified_at) * 1000000)::bigint"
_ORDER_DIGESTS = f"""
SELECT o.id >> %(bits)s, {sum_sql(f"o.id || '|' || {_MOMENT}")}
  FROM sc_orders_order o WHERE o.seller_id = %(seller)s AND o.id >= %(low)s AND o.id < %(high)s
 GROUP BY 1 ORDER BY 1 LIMIT {MOST_DIGESTS + 1}"""
_ORDER_ROWS = f"""
SELECT o.id, o.modified_at, coalesce(o.packages, 0)
  FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS w(low, high)
  CROSS JOIN LATERAL (
    SELECT o.id, o.modified_at,
           (SELECT count(*) FROM sc_packages_package p
             WHERE p.order_id = o.id AND p.origin = 'oms' AND p.retired_at IS NULL) AS packages
      FROM sc_orders_order o WHERE o.seller_id = %(seller)s AND o.id >= w.low AND o.id < w.high
     ORDER BY o.id LIMIT {MOST_ROWS + 1}) o
 LIMIT {MOST_ROWS + 1}"""


def order_digests(seller_id: int, low: int, high: int, bits: int) -> list[dict[str, Any]]:
    """Digests per range of 2^`bits` ids."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDER_DIGESTS, {"seller": seller_id, "low": low, "high": high, "bits": bits})
        return [
            {"place": f"{part << bits}-{(part + 1) << bits}", "count": count, "digest": digest}
            for part, count, digest in cursor.fetchall()
        ]


def order_rows(seller_id: int, ranges: Sequence[tuple[int, int]]) -> list[list[Any]]:
    """`[id, modified_date, packages]` of every order in these ranges; `packages` counts those an OMS reported."""
    values = {
        "seller": seller_id,
        "lows": [low for low, _ in ranges],
        "highs": [high for _, high in ranges],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ORDER_ROWS, values)
        return [[pk, clock.iso(at), packages] for pk, at, packages in cursor.fetchall()]


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
