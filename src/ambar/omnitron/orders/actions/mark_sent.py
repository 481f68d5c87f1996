"""Note whether an order was sent on to an outside system."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ambar.kit.refusals import NotFound
from ambar.omnitron.orders import store
from ambar.omnitron.orders.actions.announce_orders import update_orders
from ambar.omnitron.orders.models import Order


def mark_sent(key: int, is_send: bool | None, *, channel: int | None, now: datetime) -> Order:
    """Sets `is_send`; nothing else of an order changes this way. The same value again is no event.

    :raises NotFound: no such order (in that channel).
    """
    with transaction.atomic():
        locked = store.lock_orders(orders=[key])
        order = Order.objects.filter(pk=key, **({} if channel is None else {"channel_id": channel})).first()
        if order is None:
            raise NotFound()
        if is_send is not None and is_send != order.is_send:
            Order.objects.filter(pk=key).update(is_send=is_send)
            update_orders(locked, now=now)
            order.refresh_from_db()
    return order
