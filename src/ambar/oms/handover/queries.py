"""What this OMS holds, as digests and rows, and what it knows of records that differ.

A package counts as the marketplace was told of it; an order by the newest version seen, whether it was taken, refused by a rule
or is in quarantine. Rows and digests are made as the Seller Center makes them (`contracts/handover/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.kit import clock
from ambar.kit.agreement.asking import MOST_DIGESTS, MOST_ROWS, Within
from ambar.kit.agreement.digests import sum_sql
from ambar.kit.outbox.models import Hook
from ambar.oms.handover.domain.differences import OrderHere, PackageHere
from ambar.oms.packages.domain import events
from ambar.oms.packages.payload import payloads

_KEY = """(left(md5(p.number), 6) COLLATE "C")"""
_PLACE = """p.created_at >= %(begin)s AND p.created_at < %(end)s
   AND (%(state)s::int IS NULL OR p.told_state = %(state)s)"""
_DIGESTS = f"""
SELECT (p.created_at AT TIME ZONE 'UTC')::date::text, p.told_state, left(md5(p.number), %(digits)s),
       {sum_sql("p.number || '|' || p.told_state || '|' || p.told_sequence")}
  FROM oms_packages_package p WHERE {_PLACE} {{narrow}}
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT {MOST_DIGESTS + 1}"""
_NARROW = f"AND {_KEY} >= %(low)s AND {_KEY} < %(high)s"
_ROWS = f"""
SELECT p.number, p.told_state, p.told_sequence
  FROM unnest(%(begins)s::timestamptz[], %(ends)s::timestamptz[], %(states)s::int[], %(lows)s::text[], %(highs)s::text[])
       AS w(begins, ends, state, low, high)
  CROSS JOIN LATERAL (
    SELECT p.* FROM oms_packages_package p
     WHERE p.created_at >= w.begins AND p.created_at < w.ends AND (w.state IS NULL OR p.told_state = w.state)
       AND {_KEY} >= w.low AND {_KEY} < w.high LIMIT {MOST_ROWS + 1}) p
 LIMIT {MOST_ROWS + 1}"""


def package_digests(place: Within, digits: int) -> list[dict[str, Any]]:
    """Digests per day, told state and first digits of the number's MD5."""
    values = {
        "begin": place.begin, "end": place.end, "state": place.state, "low": place.low, "high": place.high, "digits": digits,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_DIGESTS.format(narrow=_NARROW if place.low else ""), values)
        return [
            {"place": f"{day}/{state}" + (f"/{under}" if under else ""), "count": count, "digest": digest}
            for day, state, under, count, digest in cursor.fetchall()
        ]


def package_rows(places: Sequence[Within]) -> list[list[Any]]:
    """`[number, state, sequence]` as told, of every package in these places."""
    values = {
        "begins": [place.begin for place in places],
        "ends": [place.end for place in places],
        "states": [place.state for place in places],
        "lows": [place.low for place in places],
        "highs": [place.high for place in places],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, values)
        return [list(row) for row in cursor.fetchall()]


_KNOWN = """
SELECT id, max(at) AS at FROM (
  SELECT upstream_id AS id, upstream_modified_at AS at FROM oms_orders_order
   WHERE source = %(source)s AND upstream_id >= {low} AND upstream_id < {high}
   UNION ALL
  SELECT upstream_id, upstream_modified_at FROM oms_upstream_nottaken
   WHERE source = %(source)s AND upstream_id >= {low} AND upstream_id < {high}
   UNION ALL
  SELECT upstream_id, upstream_modified_at FROM oms_upstream_quarantined
   WHERE source = %(source)s AND closed_at IS NULL AND upstream_id >= {low} AND upstream_id < {high}
     AND upstream_modified_at IS NOT NULL) known
 GROUP BY id"""
_MOMENT = "(extract(epoch FROM k.at) * 1000000)::bigint"
_ORDER_DIGESTS = f"""
SELECT k.id >> %(bits)s, {sum_sql(f"k.id || '|' || {_MOMENT}")}
  FROM ({_KNOWN.format(low="%(low)s", high="%(high)s")}) k GROUP BY 1 ORDER BY 1 LIMIT {MOST_DIGESTS + 1}"""
_ORDER_ROWS = f"""
SELECT k.id, k.at,
       (SELECT count(*) FROM oms_packages_package p JOIN oms_orders_order o ON o.id = p.order_id
         WHERE o.source = %(source)s AND o.upstream_id = k.id)
  FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS w(low, high)
  CROSS JOIN LATERAL ({_KNOWN.format(low="w.low", high="w.high")} ORDER BY 1 LIMIT {MOST_ROWS + 1}) k
 LIMIT {MOST_ROWS + 1}"""


def order_digests(source: str, low: int, high: int, bits: int) -> list[dict[str, Any]]:
    """Digests per range of 2^`bits` upstream ids."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDER_DIGESTS, {"source": source, "low": low, "high": high, "bits": bits})
        return [
            {"place": f"{part << bits}-{(part + 1) << bits}", "count": count, "digest": digest}
            for part, count, digest in cursor.fetchall()
        ]


def order_rows(source: str, ranges: Sequence[tuple[int, int]]) -> list[list[Any]]:
    """`[upstream id, modified_date, packages]` of every order known here in these ranges."""
    values = {
        "source": source,
        "lows": [low for low, _ in ranges],
        "highs": [high for _, high in ranges],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ORDER_ROWS, values)
        return [[pk, clock.iso(at), packages] for pk, at, packages in cursor.fetchall()]


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
    records = payloads([row[0] for row in rows]) if whole else {}
    found = {}
    for pk, number, state, sequence, state_now, sequence_now, day in rows:
        pending, parked = undelivered.get(pk, (0, 0))
        found[number] = PackageHere(
            id=pk, number=number, state=state, sequence=sequence, state_now=state_now, sequence_now=sequence_now, day=day,
            fields=_fields(records[pk], state, sequence) if whole else {}, pending=pending, parked=parked,
        )  # fmt: skip
    return found


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
        "items": item_lines(
            (item["order_item"]["omnitron_id"], item["order_item"]["product"]["sku"], item["quantity"])
            for item in record["packageitem_set"]
        ),
    }


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


def read_up_to(source: str) -> datetime | None:
    """How far the orders of upstream have been pulled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at FROM oms_upstream_watermark WHERE source = %s AND stream = 'orders'", [source]
        )
        row = cursor.fetchone()
    return row[0] if row else None
