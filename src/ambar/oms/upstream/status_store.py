"""Set-based reads and writes of status reports."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from ambar.kit import prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an order item in one package; `state` is what a blocked package was blocked from."""

    order_id: int
    order_number: str
    order_item_id: int
    upstream_item_id: int
    item_state: int
    package_id: int
    state: int
    shipping_company: str | None
    invoice_number: str | None
    invoice_date: datetime | None
    invoice_url: str | None
    tracking_number: str | None


_CLEAR = """
WITH due AS MATERIALIZED (
  SELECT id FROM oms_packages_package WHERE sync_pending_at <= %s::timestamptz ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE oms_packages_package p SET sync_pending_at = NULL
  FROM due WHERE p.id = due.id RETURNING p.id"""

_PARTS = """
WITH RECURSIVE touched AS (
  SELECT DISTINCT order_item_id AS id FROM oms_packages_packageitem WHERE package_id = ANY(%s::bigint[]) AND quantity > 0),
heads AS (
  SELECT head.id, head.order_id, head.upstream_id, head.parent_upstream_id
    FROM touched JOIN oms_orders_orderitem child USING (id)
    JOIN oms_orders_orderitem head
      ON head.order_id = child.order_id AND head.upstream_id = child.parent_upstream_id AND head.is_head
   UNION
  SELECT head.id, head.order_id, head.upstream_id, head.parent_upstream_id
    FROM heads child
    JOIN oms_orders_orderitem head
      ON head.order_id = child.order_id AND head.upstream_id = child.parent_upstream_id AND head.is_head),
below AS (
  SELECT id, order_id, upstream_id, id AS part_id FROM heads
   UNION
  SELECT below.id, child.order_id, child.upstream_id, child.id
    FROM below JOIN oms_orders_orderitem child
      ON child.order_id = below.order_id AND child.parent_upstream_id = below.upstream_id),
asked AS (
  SELECT id, id AS part_id FROM touched
   UNION ALL
  SELECT id, part_id FROM below)
SELECT o.id, o.number, i.id, i.upstream_id, i.state, p.id,
       CASE WHEN p.state = 930 THEN coalesce(p.previous_state, p.state) ELSE p.state END,
       p.shipping_company, p.invoice_number, p.invoice_date,
       (SELECT inv.url FROM oms_invoices_invoice inv
         WHERE inv.package_id = p.id AND inv.is_current AND NOT inv.url_is_ours AND length(inv.url) BETWEEN 1 AND 500),
       (SELECT sh.awb_number FROM oms_shipments_shipmentpackage sp
          JOIN oms_shipments_shipment sh ON sh.id = sp.shipment_id
         WHERE sp.package_id = p.id AND sh.state <> 'DELETED' AND sh.awb_number IS NOT NULL ORDER BY sh.id DESC LIMIT 1)
  FROM asked
  JOIN oms_packages_packageitem part ON part.order_item_id = asked.part_id AND part.quantity > 0
  JOIN oms_packages_package p ON p.id = part.package_id
  JOIN oms_orders_orderitem i ON i.id = asked.id
  JOIN oms_orders_order o ON o.id = i.order_id
 ORDER BY o.id, i.id, p.id"""


def collect_due(limit: int, *, now: datetime) -> list[Part]:
    """Take the mark off packages whose change is to be told, and read all parts of the order items they hold; the head
    of a bundle has the parts of its items, also of those in bundles within it.

    Runs in the caller's transaction, which keeps the packages locked until the reports are written.
    """
    with prepared.cursor() as cursor:
        cursor.execute(_CLEAR, [now, limit])
        packages = [row[0] for row in cursor.fetchall()]
        if not packages:
            return []
        cursor.execute(_PARTS, [prepared.numbers(packages)])
        names = Part.__dataclass_fields__
        return [Part(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an order item's status should be upstream. `fields` are the other keys of the wire's row."""

    order_id: int
    order_number: str
    order_item_id: int
    upstream_item_id: int
    package_id: int
    wanted: int
    fields: Mapping[str, Any]


_REPORT = """
INSERT INTO oms_upstream_statussync AS s (order_id, order_number, order_item_id, upstream_item_id, package_id, wanted,
    fields, version, state, reason, attempts, due_at, created_at, modified_at)
SELECT order_id, order_number, order_item_id, upstream_item_id, package_id, wanted, fields, 1, 'pending', '', 0,
       %(now)s::timestamptz, %(now)s::timestamptz, %(now)s::timestamptz
  FROM json_to_recordset(%(rows)s::json) AS r(order_id bigint, order_number text, order_item_id bigint,
              upstream_item_id bigint, package_id bigint, wanted int, fields jsonb)
 ORDER BY order_item_id
ON CONFLICT (order_item_id) DO UPDATE SET wanted = excluded.wanted, fields = excluded.fields,
    package_id = excluded.package_id, version = s.version + 1, state = 'pending', reason = '', attempts = 0,
    due_at = %(now)s::timestamptz, modified_at = %(now)s::timestamptz
  WHERE (excluded.wanted > s.wanted AND s.wanted NOT IN (50, 100))
     OR (excluded.wanted IN (50, 100) AND s.wanted <> excluded.wanted)
     OR (excluded.wanted = s.wanted AND s.fields <> excluded.fields)"""


def write_reports(reports: Sequence[Report], *, now: datetime) -> None:
    """Note what is to be told; only the newest status per item is kept, and it never goes back."""
    if not reports:
        return
    names = [name for name in Report.__dataclass_fields__ if name != "fields"]
    rows = [{**{name: getattr(one, name) for name in names}, "fields": dict(one.fields)} for one in reports]
    with prepared.cursor() as cursor:
        cursor.execute(_REPORT, {"rows": orjson.dumps(rows).decode(), "now": now})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A report taken to be sent; `version` tells whether it changed while it was on its way."""

    id: int
    order_id: int
    upstream_item_id: int
    wanted: int
    fields: dict[str, Any]
    version: int
    attempts: int


_CLAIM = """
WITH due AS MATERIALIZED (
  SELECT id FROM oms_upstream_statussync WHERE state = 'pending' AND due_at <= %(now)s::timestamptz
   ORDER BY due_at, order_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE oms_upstream_statussync s SET attempts = s.attempts + 1
  FROM due WHERE s.id = due.id
RETURNING s.id, s.order_id, s.upstream_item_id, s.wanted, s.fields, s.version, s.attempts"""


def claim(limit: int, *, now: datetime) -> list[Due]:
    """Due reports, their try counted; they stay due until settled, so the caller must be the only one who sends."""
    with prepared.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "limit": limit})
        rows = cursor.fetchall()
    names = Due.__dataclass_fields__
    found = [dict(zip(names, row, strict=True)) for row in rows]
    due = [Due(**{**row, "fields": _loaded(row["fields"])}) for row in found]
    return sorted(due, key=lambda one: (one.order_id, one.id))


def _loaded(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value


_SETTLE = """
UPDATE oms_upstream_statussync s SET
    sent = CASE WHEN r.state = 'sent' THEN r.wanted ELSE s.sent END,
    sent_at = CASE WHEN r.state = 'sent' THEN %(now)s::timestamptz ELSE s.sent_at END,
    state = CASE WHEN s.version = r.version THEN r.state ELSE s.state END,
    reason = CASE WHEN s.version = r.version THEN r.reason ELSE s.reason END,
    due_at = CASE WHEN s.version <> r.version THEN s.due_at WHEN r.state = 'pending' THEN r.due_at END,
    modified_at = %(now)s
  FROM unnest(%(id)s::bigint[], %(version)s::bigint[], %(wanted)s::int[], %(state)s::text[], %(reason)s::text[],
              %(due_at)s::timestamptz[]) AS r(id, version, wanted, state, reason, due_at)
 WHERE s.id = r.id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one report: "sent", "pending" again at `due_at`, or "set_aside" with the reason."""

    due: Due
    state: str
    reason: str = ""
    due_at: datetime | None = None


def settle(settled: Sequence[Settled], *, now: datetime) -> None:
    """Write the outcome of a sending; a report that changed meanwhile stays due."""
    if not settled:
        return
    with prepared.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "now": now,
                "id": prepared.numbers(one.due.id for one in settled),
                "version": prepared.numbers(one.due.version for one in settled),
                "wanted": prepared.numbers(one.due.wanted for one in settled),
                "state": [one.state for one in settled],
                "reason": [one.reason[:2000] for one in settled],
                "due_at": [one.due_at for one in settled],
            },
        )


def again(ids: Sequence[int], *, now: datetime) -> int:
    """Make reports that were set aside due again; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE oms_upstream_statussync SET state = 'pending', due_at = %s, attempts = 0, reason = ''
               WHERE id = ANY(%s) AND state = 'set_aside'""",
            [now, list(ids)],
        )
        return cursor.rowcount
