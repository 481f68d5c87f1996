"""Take a batch of item changes from a seller's OMS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ambar.kit import work
from ambar.seller_center.orders import announcing, store
from ambar.seller_center.orders.domain import events, item_changes, statuses
from ambar.seller_center.orders.domain.item_changes import ItemChange, ItemNow


def change_items(changes: Sequence[ItemChange], *, seller_id: int | None, now: datetime) -> dict[int, int]:
    """Item id → its status after the batch: all rows or none. What changed is forwarded to the hub.

    Repeats change nothing. `seller_id` = whose items may be touched (`None` = anybody's).
    Errors: `Invalid` naming unknown items (others' items count as unknown) or a status going backwards.
    Source: "Order bulk status update".
    """
    ids = [change.item_id for change in changes]
    with transaction.atomic():
        store.lock_orders(row[1] for row in store.item_rows(ids, seller_id))
        present = {row[0]: _item(row) for row in store.item_rows(ids, seller_id)}
        changed = item_changes.decide(changes, present)
        if changed:
            store.update_items(
                [(i.item_id, i.status, *(i.fields[name] for name in store.ITEM_FIELDS)) for i in changed],
                now=now,
            )
            _move_orders({item.order_id for item in changed})
            announcing.announce_orders(events.ORDER_UPDATED, {item.order_id for item in changed}, now=now)
            store.forward("item", [item.item_id for item in changed], now=now)
            work.wake("sc_forwarding")
    after = present | {item.item_id: item for item in changed}
    return {item_id: after[item_id].status for item_id in ids}


def _item(row: tuple[object, ...]) -> ItemNow:
    item_id, order_id, status, *values = row
    fields = dict(zip(store.ITEM_FIELDS, values, strict=True))
    return ItemNow(item_id=item_id, order_id=order_id, status=status, fields=fields)  # type: ignore[arg-type]


def _move_orders(order_ids: set[int]) -> None:
    after = {}
    for order_id, (status, items) in store.statuses_of_orders(order_ids).items():
        after[order_id] = statuses.merged(status, statuses.of_order(items) or status)
    store.touch_orders(after)
