"""The shape of a selector and what it may look at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ambar.oms.planning.domain.shelf import Shelf
from ambar.oms.planning.domain.values import Location, Order

Reason = list[Any]
Value = Callable[[Location], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One rule of one order: the products it may place, what is on the shelf, which locations the order uses already."""

    order: Order
    products: Sequence[int]
    shelf: Shelf
    opened: frozenset[int]
    distance: Callable[[Location], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """`value(situation)` orders, lowest first. `drop(situation, location)` answers why it is out, or None."""

    name: str
    value: Callable[[Situation], Value]
    drop: Callable[[Situation, Location], Reason | None] | None = None
