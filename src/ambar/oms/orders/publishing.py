"""Sending an order as it stands now to one hook, because a person asks for it."""

from __future__ import annotations

from django.db import transaction

from ambar.kit import clock
from ambar.oms.orders import announcing
from ambar.oms.orders.models import Order


def publish(order_id: int, type_: str, hook_id: int) -> bool:
    """Record the event for that hook; False when there is no such order."""
    with transaction.atomic():
        found = Order.objects.select_for_update(no_key=True).filter(pk=order_id).exists()
        return found and bool(announcing.announce(type_, [order_id], now=clock.now(), hook_id=hook_id))
