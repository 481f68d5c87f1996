"""Wire shapes of planning: decisions, and order execution plans (Akinon OMS: "Order Execution Plan Services")."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ambar.kit import clock
from ambar.oms.orders.models import Order
from ambar.oms.planning import asking, queries
from ambar.oms.planning.domain import spreading
from ambar.oms.planning.domain.amounts import said
from ambar.oms.planning.models import Decision

CANCELLED = 100
PLAN_STATES = {
    "new": "start",
    "planning": "start",
    "pending": "pending",
    "hold": "pending",
    "out_of_stock": "pending",
    "planned": "completed",
}


Because = Mapping[int, Sequence[Any]]


def decisions(rows: Iterable[Decision], why_not: Because | None = None) -> list[dict[str, Any]]:
    """Decisions with their matrix spread out: line × location × rule, kept or why not. `why_not` is by decision id."""
    return [_decision(row, (why_not or {}).get(row.pk)) for row in rows]


def _decision(row: Decision, why_not: Sequence[Any] | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "order": row.order_id,
        "outcome": row.outcome,
        "scenario": row.scenario_id,
        **told(row.asked, row.record, why_not),
        "order_hash": row.order_hash,
        "rules_hash": row.rules_hash,
        "view_hash": row.view_hash,
        "digest": row.digest,
        "times": row.times,
        "created_date": clock.iso(row.at),
        "last_date": clock.iso(row.last_at or row.at),
    }


def told(
    asked: Mapping[str, Any], record: Mapping[str, Any], why_not: Sequence[Any] | None
) -> dict[str, Any]:
    """What a record says, spread out. `counterfactuals` is null when nobody worked them out."""
    order = asking.restored(asked) if asked["lines"] else None
    lines = () if order is None else order.lines
    return {
        "hold": record.get("hold"),
        "manual": record.get("manual"),
        "scenarios_refused": record.get("asked", []),
        "lines": [
            {
                "index": index,
                "order_item": line.item_id,
                "product": line.product_id,
                "quantity": f"{line.quantity.normalize():f}",
                "excluded": [
                    {"location": place, "reason": reason} for place, reason in sorted(line.excluded.items())
                ],
            }
            for index, line in enumerate(lines)
        ],
        "matrix": spreading.matrix(
            record, [(line.product_id, line.quantity, line.excluded) for line in lines]
        ),
        "rules": spreading.rules_of(record),
        "out_of_stock": spreading.left_of(record),
        "counterfactuals": None if why_not is None else [one.as_data() for one in why_not],
    }


def execution_plans(rows: Sequence[Order]) -> list[dict[str, Any]]:
    """One plan per order; `context` holds the stock every attempt saw."""
    attempts = queries.decisions_of(row.pk for row in rows)
    return [_execution_plan(row, attempts[row.pk]) for row in rows]


def _execution_plan(row: Order, attempts: Sequence[Decision]) -> dict[str, Any]:
    state = plan_state(row)
    return {
        "id": row.pk,
        "state": state,
        "order": {"id": row.pk, "number": row.number, "omnitron_id": row.upstream_id},
        "hold_reason": row.hold_reason or None,
        "commands": [],
        "orderexecutionplanitem_set": [
            {
                "order_item": item.pk,
                "product": item.product_id,
                "quantity": f"{item.quantity:.2f}",
                "state": state,
            }
            for item in row.orderitem_set.all()
        ],
        "context": [
            {
                "date": clock.iso(attempt.at),
                "outcome": attempt.outcome,
                "stock": {
                    str(product): {str(place): said(have) for place, have in column.items()}
                    for product, column in spreading.stock_of(attempt.record).items()
                },
                "quota": spreading.quota_of(attempt.record),
            }
            for attempt in attempts
        ],
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
    }


def plan_state(row: Order) -> str:
    """start, pending, cancelled or completed."""
    return "cancelled" if row.state == CANCELLED else PLAN_STATES[row.planning_state]
