"""Change order items: status, invoice, tracking, attributes; their orders follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit import outbox
from ambar.kit.refusals import Conflict, Invalid
from ambar.omnitron.orders import queries, store
from ambar.omnitron.orders.actions.announce_orders import update_orders
from ambar.omnitron.orders.domain import status as statuses
from ambar.omnitron.orders.models import Order, OrderItem

DELIVERED = 550


class StatusBackwards(Conflict):
    """An item's status only goes forward, or out by cancellation."""

    code = "order_item_status_backwards"


def change_items(
    changes: Mapping[int, Mapping[str, Any]], *, now: datetime, caller: outbox.Caller | None = None
) -> list[OrderItem]:
    """Applies all changes or none, in one transaction, and records `order.updated` for every order that changed.

    `extra_field` is merged, `attributes` and its kin are replaced as a whole. A change that changes nothing is no event.
    The items of the locked orders are read once: what is written, told and answered are the same rows.

    The answer tells its caller everything, unless a status of an order follows from items it did not name, or from a
    cancellation that waits: then its own hooks are told as well.

    :param changes: per item key the fields sent.
    :param caller: who sends them and is answered the items as they are now.
    :returns: the items asked for, as they are now, with the numbers of their orders.
    :raises Invalid: an unknown item.
    :raises StatusBackwards: a status behind the present one.
    """
    with transaction.atomic():
        orders = store.lock_orders(items=changes)
        by_order = queries.items_of(orders)
        items = {item.pk: item for of in by_order.values() for item in of if item.pk in changes}
        unknown = [key for key in changes if key not in items]
        if unknown:
            raise Invalid(
                fields={"orderitem_set": [f'Invalid pk "{key}" - object does not exist.' for key in unknown]}
            )
        touched = [item for key, item in items.items() if _apply(item, changes[key], now)]
        if touched:
            for item in touched:
                item.modified_at = now
            store.update_items([{"id": item.pk, **_fields(item)} for item in touched], now=now)
            moved = store.item_statuses({item.order_id for item in touched})
            after = {key: statuses.order_status(orders[key], moved[key]) for key in sorted(moved)}
            answered = {
                key
                for key in after
                if after[key] == orders[key] or all(item.pk in changes for item in by_order[key])
                if statuses.CANCELLATION_WAITING not in moved[key]
            }
            _tell({key: after[key] for key in after if key in answered}, by_order, now, caller)
            _tell({key: after[key] for key in after if key not in answered}, by_order, now, None)
    return _with_their_orders([items[key] for key in changes])


def _tell(
    after: Mapping[int, int],
    by_order: Mapping[int, Sequence[OrderItem]],
    now: datetime,
    caller: outbox.Caller | None,
) -> None:
    if after:
        update_orders(after, now=now, items=by_order, caller=caller)


def _with_their_orders(items: list[OrderItem]) -> list[OrderItem]:
    orders = Order.objects.only("number").in_bulk({item.order_id for item in items})
    for item in items:
        item.order = orders[item.order_id]
    return items


def _fields(item: OrderItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in store.ITEM_CHANGES}


def _apply(item: OrderItem, change: Mapping[str, Any], now: datetime) -> bool:
    before = _fields(item)
    for name, value in change.items():
        if name == "status":
            if value is None:
                continue
            if not statuses.may_move(item.status, value):
                raise StatusBackwards(id=item.pk, source=str(item.status), destination=str(value))
            if value == DELIVERED and item.status != value and "delivered_date" not in change:
                item.delivered_date = now
            item.status = value
        elif name == "extra_field":
            item.extra_field = {**item.extra_field, **(value or {})}
        elif name in {
            "attributes",
            "attributes_kwargs",
            "localized_attributes",
            "localized_attributes_kwargs",
        }:
            setattr(item, name, value or {})
        else:
            setattr(item, name, value)
    return _fields(item) != before
