"""Change order items: status, invoice, tracking, attributes; their orders follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit import outbox
from ambar.kit.refusals import Conflict, Invalid
from ambar.omnitron.orders import queries, store
from ambar.omnitron.orders.actions.announce_orders import update_orders
from ambar.omnitron.orders.domain import status as statuses

DELIVERED = 550


class StatusBackwards(Conflict):
    """An item's status only goes forward, or out by cancellation."""

    code = "order_item_status_backwards"


def change_items(
    changes: Mapping[int, Mapping[str, Any]], *, now: datetime, caller: outbox.Caller | None = None
) -> list[queries.Shape]:
    """Applies all changes or none, in one transaction, and records `order.updated` for every order that changed.

    `extra_field` is merged, `attributes` and its kin are replaced as a whole. A change that changes nothing is no event.

    The answer tells its caller everything, unless a status of an order follows from items it did not name, or from a
    cancellation that waits: then its own hooks are told as well.

    :param changes: per item key the fields sent.
    :param caller: who sends them and is answered the items as they are now.
    :returns: the items asked for, as listed and as they are now.
    :raises Invalid: an unknown item.
    :raises StatusBackwards: a status behind the present one.
    """
    with transaction.atomic():
        orders = store.lock_orders(items=changes)
        by_order = store.items_of(orders)
        items = {key: item for of in by_order.values() for key, item in of.items() if key in changes}
        unknown = [key for key in changes if key not in items]
        if unknown:
            raise Invalid(
                fields={"orderitem_set": [f'Invalid pk "{key}" - object does not exist.' for key in unknown]}
            )
        applied = {key: _applied(key, item, changes[key], now) for key, item in items.items()}
        touched = {key: item for key, item in applied.items() if item != items[key]}
        if touched:
            store.update_items([{"id": key, **item} for key, item in touched.items()], now=now)
            moved = store.item_statuses(key for key, of in by_order.items() if touched.keys() & of.keys())
            after = {key: statuses.order_status(orders[key], moved[key]) for key in sorted(moved)}
            answered = {
                key
                for key in after
                if after[key] == orders[key] or by_order[key].keys() <= changes.keys()
                if statuses.CANCELLATION_WAITING not in moved[key]
            }
            _tell({key: after[key] for key in after if key in answered}, now, caller)
            _tell({key: after[key] for key in after if key not in answered}, now, None)
        return queries.listed_items(list(changes))


def _tell(after: Mapping[int, int], now: datetime, caller: outbox.Caller | None) -> None:
    if after:
        update_orders(after, now=now, caller=caller)


def _applied(key: int, item: store.ItemNow, change: Mapping[str, Any], now: datetime) -> store.ItemNow:
    after = dict(item)
    for name, value in change.items():
        if name == "status":
            if value is None:
                continue
            if not statuses.may_move(item["status"], value):
                raise StatusBackwards(id=key, source=str(item["status"]), destination=str(value))
            if value == DELIVERED and item["status"] != value and "delivered_date" not in change:
                after["delivered_date"] = now
            after["status"] = value
        elif name == "extra_field":
            after["extra_field"] = {**item["extra_field"], **(value or {})}
        elif name in store.JSON_FIELDS:
            after[name] = value or {}
        else:
            after[name] = value
    return after
