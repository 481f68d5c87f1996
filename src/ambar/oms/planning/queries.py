"""Reads of decisions and of planning progress."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, QuerySet

from ambar.oms.orders import queries as orders
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.planning.models import Decision


def decisions_of(order_ids: Iterable[int]) -> dict[int, list[Decision]]:
    """Every planning attempt of the orders, oldest first; one statement."""
    found: dict[int, list[Decision]] = {order_id: [] for order_id in order_ids}
    for decision in Decision.objects.filter(order_id__in=list(found)).order_by("id"):
        found[decision.order_id].append(decision)
    return found


def visible_plans(principal: Any) -> QuerySet[Order]:
    """Orders as execution plans, as far as this caller may see them."""
    items = OrderItem.objects.order_by("id")
    return orders.visible(principal).prefetch_related(Prefetch("orderitem_set", queryset=items))
