"""Wire shapes of orders."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ambar.kit import clock, rest
from ambar.kit.money import money, quantity
from ambar.oms.orders.models import (
    CancellationPlan,
    CancellationReason,
    CancellationRequest,
    Order,
    OrderChange,
    OrderItem,
)
from ambar.oms.states.queries import order_item_state_json, state_json


def _time(value: Any) -> str | None:
    return None if value is None else clock.iso(value)


def item_json(item: OrderItem) -> dict[str, Any]:
    """One order item with state and product (Akinon OMS: order services)."""
    return {
        "id": item.pk,
        "omnitron_id": item.upstream_id,
        "product": {
            "id": item.product.pk,
            "sku": item.sku,
            "barcode": item.product.barcode,
            "name": item.product.name,
        },
        "state": order_item_state_json(item.state),
        "parent": item.parent_upstream_id,
        "is_bundle": item.is_head,
        "quantity": quantity(item.quantity),
        "cancelled_quantity": quantity(item.cancelled_quantity),
        "price": money(item.price),
        "price_currency": item.currency,
        "tax_rate": money(item.tax_rate),
        "discount_amount": money(item.discount_amount),
        "tracking_number": item.tracking_number,
        "invoice_number": item.invoice_number,
        "attributes": item.attributes,
        "created_date": clock.iso(item.created_at),
        "modified_date": clock.iso(item.modified_at),
    }


def order_json(order: Order) -> dict[str, Any]:
    """One order with its items."""
    return {
        "id": order.pk,
        "omnitron_id": order.upstream_id,
        "source": order.source,
        "number": order.number,
        "state": state_json("OrderStatus", order.state),
        "commands": [],
        "planning_state": order.planning_state,
        "hold_reason": order.hold_reason,
        "planned_date": _time(order.planned_at),
        "supplier_code": order.supplier_code,
        "channel": {
            "id": order.channel.pk,
            "name": order.channel.name,
            "channel_type": order.channel.channel_type,
            "omnitron_id": order.channel.upstream_id,
        },
        "currency": order.currency,
        "amount": money(order.amount),
        "shipping_amount": money(order.shipping_amount),
        "discount_amount": money(order.discount_amount),
        "cancelled_amount": money(order.cancelled_amount),
        "customer": order.customer,
        "shipping_address": order.shipping_address,
        "billing_address": order.billing_address,
        "cargo_company": order.cargo_company,
        "shipping_option_slug": order.shipping_option_slug,
        "payment_type": order.payment_type,
        "delivery_type": order.delivery_type,
        "delivery_range": order.delivery_range,
        "notes": order.notes,
        "date_placed": clock.iso(order.date_placed),
        "created_date": clock.iso(order.created_at),
        "modified_date": clock.iso(order.modified_at),
        "orderitem_set": [item_json(item) for item in order.orderitem_set.all()],
    }


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
