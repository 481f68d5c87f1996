"""Reads of orders for lists and screens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from ambar.oms.orders import registry
from ambar.oms.orders.models import (
    CancellationPart,
    CancellationPlan,
    CancellationReason,
    CancellationRequest,
    Order,
)


def visible(principal: Any) -> QuerySet[Order]:
    """Orders this caller may see: all, or (bound to locations) those with a package there."""
    rows = Order.objects.all()
    if "location_ids" not in principal.bounds:
        return rows
    allowed = Q(pk__in=[])
    for ids in registry.visible_ids(principal):
        allowed |= Q(pk__in=ids)
    return rows.filter(allowed)


def keys(rows: QuerySet[Order]) -> QuerySet[Order]:
    """The same orders with nothing but what lists sort by; `records.records` tells the rest of a page."""
    return rows.only("id", "number", "date_placed", "created_at", "modified_at")


def visible_plans(principal: Any) -> QuerySet[CancellationPlan]:
    """Cancellation plans of the visible orders."""
    rows = CancellationPlan.objects.all()
    if "location_ids" in principal.bounds:
        return rows.filter(order__in=visible(principal))
    return rows


def active_cancellation_reasons(ids: Iterable[int]) -> dict[int, str]:
    """`{id: title}` of those of these reasons that may be given now."""
    rows = CancellationReason.objects.filter(pk__in=set(ids), is_active=True)
    return dict(rows.values_list("pk", "title"))


def visible_requests(principal: Any) -> QuerySet[CancellationRequest]:
    """Cancellation requests of the visible orders, with their parts; three statements."""
    parts = CancellationPart.objects.order_by("id")
    rows = CancellationRequest.objects.select_related("order", "order_item").prefetch_related(
        Prefetch("parts", queryset=parts)
    )
    if "location_ids" in principal.bounds:
        return rows.filter(order__in=visible(principal))
    return rows
