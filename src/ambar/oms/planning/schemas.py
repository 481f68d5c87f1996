"""Wire shapes of planning: decisions, and order execution plans (Akinon OMS: "Order Execution Plan Services")."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from ambar.kit import clock
from ambar.oms.orders.models import Order
from ambar.oms.planning import queries
from ambar.oms.planning.domain import spreading
from ambar.oms.planning.domain.amounts import said
from ambar.oms.planning.domain.recording import matrix
from ambar.oms.planning.models import Decision

CANCELLED = 100
PLAN_STATES = {
    "new": "start",
    "planning": "start",
    "pending": "pending",
    "hold": "pending",
    "planned": "completed",
}


def decisions(rows: Iterable[Decision]) -> list[dict[str, Any]]:
    """Decisions with their matrix spread out: line × location × rule, kept or why not."""
    return [_decision(row) for row in rows]


def _decision(row: Decision) -> dict[str, Any]:
    lines = [(line[1], Decimal(line[2])) for line in row.asked["lines"]]
    return {
        "id": row.pk,
        "order": row.order_id,
        "outcome": row.outcome,
        "scenario": row.scenario_id,
        "hold": row.record.get("hold"),
        "scenarios_refused": row.record.get("asked", []),
        "order_hash": row.order_hash,
        "rules_hash": row.rules_hash,
        "view_hash": row.view_hash,
        "lines": [
            {"index": index, "order_item": line[0], "product": line[1], "quantity": line[2]}
            for index, line in enumerate(row.asked["lines"])
        ],
        "matrix": matrix(row.record, lines),
        "rules": spreading.rules_of(row.record),
        "out_of_stock": spreading.left_of(row.record),
        "created_date": clock.iso(row.at),
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
