"""Orders, their items, cancellation plans and places of the fake Seller Center, kept in memory."""

from __future__ import annotations

import copy
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from ambar.cli.fake import goods
from ambar.cli.fake.listing import Field, Listing, Query, Row, moment, status, whole
from ambar.kit import clock
from ambar.kit.refusals import Invalid, NotFound
from ambar.seller_center.orders.domain import item_changes, plans, statuses
from ambar.seller_center.orders.domain.item_changes import ItemChange, ItemNow
from ambar.seller_center.orders.domain.versions import Known, Moved

_TIMES = {name: Field(read=moment) for name in ("modified_date", "created_date", "date_placed")}
_TEXTS = tuple(item_changes.TEXTS)
_IDS = ("id__in", "pk__in", "id__gt", "pk__gt")


def _only(*names: str, moments: tuple[str, ...] = ()) -> frozenset[str]:
    """The parameters a list goes by: whoever filters by others is answered everything, here as there."""
    return frozenset(
        {*_IDS, *names, *(f"{name}__{step}" for name in moments for step in ("gt", "gte", "lt", "lte"))}
    )


ORDERS = Listing(
    fields={
        **_TIMES,
        "id": Field(read=whole),
        "number": Field(),
        "supplier_code": Field(),
        "status": Field(read=status),
    },
    sorts=("id", "modified_date", "created_date", "date_placed", "number"),
    only=_only(
        "number",
        "number__exact",
        "number__in",
        "supplier_code",
        "status",
        "status__in",
        moments=("modified_date", "created_date", "date_placed"),
    ),
)
ITEMS = Listing(
    fields={
        **_TIMES,
        "id": Field(read=whole),
        "order": Field(read=whole),
        "status": Field(read=status),
        "sku": Field(get=lambda row: row["product"]["sku"]),
    },
    sorts=("id", "modified_date"),
    only=_only("order", "order__in", "sku", "status", "status__in", moments=("modified_date",)),
)
PLANS = Listing(
    fields={
        **_TIMES,
        "id": Field(read=whole),
        "order": Field(read=whole, get=lambda row: row["order"]["id"]),
        "status": Field(),
        "plan_type": Field(),
        "supplier_code": Field(get=lambda row: row["order"]["supplier_code"]),
        "order_number": Field(get=lambda row: row["order"]["number"]),
    },
    sorts=("id", "modified_date", "created_date"),
    only=_only(
        "status",
        "status__in",
        "cancellation_plan_status",
        "plan_type",
        "order",
        "order_id",
        "order_number",
        "supplier_code",
        moments=("modified_date",),
    ),
    aliases={"pk": "id", "cancellation_plan_status": "status", "order_id": "order"},
)
ID = Field(read=whole)
PLACES = {
    "countries": Listing(
        fields={"id": ID, "name": Field(), "code": Field(folded=True)}, sorts=("id", "name")
    ),
    "cities": Listing(fields={"id": ID, "name": Field(), "country": ID}, sorts=("id", "name")),
    "townships": Listing(fields={"id": ID, "name": Field(), "city": ID}, sorts=("id", "name")),
    "districts": Listing(
        fields={"id": ID, "name": Field(), "city": ID, "township": ID}, sorts=("id", "name")
    ),
}


WAITING = 200
"""What an item counts as whose status was made to be none."""


class Changed(NamedTuple):
    """What a bulk update did: `{id, status}` of the items, and what it made of their orders."""

    items: list[Row]
    orders: list[Moved]


class OrdersBook:
    """What one seller sees of a Seller Center. Safe between threads: every act holds the lock."""

    def __init__(
        self,
        *,
        seed: int = 1,
        orders: int = 0,
        supplier_code: str = "AMBAR-01",
        places: goods.Places | None = None,
    ) -> None:
        self.supplier_code = supplier_code
        self.lock = threading.RLock()
        self.places = places or goods.places()
        self.orders: dict[int, Row] = {}
        self.items: dict[int, tuple[int, Row]] = {}
        """Item id → its order's id and the item, which is the very row within the order."""
        self.plans: dict[int, Row] = {}
        self.told_statuses: defaultdict[int, list[str]] = defaultdict(list)
        """Item id → every status it was told, in order."""
        self.told_twice = 0
        self.vanished: list[int] = []
        self._stream = goods.orders(seed, self.places, supplier_code=supplier_code)
        self.more(orders)

    def more(self, count: int, *, at: datetime | None = None) -> list[Row]:
        """Place further orders: those made at the start are dated by the seed, those placed later `at` that moment, one after
        the other. Whoever reads by modification time and has seen a change of today would never ask for others."""
        with self.lock:
            made = list(islice(self._stream, count))
            for place, row in enumerate(made):
                if at is not None:
                    _dated(row, clock.iso(at - timedelta(microseconds=count - 1 - place)))
                self.put(row)
        return made

    def put(self, row: Row) -> None:
        """Keep an order in the shape of the wire, in place of what was under its id."""
        with self.lock:
            self.orders[row["id"]] = row
            self.items.update({item["id"]: (row["id"], item) for item in _items_of(row)})

    def change(self, key: int, changes: Row) -> Row:
        """Merge `changes` into an order, which is modified now unless they say when."""
        with self.lock:
            row = {
                **copy.deepcopy(self._order(key)),
                "modified_date": clock.iso(clock.now()),
                **changes,
                "id": key,
                "pk": key,
            }
            self.put(row)
            return row

    def remove(self, key: int) -> None:
        """Take an order away, as if it had never been."""
        with self.lock:
            row = self._order(key)
            del self.orders[key]
            for item in _items_of(row):
                self.items.pop(item["id"], None)
            self.vanished.append(key)

    def vanish(self, count: int, dice: Any) -> None:
        """Take away `count` orders that the dice choose."""
        with self.lock:
            for key in dice.sample(sorted(self.orders), min(count, len(self.orders))):
                self.remove(key)

    def _order(self, key: int) -> Row:
        found = self.orders.get(key)
        if found is None:
            raise NotFound("Not found.")
        return found

    def page(self, listing: Listing, rows: Iterable[Row], query: Query, link: Callable[[int], str]) -> Row:
        """A page of a list, cut while nothing changes."""
        with self.lock:
            return copy_of(listing.page(rows, query, link))

    def unknown(self, known: Known) -> list[Row]:
        """The orders but those that stand in exactly a version that is known."""
        versions = set(zip(known.ids, known.moments, strict=True))
        with self.lock:
            return [row for key, row in self.orders.items() if (key, _moment(row)) not in versions]

    def change_items(self, body: Any, *, dice: Any = None) -> Changed:
        """A bulk update, all rows or none; with `dice` only some.

        Errors: `Invalid` naming the unknown item, or the one whose status would go backwards.
        """
        changes = item_changes.parse(body)
        with self.lock:
            if dice is not None:
                changes = sorted(dice.sample(changes, len(changes) // 2), key=lambda change: change.item_id)
            now = {
                change.item_id: _as_now(*self.items[change.item_id])
                for change in changes
                if change.item_id in self.items
            }
            after = {item.item_id: item for item in item_changes.decide(changes, now)}
            for change in changes:
                self._tell(change, repeated=change.item_id not in after)
            before = {
                key: _moment(self.orders[key]) for key in sorted({one.order_id for one in now.values()})
            }
            self._write(after)
            items = [
                {"id": change.item_id, "status": self.items[change.item_id][1].get("status")}
                for change in changes
            ]
            moved = [self._moved(key, moment) for key, moment in before.items() if moment is not None]
            return Changed(items, [one for one in moved if one is not None])

    def _moved(self, key: int, before: datetime) -> Moved | None:
        order = self.orders[key]
        after, status = _moment(order), statuses.read(order.get("status"))
        if after is None or status is None:
            return None
        return Moved(order_id=key, status=status, before=before, after=after)

    def _tell(self, change: ItemChange, *, repeated: bool) -> None:
        if change.status is not None:
            self.told_twice += repeated
            if not repeated:
                self.told_statuses[change.item_id].append(str(change.status))

    def _write(self, after: dict[int, ItemNow]) -> None:
        at = clock.iso(clock.now())
        for key, item in after.items():
            self.items[key][1].update(item.fields, status=str(item.status), modified_date=at)
        for order_id in {item.order_id for item in after.values()}:
            order = self.orders[order_id]
            codes = [statuses.read(item.get("status")) for item in _items_of(order)]
            told = statuses.of_order([code for code in codes if code is not None])
            current = statuses.read(order.get("status"))
            if current is not None:
                order.update(status=str(statuses.merged(current, told or current)))
            order.update(modified_date=at)

    def plan(self, order_id: int, items: Any = None) -> Row:
        """A customer's cancellation of an order, or of some of its items."""
        with self.lock:
            order = self._order(order_id)
            mine = [item["id"] for item in _items_of(order)]
            if items is not None and (not isinstance(items, list) or any(one not in mine for one in items)):
                raise Invalid(fields={"items": ["Ids of the order's items are required."]})
            made, at = goods.message("cancellation_plan"), clock.iso(clock.now())
            key, line = len(self.plans) + 1, made["cancellationplanorderitem_set"][0]
            rows = [
                {**line, "id": place, "pk": place, "order_item": item, "quantity": "1.00"}
                for place, item in enumerate(items or mine, 1)
            ]
            made.update(
                id=key,
                pk=key,
                created_date=at,
                modified_date=at,
                cancellationplanorderitem_set=rows,
                reason="",
            )
            made["order"].update(
                id=order_id, pk=order_id, number=order.get("number"), supplier_code=self.supplier_code
            )
            self.plans[key] = made
            return made

    def answer_plan(self, key: int, body: Any) -> Row:
        """What the OMS says about a plan. Errors: `NotFound`; `Invalid` for a status that can't follow."""
        with self.lock:
            row = self.plans.get(key)
            if row is None:
                raise NotFound("Not found.")
            told = body.get("status") if isinstance(body, dict) else None
            if told not in plans.STATUSES:
                raise Invalid(
                    fields={"status": ["Input should be 'waiting', 'confirmed', 'rejected' or 'completed'"]}
                )
            if not plans.may_move(row["status"], told):
                raise Invalid(fields={"status": [f"The plan may not go from {row['status']} to {told}."]})
            if told != row["status"]:
                row.update(
                    status=told, reason=str(body.get("reason") or ""), modified_date=clock.iso(clock.now())
                )
            return row

    def told(self) -> dict[str, Any]:
        """What became of the orders: statuses told per item in order, repeats, plans, what vanished."""
        with self.lock:
            return {
                "orders": len(self.orders),
                "statuses": {str(key): list(codes) for key, codes in self.told_statuses.items()},
                "repeated_statuses": self.told_twice,
                "plans": {str(key): row["status"] for key, row in self.plans.items()},
                "vanished": list(self.vanished),
            }


def _items_of(order: Row) -> list[Row]:
    """The lines of an order that can be told apart; a malformed order (`PATCH /world/orders/5`) may have none."""
    rows = order.get("orderitem_set")
    return (
        [row for row in rows if isinstance(row, dict) and type(row.get("id")) is int]
        if isinstance(rows, list)
        else []
    )


def _moment(order: Row) -> datetime | None:
    try:
        return clock.parse(order["modified_date"])
    except (KeyError, TypeError, ValueError):
        return None


def _dated(order: Row, at: str) -> None:
    order.update(date_placed=at, created_date=at, modified_date=at)
    for item in order["orderitem_set"]:
        item.update(created_date=at, modified_date=at)


def copy_of(page: Row) -> Row:
    """The page with its rows as they are now, whatever happens to the originals while it is written out."""
    return {**page, "results": [{**row} for row in page["results"]]}


def _as_now(order_id: int, item: Row) -> ItemNow:
    fields = {name: item.get(name) for name in _TEXTS}
    status = statuses.read(item.get("status"))
    return ItemNow(
        item_id=item["id"], order_id=order_id, status=WAITING if status is None else status, fields=fields
    )
