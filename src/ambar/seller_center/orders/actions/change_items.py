"""Take a batch of item changes from a seller's OMS."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ambar.kit import work
from ambar.seller_center.orders import announcing, store
from ambar.seller_center.orders.domain import events, item_changes, statuses
from ambar.seller_center.orders.domain.item_changes import ItemChange, ItemNow
from ambar.seller_center.orders.domain.versions import Moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What became of a batch: item id → its status, and what it made of the orders the items are of."""

    statuses: dict[int, int]
    orders: list[Moved]


def change_items(changes: Sequence[ItemChange], *, seller_id: int | None, now: datetime) -> Changed:
    """Take all rows or none. What changed is forwarded to the hub. Repeats change nothing, but that an order which lags behind
    its items, as only damage makes it, follows them again.

    `seller_id` = whose items may be touched (`None` = anybody's).
    Errors: `Invalid` naming unknown items (others' items count as unknown) or a status going backwards.
    Source: "Order bulk status update".
    """
    ids = [change.item_id for change in changes]
    with transaction.atomic():
        before = store.lock_orders(row[1] for row in store.item_rows(ids, seller_id))
        present = {row[0]: _item(row) for row in store.item_rows(ids, seller_id)}
        changed = item_changes.decide(changes, present)
        touched: dict[int, tuple[int, datetime]] = {}
        if changed:
            store.update_items(
                [(i.item_id, i.status, *(i.fields[name] for name in store.ITEM_FIELDS)) for i in changed],
                now=now,
            )
            touched = _move_orders({item.order_id for item in changed})
            store.forward("item", [item.item_id for item in changed], now=now)
            work.wake("sc_forwarding")
        touched |= _mend_orders(before.keys() - touched.keys())
        announcing.announce_orders(events.ORDER_UPDATED, touched.keys(), now=now)
    after = present | {item.item_id: item for item in changed}
    return Changed(
        statuses={item_id: after[item_id].status for item_id in ids},
        orders=[_moved(pk, standing, touched.get(pk, standing)) for pk, standing in before.items()],
    )


def _moved(order_id: int, before: tuple[int, datetime], after: tuple[int, datetime]) -> Moved:
    return Moved(order_id=order_id, status=after[0], before=before[1], after=after[1])


def _item(row: tuple[object, ...]) -> ItemNow:
    item_id, order_id, status, *values = row
    fields = dict(zip(store.ITEM_FIELDS, values, strict=True))
    return ItemNow(item_id=item_id, order_id=order_id, status=status, fields=fields)  # type: ignore[arg-type]


def _move_orders(order_ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    return store.touch_orders({pk: after for pk, (_, after) in _follow(order_ids).items()})


def _mend_orders(order_ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    lagging = {pk: after for pk, (status, after) in _follow(order_ids).items() if after != status}
    return store.touch_orders(lagging) if lagging else {}


def _follow(order_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Order id → its status, and the one that follows from its items."""
    found = store.statuses_of_orders(order_ids) if order_ids else {}
    return {
        pk: (status, statuses.merged(status, statuses.of_order(items) or status))
        for pk, (status, items) in found.items()
    }
