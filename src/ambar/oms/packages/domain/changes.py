"""New packages and changes of state, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ambar.kit.refusals import Conflict
from ambar.oms.states.domain.codes import OrderStatus, PackageStatus, counts_for_quota

ITEM_STATE_OF_PACKAGE: dict[int, int] = {
    PackageStatus.PACKED: OrderStatus.PREPARING,
    PackageStatus.SHIPPED: OrderStatus.SHIPPED,
    PackageStatus.READY_FOR_CUSTOMER_PICKUP: OrderStatus.READY_FOR_PICKUP,
    PackageStatus.ATTEMPTED_DELIVERY: OrderStatus.ATTEMPTED_DELIVERY,
    PackageStatus.DELIVERY_FAILED: OrderStatus.ATTEMPTED_DELIVERY,
    PackageStatus.DELIVERED: OrderStatus.DELIVERED,
    PackageStatus.PACKED_FOR_REFUND: OrderStatus.REFUNDED,
}
"""OrderStatus an order item reaches when all its living package items stand in that state or further."""

NOT_LIVING = frozenset({PackageStatus.CANCELLED, PackageStatus.NEEDS_RESCHEDULING})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPackage:
    """A package to make; `items` are (order item id, product id, quantity). `lineage`: ids it comes from."""

    order_id: int
    location_id: int
    state: int
    items: tuple[tuple[int, int, Decimal], ...]
    decision_id: int | None = None
    lineage: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedPackage:
    """A package made; `item_ids` stand in the order of the given items."""

    id: int
    number: str
    item_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """A move of one package. `sync`: report the new state upstream. `besides`: further event types to raise. `carrier`: who
    takes it from now on, None = whoever did before."""

    package_id: int
    from_state: int
    to_state: int
    command_code: str
    slug: str
    transition_id: int | None = None
    user_id: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    sync: bool = True
    besides: tuple[str, ...] = ()
    carrier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A package that moved; `sequence` is that of its last event; `was_blocked_from` its state before a block."""

    package_id: int
    location_id: int
    from_state: int
    to_state: int
    was_blocked_from: int | None
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedItem:
    """An item of a locked package; `stock_taken`: its stock has left the books already."""

    id: int
    order_item_id: int
    product_id: int
    quantity: Decimal
    stock_taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPackage:
    """A package under its row lock, as commands decide on it. `has_outside_engine`: its location's stock is kept elsewhere."""

    id: int
    number: str
    state: int
    previous_state: int | None
    location_id: int
    order_id: int
    shipping_company: str | None
    has_outside_engine: bool
    items: tuple[LockedItem, ...]


class StateMoved(Conflict):
    """The package is not in the expected state any more."""

    code = "package_state_moved"


def merged(items: Iterable[tuple[int, int, Decimal]]) -> list[tuple[int, int, Decimal]]:
    """Items of one order item added up, in first-seen order."""
    total: dict[tuple[int, int], Decimal] = {}
    for order_item_id, product_id, quantity in items:
        if quantity <= 0:
            raise ValueError("a package item holds more than nothing")
        key = (order_item_id, product_id)
        total[key] = total.get(key, Decimal(0)) + quantity
    return [(order_item_id, product_id, quantity) for (order_item_id, product_id), quantity in total.items()]


def quota_deltas(moves: Iterable[Moved]) -> dict[int, int]:
    """Change of used quota per location."""
    deltas: dict[int, int] = {}
    for move in moves:
        before = counts_for_quota(move.from_state, move.was_blocked_from)
        after = counts_for_quota(move.to_state, move.from_state)
        if before != after:
            deltas[move.location_id] = deltas.get(move.location_id, 0) + (1 if after else -1)
    return {location_id: delta for location_id, delta in deltas.items() if delta}


def item_targets(rows: Iterable[tuple[int, int]]) -> dict[int, int]:
    """OrderStatus per order item from (order item id, package state) of all its living parts.

    An item moves with its least advanced part; a part in a state without an order status holds it back.
    """
    parts: dict[int, list[int]] = {}
    for order_item_id, state in rows:
        if state not in NOT_LIVING:
            parts.setdefault(order_item_id, []).append(ITEM_STATE_OF_PACKAGE.get(state, 0))
    return {item: min(states) for item, states in parts.items() if min(states) > 0}
