"""What higher rooms tell this one at start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_bounds: list[Callable[[Any], Any]] = []


def show_orders(ids_for: Callable[[Any], Any]) -> None:
    """`ids_for(principal)` gives a subquery of order ids that a location-bound caller may see."""
    _bounds.append(ids_for)


def visible_ids(principal: Any) -> list[Any]:
    """The subqueries registered, for this caller."""
    return [ids_for(principal) for ids_for in _bounds]
