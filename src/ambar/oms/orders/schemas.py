"""Wire shapes of orders."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ambar.kit import clock, rest
from ambar.kit.money import quantity
from ambar.oms.orders.models import (
    CancellationPlan,
    CancellationReason,
    CancellationRequest,
    OrderChange,
)


def _time(value: Any) -> str | None:
    return None if value is None else clock.iso(value)


def plan_json(plan: CancellationPlan) -> dict[str, Any]:
    """One cancellation plan."""
    return {
        "id": plan.pk,
        "omnitron_id": plan.upstream_id,
        "order_id": plan.order_id,
        "order_omnitron_id": plan.order_upstream_id,
        "plan_type": plan.plan_type,
        "status": plan.status,
        "state": plan.state,
        "cancellationplanorderitem_set": plan.items,
        "answer": plan.answer or None,
        "answer_reason": plan.answer_reason,
        "answer_error": plan.answer_error,
        "answered_date": _time(plan.answered_at),
        "created_date": clock.iso(plan.created_at),
        "modified_date": clock.iso(plan.modified_at),
    }


def request_json(request: CancellationRequest) -> dict[str, Any]:
    """One cancellation request with where its units were found."""
    return {
        "id": request.pk,
        "cancellation_type": request.cancellation_type,
        "status": request.status,
        "origin": request.origin,
        "plan": request.plan_id,
        "order_id": request.order_id,
        "order_number": request.order.number,
        "order_item": {
            "id": request.order_item_id,
            "omnitron_id": request.order_item.upstream_id,
            "sku": request.order_item.sku,
        },
        "quantity": quantity(request.quantity),
        "open_quantity": quantity(request.open_quantity),
        "reason": request.reason,
        "answer": request.answer,
        "parts": [
            {
                "package_id": part.package_id,
                "package_item_id": part.package_item_id,
                "stock_location": part.location_id,
                "quantity": quantity(part.quantity),
                "status": part.status,
            }
            for part in request.parts.all()
        ],
        "created_date": clock.iso(request.created_at),
        "modified_date": clock.iso(request.modified_at),
    }


def change_json(change: OrderChange) -> dict[str, Any]:
    """One later version of an order: what it changed, or that it was older than the one known."""
    return {
        "id": change.pk,
        "version_date": clock.iso(change.upstream_modified_at),
        "is_older": change.is_older,
        "changes": change.changes,
        "created_date": clock.iso(change.created_at),
    }


Title = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]
RemoteId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class CancellationReasonIn(rest.Body):
    """A reason of this seller; `remote_id` is its id upstream."""

    title: Title
    remote_id: RemoteId | None = None
    is_active: bool = True


class CancellationReasonPatch(rest.Body):
    """Only what is sent is changed."""

    title: Title = ""
    remote_id: RemoteId | None = None
    is_active: bool = True


def reason_json(reason: CancellationReason) -> dict[str, Any]:
    """One cancellation reason."""
    return {
        "id": reason.pk,
        "title": reason.title,
        "remote_id": reason.remote_id,
        "is_active": reason.is_active,
        "created_date": clock.iso(reason.created_at),
        "modified_date": clock.iso(reason.modified_at),
    }
