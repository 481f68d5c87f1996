"""Writes of cancellation plans: one part per seller; plans that came before their order wait in a hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.kit import prepared
from ambar.seller_center.orders.domain import plans
from ambar.seller_center.orders.domain.plans import IncomingPlan
from ambar.seller_center.orders.store import TICK

_UPSERT = f"""
INSERT INTO sc_orders_cancellationplan AS p (seller_id, order_id, upstream_id, plan_type, status, rows,
       upstream_modified_at, created_at, modified_at)
SELECT seller, order_id, upstream_id, plan_type, status, rows::jsonb, seen, %s, clock_timestamp()
  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
       AS t(seller, order_id, upstream_id, plan_type, status, rows, seen)
 ORDER BY seller, upstream_id
ON CONFLICT (seller_id, upstream_id) DO UPDATE
   SET rows = excluded.rows, upstream_modified_at = excluded.upstream_modified_at,
       status = CASE WHEN p.status = 'waiting' OR (p.status = 'confirmed' AND excluded.status <> 'waiting')
                     THEN excluded.status ELSE p.status END,
       modified_at = greatest(clock_timestamp(), p.modified_at + {TICK})
 WHERE p.upstream_modified_at < excluded.upstream_modified_at
RETURNING id, xmax = 0
"""
_HOLD = """
INSERT INTO sc_orders_planhold AS h (upstream_id, upstream_order_id, payload, created_at)
SELECT upstream_id, order_id, payload::jsonb, %s FROM unnest(%s::bigint[], %s::bigint[], %s::text[])
       AS t(upstream_id, order_id, payload) ORDER BY upstream_id
ON CONFLICT (upstream_id) DO UPDATE SET payload = excluded.payload
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPlans:
    """Ids of the parts that are new and of those a newer version changed; how many plans wait for their order."""

    created: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    waiting: int = 0


def take(incoming: Sequence[tuple[IncomingPlan, Mapping[str, Any]]], *, now: datetime) -> TakenPlans:
    """Store each seller's part of these plans; a plan whose order is unknown waits for it."""
    newest: dict[int, tuple[IncomingPlan, Mapping[str, Any]]] = {}
    for plan, payload in incoming:
        known = newest.get(plan.upstream_id)
        if known is None or known[0].modified_at <= plan.modified_at:
            newest[plan.upstream_id] = (plan, payload)
    items = _items({plan.upstream_order_id for plan, _ in newest.values()})
    rows, waiting = [], []
    for plan, payload in newest.values():
        parts = _parts(plan, items.get(plan.upstream_order_id, {}))
        if not parts:
            waiting.append((plan.upstream_id, plan.upstream_order_id, json.dumps(payload)))
        for (seller_id, order_id), content in parts.items():
            rows.append(
                (
                    seller_id,
                    order_id,
                    plan.upstream_id,
                    plan.plan_type,
                    plan.status,
                    json.dumps(content),
                    plan.modified_at,
                )
            )
    written: list[tuple[int, bool]] = []
    with connection.cursor() as cursor:
        if rows:
            cursor.execute(_UPSERT, [now, *[list(column) for column in zip(*rows, strict=True)]])
            written = cursor.fetchall()
        if waiting:
            cursor.execute(_HOLD, [now, *[list(column) for column in zip(*waiting, strict=True)]])
    return TakenPlans(
        created=tuple(pk for pk, new in written if new),
        updated=tuple(pk for pk, new in written if not new),
        waiting=len(waiting),
    )


def _items(upstream_order_ids: Iterable[int]) -> dict[int, dict[int, tuple[int, int, int]]]:
    """Shop order → the hub's item id → (seller, order, our item id)."""
    found: dict[int, dict[int, tuple[int, int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.upstream_id, i.upstream_id, i.seller_id, i.order_id, i.id FROM sc_orders_order o"
            " JOIN sc_orders_orderitem i ON i.order_id = o.id WHERE o.upstream_id = ANY(%s) ORDER BY i.id",
            [sorted(upstream_order_ids)],
        )
        for upstream_order, upstream_item, seller_id, order_id, item_id in cursor.fetchall():
            found.setdefault(upstream_order, {})[upstream_item] = (seller_id, order_id, item_id)
    return found


def _parts(
    plan: IncomingPlan, items: Mapping[int, tuple[int, int, int]]
) -> dict[tuple[int, int], list[dict[str, Any]]]:
    """(seller, order) → the plan's rows with our item ids; a plan without rows is about all items."""
    parts: dict[tuple[int, int], list[dict[str, Any]]] = {}
    rows = plan.rows or tuple((upstream, {}) for upstream in items)
    for upstream_item, row in rows:
        if upstream_item in items:
            seller_id, order_id, item_id = items[upstream_item]
            parts.setdefault((seller_id, order_id), []).append({**row, "order_item": item_id})
    return parts


def take_up_held(upstream_order_ids: Iterable[int], *, now: datetime) -> TakenPlans:
    """Store the plans that waited for these shop orders."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sc_orders_planhold WHERE upstream_order_id = ANY(%s::bigint[]) RETURNING payload",
            [prepared.numbers(sorted(set(upstream_order_ids)))],
        )
        payloads = [json.loads(p) if isinstance(p, str) else p for (p,) in cursor.fetchall()]
    if not payloads:
        return TakenPlans()
    return take([(plans.plan(payload), payload) for payload in payloads], now=now)
