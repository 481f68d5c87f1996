"""Reads of cancellation plans and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ambar.kit.money import dec, quantity
from ambar.omnitron import wire
from ambar.omnitron.cancellations.models import (
    CancellationPlan,
    CancellationPlanOrderItem,
    CancellationReason,
)
from ambar.omnitron.orders.queries import order_json

Shape = dict[str, Any]


def reason_json(row: CancellationReason) -> Shape:
    """A reason as listed."""
    return {**wire.identity(row.pk), "subject": row.subject, "is_active": row.is_active, **wire.dates(row)}


def plans_json(rows: Sequence[CancellationPlan]) -> list[Shape]:
    """Plans with their order and items; the rows must carry `order`."""
    items: dict[int, list[CancellationPlanOrderItem]] = {}
    found = (
        CancellationPlanOrderItem.objects.filter(plan_id__in=[row.pk for row in rows])
        .select_related("order_item")
        .order_by("id")
    )
    for item in found:
        items.setdefault(item.plan_id, []).append(item)
    wanted = {item.reason_id for of in items.values() for item in of if item.reason_id}
    reasons = {row.pk: row.subject for row in CancellationReason.objects.filter(pk__in=wanted)}
    return [
        {
            **wire.identity(row.pk),
            "plan_type": row.plan_type,
            "status": row.status,
            "reason": row.reason,
            "order": order_json(row.order),
            "is_all": row.is_all,
            "is_cargo_refund": row.is_cargo_refund,
            "forced_refund_amount": wire.price(row.forced_refund_amount),
            "refund_invoice_number": row.refund_invoice_number,
            "created_by": row.created_by or None,
            "modified_by": row.modified_by or None,
            "cancellationplanorderitem_set": [_item(item, reasons) for item in items.get(row.pk, [])],
            **wire.dates(row),
        }
        for row in rows
    ]


def _units(attributes: dict[str, Any]) -> str:
    """Units of an item: one, unless it is merged (Akinon Omnitron: "Splitting a Merged Order Item")."""
    try:
        return quantity(dec(attributes.get("quantity", 1)))
    except ValueError:
        return "1.00"


def _item(row: CancellationPlanOrderItem, reasons: dict[int, str]) -> Shape:
    reason = None
    if row.reason_id is not None:
        reason = {**wire.identity(row.reason_id), "subject": reasons.get(row.reason_id, "")}
    return {
        **wire.identity(row.pk),
        "order_item": row.order_item_id,
        "reason": reason,
        "quantity": _units(row.order_item.attributes),
        "refund_amount": wire.price(row.refund_amount),
        "iban": row.iban,
        "holder_name": row.holder_name,
    }
