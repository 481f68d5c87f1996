"""What a cancellation plan asks for, in units of order items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """An order item: all units ever ordered, those withdrawn already (cancelled, or about to be), its place in a bundle."""

    id: int
    upstream_id: int
    quantity: Decimal
    withdrawn: Decimal
    is_head: bool = False
    parent: int | None = None

    @property
    def left(self) -> Decimal:
        """Units nobody has asked to cancel yet."""
        return max(self.quantity - self.withdrawn, NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a plan: an upstream item id, the units asked for (None = all that are left) and why."""

    order_item: int
    quantity: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Units of one order item; `open` of them are still there to be cancelled, none when it was done before."""

    item_id: int
    quantity: Decimal
    open: Decimal
    reason: str


class UnknownItems(Exception):
    """The plan names items the order does not have (yet)."""

    def __init__(self, ids: Sequence[int]) -> None:
        super().__init__(f"order items {', '.join(map(str, ids))} are not known here")


class TooMany(Exception):
    """The plan asks for more units than were ordered."""


def expanded(rows: Sequence[Row], items: Iterable[Ordered]) -> list[Wish]:
    """The wishes of a plan, in item order; no rows means the whole order.

    The head of a bundle stands for its parts, unless the plan names some of them itself. Asking again for what is
    cancelled already is fulfilled, not refused. Raises `UnknownItems`, `TooMany`.
    """
    known = {item.upstream_id: item for item in items}
    given = _merged(rows) if rows else {key: Row(order_item=key, quantity=None, reason="") for key in known}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UnknownItems(unknown)
    wishes: dict[int, Wish] = {}
    for key, row in given.items():
        for part, quantity in _parts(known[key], row.quantity, known, given):
            wishes[part.id] = _wish(part, quantity, row.reason)
    return [wishes[item_id] for item_id in sorted(wishes)]


def _merged(rows: Sequence[Row]) -> dict[int, Row]:
    """One row per item; a row for all of it swallows the others."""
    found: dict[int, Row] = {}
    for row in rows:
        before = found.get(row.order_item)
        if before is None:
            found[row.order_item] = row
        elif before.quantity is not None and row.quantity is not None:
            total = before.quantity + row.quantity
            found[row.order_item] = Row(order_item=row.order_item, quantity=total, reason=before.reason)
        else:
            found[row.order_item] = Row(order_item=row.order_item, quantity=None, reason=before.reason)
    return found


def _parts(
    item: Ordered, quantity: Decimal | None, known: Mapping[int, Ordered], given: Mapping[int, Row]
) -> list[tuple[Ordered, Decimal | None]]:
    if not item.is_head:
        return [(item, quantity)]
    parts = [part for part in known.values() if part.parent == item.upstream_id]
    if any(part.upstream_id in given for part in parts):
        return []
    if quantity is not None and quantity > item.quantity:
        raise TooMany(
            f"item {item.upstream_id}: {quantity.normalize():f} asked, {item.quantity.normalize():f} ordered"
        )
    found = []
    for part in parts:
        share = None if quantity is None else part.quantity * quantity / item.quantity
        found += _parts(part, share, known, given)
    return found


def _wish(item: Ordered, asked: Decimal | None, reason: str) -> Wish:
    if asked is not None and asked > item.quantity:
        raise TooMany(
            f"item {item.upstream_id}: {asked.normalize():f} asked, {item.quantity.normalize():f} ordered"
        )
    quantity = asked if asked is not None else (item.left or item.quantity)
    return Wish(item_id=item.id, quantity=quantity, open=min(quantity, item.left), reason=reason)
