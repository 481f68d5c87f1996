"""The shape of a selector and what it may look at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ambar.oms.planning.domain.shelf import Column, Shelf
from ambar.oms.planning.domain.values import Line, Location, Order
from ambar.oms.scenarios.domain.rules import CostRow

Reason = list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One rule of one order: the lines it may place (`{line: thousandths}`), what is on the shelf of their products,
    which locations the order uses already; kilometres, cost rows and the earliest hand-over (filled when asked) by location.
    """

    order: Order
    lines: Sequence[Line]
    wanted: Mapping[int, int]
    demand: Mapping[int, int]
    columns: Mapping[int, Column]
    shelf: Shelf
    opened: frozenset[int]
    now: datetime
    distances: Mapping[int, float | None]
    rates: Callable[[], Mapping[int, CostRow | None]]
    reliability: Mapping[int, tuple[int, int]]
    hand_overs: dict[int, str]


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """`value` answers one value per location, lowest first. `drop` answers why each is out (None: it stays), or None when
    nobody is. `shown` turns a value into what a person reads. `of_sets`: it also compares sets of locations.
    """

    name: str
    value: Callable[[Situation, Sequence[Location]], list[Any]]
    drop: Callable[[Situation, Sequence[Location]], list[Reason | None] | None] | None = None
    shown: Callable[[Any], Any] = _as_it_is
    of_sets: bool = False
