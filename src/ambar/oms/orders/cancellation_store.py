"""Taking cancellation plans: one statement for any number, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import orjson
from django.db import connection

from ambar.kit import work
from ambar.oms.orders.domain.incoming import IncomingCancellationPlan
from ambar.oms.orders.domain.versions import NEWER_SQL
from ambar.oms.orders.intake_store import CANCELLING

_ASKS_ANEW = (
    "(p.state = 'done' AND excluded.status NOT IN ('completed', 'rejected') AND excluded.items <> p.items)"
)
"""A plan that was carried out, in a version that upstream has not settled and that asks for something else."""
_ASKS_AGAIN = (
    "(p.state IN ('refused', 'withdrawn') AND excluded.status NOT IN ('completed', 'rejected')"
    " AND (p.status = 'rejected' OR excluded.items <> p.items))"
)
"""A plan that was refused or given up, in a version that is open again although upstream had heard so, or that asks for
something else. The same wish in a newer version, before upstream heard the refusal, is no new one."""
_GIVEN = """jsonb_to_recordset(%(rows)s::jsonb) AS r(source text, upstream_id bigint, order_upstream_id bigint,
       order_number text, plan_type text, status text, items jsonb, upstream_modified_at timestamptz, raw jsonb)"""
_UPSERT_PLANS = f"""
INSERT INTO oms_orders_cancellationplan AS p (source, upstream_id, order_id, order_upstream_id, plan_type, status,
    items, answer_reason, due_at, upstream_modified_at, raw, created_at, modified_at)
SELECT r.source, r.upstream_id, o.id, r.order_upstream_id, r.plan_type, r.status, r.items, '', %(now)s,
       r.upstream_modified_at, r.raw, %(now)s, %(now)s
  FROM {_GIVEN}
  LEFT JOIN oms_orders_order o ON o.source = r.source AND o.upstream_id = r.order_upstream_id
 WHERE o.id IS NULL OR coalesce(r.order_number, o.number) = o.number
 ORDER BY r.source, r.upstream_id
ON CONFLICT (source, upstream_id) DO UPDATE SET order_id = excluded.order_id, status = excluded.status,
    plan_type = excluded.plan_type, items = excluded.items, raw = excluded.raw,
    upstream_modified_at = excluded.upstream_modified_at, modified_at = excluded.modified_at,
    state = CASE WHEN {_ASKS_ANEW} THEN 'waiting' WHEN {_ASKS_AGAIN} THEN 'open' ELSE p.state END,
    answer_due_at = CASE WHEN {_ASKS_AGAIN} THEN NULL ELSE p.answer_due_at END,
    answered_at = CASE WHEN {_ASKS_AGAIN} THEN NULL ELSE p.answered_at END,
    due_at = CASE WHEN p.state IN ('open', 'waiting') OR {_ASKS_ANEW} OR {_ASKS_AGAIN} THEN excluded.due_at
                  ELSE p.due_at END
  WHERE p.order_upstream_id = excluded.order_upstream_id
    AND {NEWER_SQL.format(given="excluded.upstream_modified_at", held="p.upstream_modified_at")}
RETURNING p.id, (xmax = 0), p.upstream_id"""
_OF_OTHERS = f"""
SELECT r.upstream_id, o.number, p.order_upstream_id
  FROM {_GIVEN}
  LEFT JOIN oms_orders_order o ON o.source = r.source AND o.upstream_id = r.order_upstream_id AND o.number <> r.order_number
  LEFT JOIN oms_orders_cancellationplan p
    ON p.source = r.source AND p.upstream_id = r.upstream_id AND p.order_upstream_id <> r.order_upstream_id
 WHERE coalesce(o.id, p.id) IS NOT NULL"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAnother:
    """Why a plan seems to be another system's: its order has this `number` here, or the plan here is about this other order."""

    number: str | None
    order_upstream_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPlans:
    """Own ids of new and changed plans, the upstream ids of both (`written`), and by upstream id those that were not taken because
    they seem to be another system's."""

    created: tuple[int, ...]
    updated: tuple[int, ...]
    written: frozenset[int]
    others: Mapping[int, OfAnother]


def upsert_cancellation_plans(
    batch: Sequence[IncomingCancellationPlan], *, now: datetime, beyond: datetime | None = None
) -> TakenPlans:
    """Take cancellation plans of one source; an older version changes nothing, one that asks for something else after the plan was
    done is carried out too, and one that asks again after a refusal is decided anew. What became known is decided by the
    loop of cancellations, which is woken. `beyond`: see `versions.NEWER_SQL`.

    One whose order has another number here, or which is about another order here, changes nothing and is named under `others`.
    """
    chosen: dict[tuple[str, int], IncomingCancellationPlan] = {}
    for plan in sorted(batch, key=lambda p: p.upstream_modified_at):
        chosen[plan.source, plan.upstream_id] = plan
    rows = [
        {
            "source": plan.source,
            "upstream_id": plan.upstream_id,
            "order_upstream_id": plan.order_upstream_id,
            "order_number": plan.order_number,
            "plan_type": plan.plan_type,
            "status": plan.status,
            "items": [
                {
                    "order_item": item.order_item,
                    "reason": item.reason,
                    "refund_amount": _amount(item.refund_amount),
                    "quantity": _amount(item.quantity),
                }
                for item in plan.items
            ],
            "upstream_modified_at": plan.upstream_modified_at,
            "raw": plan.raw,
        }
        for plan in chosen.values()
    ]
    if not rows:
        return TakenPlans(created=(), updated=(), written=frozenset(), others={})
    with connection.cursor() as cursor:
        written_as = orjson.dumps(rows, default=str).decode()
        cursor.execute(_UPSERT_PLANS, {"rows": written_as, "now": now, "beyond": beyond})
        written = cursor.fetchall()
        cursor.execute(_OF_OTHERS, {"rows": written_as})
        others = {
            pk: OfAnother(number=number, order_upstream_id=other) for pk, number, other in cursor.fetchall()
        }
    if written:
        work.wake(CANCELLING)
    return TakenPlans(
        created=tuple(row[0] for row in written if row[1]),
        updated=tuple(row[0] for row in written if not row[1]),
        written=frozenset(row[2] for row in written),
        others=others,
    )


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
