"""Figures of the closing statement, from this side's tables: one statement per set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ambar.kit import clock
from ambar.oms.handover import held_orders
from ambar.oms.handover.models import Conflict, Reconciliation
from ambar.oms.packages.domain import events

MOST_LISTED = 1000

_TAKEN = "SELECT count(*) FROM oms_orders_order WHERE source = %(source)s AND created_at >= %(begin)s AND created_at < %(end)s"
_FILTERED = """
SELECT rule, count(*) FROM oms_upstream_nottaken
 WHERE source = %(source)s AND created_at >= %(begin)s AND created_at < %(end)s GROUP BY 1 ORDER BY 1"""
_QUARANTINED = """
SELECT cause, count(*), count(*) FILTER (WHERE closed_at IS NULL) FROM oms_upstream_quarantined
 WHERE source = %(source)s AND created_at >= %(begin)s AND created_at < %(end)s GROUP BY 1 ORDER BY 1"""
_OFFERED = """
SELECT count(*) FROM (
  SELECT 'order:' || upstream_id FROM oms_orders_order
   WHERE source = %(source)s AND created_at >= %(begin)s AND created_at < %(end)s
   UNION
  SELECT 'order:' || upstream_id FROM oms_upstream_nottaken
   WHERE source = %(source)s AND created_at >= %(begin)s AND created_at < %(end)s
   UNION
  SELECT identity FROM oms_upstream_quarantined
   WHERE source = %(source)s AND created_at >= %(begin)s AND created_at < %(end)s) offered"""


def orders_in(source: str, begin: datetime, end: datetime) -> dict[str, Any]:
    """Orders first seen in [begin, end): offered, taken, refused by rule, quarantined by cause (`open`: still there)."""
    values = {"source": source, "begin": begin, "end": end}
    with connection.cursor() as cursor:
        cursor.execute(_OFFERED, values)
        (offered,) = cursor.fetchone()
        cursor.execute(_TAKEN, values)
        (taken,) = cursor.fetchone()
        cursor.execute(_FILTERED, values)
        by_rule = dict(cursor.fetchall())
        cursor.execute(_QUARANTINED, values)
        rows = cursor.fetchall()
    return {
        "offered": offered,
        "taken": taken,
        "filtered": {"count": sum(by_rule.values()), "by_rule": by_rule},
        "quarantined": {
            "count": sum(row[1] for row in rows),
            "open": sum(row[2] for row in rows),
            "by_cause": {row[0]: row[1] for row in rows},
        },
    }


_EVENTS = """
SELECT count(*) FROM outbox_event WHERE uuid >= %(low)s AND uuid < %(high)s AND kind = 'package' AND type = ANY(%(types)s)"""
_DELIVERIES = """
SELECT count(*), count(*) FILTER (WHERE d.state = 1), count(*) FILTER (WHERE d.state = 0), count(*) FILTER (WHERE d.state = 2)
  FROM outbox_event e JOIN outbox_delivery d ON d.event_id = e.id
  JOIN outbox_hook h ON h.id = d.hook_id AND h.target_url LIKE %(under)s
 WHERE e.uuid >= %(low)s AND e.uuid < %(high)s AND e.kind = 'package' AND e.type = ANY(%(types)s)"""


def events_out(low: UUID, high: UUID, base_url: str) -> dict[str, Any]:
    """Package events a marketplace listens to, by identity in [low, high): recorded, and for the Seller Center at
    `base_url` told, delivered, waiting, parked."""
    values = _told_to(low, high, base_url)
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, values)
        (recorded,) = cursor.fetchone()
        cursor.execute(_DELIVERIES, values)
        told, delivered, waiting, parked = cursor.fetchone()
    return {"recorded": recorded, "told": told, "delivered": delivered, "waiting": waiting, "parked": parked}


_UNPROVEN = """
SELECT count(*) FROM outbox_event e JOIN outbox_delivery d ON d.event_id = e.id AND d.state = 1
  JOIN outbox_hook h ON h.id = d.hook_id AND h.target_url LIKE %(under)s
  LEFT JOIN oms_packages_package p ON p.id = e.aggregate_id
  LEFT JOIN unnest(%(numbers)s::text[], %(sure)s::bigint[]) AS a(number, sure) ON a.number = p.number
 WHERE e.uuid >= %(low)s AND e.uuid < %(high)s AND e.kind = 'package' AND e.type = ANY(%(types)s)
   AND (p.id IS NULL OR e.sequence > a.sure)"""


def unproven(low: UUID, high: UUID, base_url: str, apart: Mapping[str, int]) -> int:
    """Of the delivered ones of `events_out` those beyond what their packages are sure to stand at there (`apart`: number →
    sequence), or of packages that are not here any more."""
    values = {
        **_told_to(low, high, base_url),
        "numbers": list(apart),
        "sure": list(apart.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNPROVEN, values)
        (found,) = cursor.fetchone()
    return int(found)


def _told_to(low: UUID, high: UUID, base_url: str) -> dict[str, Any]:
    escaped = base_url.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"low": low, "high": high, "types": sorted(events.HEARD), "under": f"{escaped}/%"}


def differences() -> dict[str, Any]:
    """What the latest comparison that ended left open; `known` is false when it could not be made."""
    row = (
        Reconciliation.objects.filter(state__in=(Reconciliation.READY, Reconciliation.DONE))
        .order_by("-pk")
        .first()
    )
    if row is None:
        return {"known": False, "why": "No comparison has been made yet."}
    if row.not_compared:
        return {"known": False, "why": " ".join(row.not_compared)}
    open_ = row.conflicts.exclude(state=Conflict.REPAIRED).count()
    at = clock.iso(row.finished_at or row.moved_at)
    return {
        "known": True, "reconciliation": row.pk, "at_date": at, "rows": row.rows, "open": open_, "fields": row.compares_fields,
        "order_fields": row.compares_order_fields, "order_statuses": row.compares_order_statuses,
    }  # fmt: skip


def repaired(begin: datetime, end: datetime) -> dict[str, Any]:
    """Records repaired in [begin, end), the first thousand by name."""
    rows = Conflict.objects.filter(repaired_at__gte=begin, repaired_at__lt=end)
    listed = rows.order_by("repaired_at", "pk").values_list("kind", "key", "remedy", "repaired_at")
    return {
        "count": rows.count(),
        "list": [
            {"kind": kind, "key": key, "remedy": remedy, "at_date": clock.iso(at)}
            for kind, key, remedy, at in listed[:MOST_LISTED]
        ],
    }


def held(source: str) -> dict[str, int]:
    """How many packages and orders are compared from this side."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM oms_packages_package")
        (packages,) = cursor.fetchone()
    orders = sum(one["count"] for one in held_orders.digests(source, 0, 2**63 - 1, 24))
    return {"packages": packages, "orders": orders}
