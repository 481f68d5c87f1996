"""Add an item to an order, or take one out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from ambar.kit.refusals import Conflict, Invalid, NotFound
from ambar.omnitron import bulk
from ambar.omnitron.orders import store
from ambar.omnitron.orders.actions.announce_orders import update_orders
from ambar.omnitron.orders.actions.resolve_orders import resolve_items
from ambar.omnitron.orders.actions.take_orders import item_row
from ambar.omnitron.orders.domain.status import order_status
from ambar.omnitron.orders.models import Order, OrderItem


class ItemHeld(Conflict):
    """The item stands in a cancellation plan and can't be removed."""

    code = "order_item_held"


def add_item(values: dict[str, Any], *, channel: int | None, now: datetime) -> OrderItem:
    """Adds the item and records `order.updated`.

    :raises Invalid: an unknown order, product or list; the field is named.
    """
    key = values["order"]
    with transaction.atomic():
        locked = store.lock_orders(orders=[key])
        order = Order.objects.filter(pk=key, **({} if channel is None else {"channel_id": channel})).first()
        if order is None:
            raise Invalid(fields={"order": [f'Invalid pk "{key}" - object does not exist.']})
        batch = bulk.Batch(size=1, good={0: {"items": [values]}})
        resolve_items(batch)
        if not batch.good:
            wrong = batch.verdicts[0]["errors"]
            raise Invalid(fields={name.removeprefix("items.0."): reasons for name, reasons in wrong.items()})
        [made] = store.insert_items([item_row(values, key, order.currency)], now=now)
        _follow(key, locked[key], now)
    return OrderItem.objects.select_related("order").get(pk=made)


def remove_item(key: int, *, channel: int | None, now: datetime) -> None:
    """Removes the item and records `order.updated`.

    :raises NotFound: no such item (in that channel).
    :raises ItemHeld: a cancellation plan names it.
    """
    with transaction.atomic():
        locked = store.lock_orders(items=[key])
        item = OrderItem.objects.filter(
            pk=key, **({} if channel is None else {"order__channel_id": channel})
        ).first()
        if item is None:
            raise NotFound()
        order = item.order_id
        try:
            item.delete()
        except ProtectedError as error:
            raise ItemHeld(id=key) from error
        _follow(order, locked[order], now)


def _follow(order: int, current: int, now: datetime) -> None:
    moved = store.item_statuses([order]).get(order, [])
    update_orders({order: order_status(current, moved)}, now=now)
