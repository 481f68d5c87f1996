"""Cancellation plans: what the hub wants taken back, and how an OMS may answer.

Source: "Cancellation plan services"; statuses are our definition (`docs/decisions/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.seller_center.places.domain.records import identity

STATUSES = ("waiting", "confirmed", "rejected", "completed")
_NEXT = {
    "waiting": {"confirmed", "rejected", "completed"},
    "confirmed": {"completed", "rejected"},
    "rejected": set(),
    "completed": set(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingPlan:
    """A plan over all sellers' items; item ids are the hub's."""

    upstream_id: int
    upstream_order_id: int
    plan_type: str
    status: str
    rows: tuple[tuple[int, dict[str, Any]], ...]
    modified_at: datetime


def may_move(source: str, destination: str) -> bool:
    """Whether a plan may go from one status to the other; staying is always allowed."""
    return source == destination or destination in _NEXT.get(source, set())


def plan(payload: Mapping[str, Any]) -> IncomingPlan:
    """The plan in a hook payload. Errors: `Invalid` naming every field that is wrong."""
    errors: dict[str, list[str]] = {}
    own, order = identity(payload), identity(payload.get("order"))
    if own is None:
        errors["id"] = ["A positive integer is required."]
    if order is None:
        errors["order"] = ["The order is required, as an object or an id."]
    if payload.get("plan_type") not in ("cancel", "refund"):
        errors["plan_type"] = ['"cancel" or "refund" is required.']
    status = payload.get("status", "waiting")
    if status not in STATUSES:
        errors["status"] = [f"One of {', '.join(STATUSES)} is required."]
    rows = payload.get("cancellationplanorderitem_set") or []
    items: list[tuple[int, dict[str, Any]]] = []
    for n, row in enumerate(rows if isinstance(rows, list) else []):
        item = identity(row.get("order_item")) if isinstance(row, Mapping) else None
        if item is None:
            errors[f"cancellationplanorderitem_set.{n}.order_item"] = ["The order item is required."]
        else:
            items.append((item, dict(row)))
    if not isinstance(rows, list):
        errors["cancellationplanorderitem_set"] = ["Expected a list."]
    try:
        modified = clock.parse(payload["modified_date"])
    except (KeyError, TypeError, ValueError):
        errors["modified_date"] = ["A moment in ISO 8601 is required."]
    if errors:
        raise Invalid(fields=errors)
    assert own is not None and order is not None
    return IncomingPlan(
        upstream_id=own,
        upstream_order_id=order,
        plan_type=str(payload["plan_type"]),
        status=str(status),
        rows=tuple(items),
        modified_at=modified,
    )
