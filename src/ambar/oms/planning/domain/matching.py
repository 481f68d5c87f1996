"""Which scenario an order belongs to, and what location conditions say about a location for an order."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from ambar.kit.conditions import Verdict
from ambar.kit.text import turkish_fold
from ambar.oms.planning.domain.values import Location, Order
from ambar.oms.scenarios.domain.rules import Criterion, Scenario, TransferScenario

STATIC_VALUES: dict[str, tuple[str, ...]] = {
    "channel": ("channel_id",),
    "shipping": ("cargo_company", "shipping_option"),
    "payment": ("payment_type",),
    "customer_type": ("customer_type",),
}


def criterion_holds(criterion: Criterion, order: Order) -> bool:
    """Static: the order's value is in the list (shipping: company or option). Dynamic: the query holds."""
    if not criterion.static:
        return criterion.query.holds(order.properties)
    found = (order.properties.get(name) for name in STATIC_VALUES[criterion.name])
    return any(value is not None and turkish_fold(str(value)) in criterion.values for value in found)


Matching = TypeVar("Matching", Scenario, TransferScenario)


def choose_scenario(order: Order, scenarios: Sequence[Matching]) -> tuple[Matching | None, list[list[Any]]]:
    """The first scenario that matches, and `[scenario id, criterion that refused]` for each one asked before it."""
    refused: list[list[Any]] = []
    for scenario in scenarios:
        failed = next((one.name for one in scenario.criteria if not criterion_holds(one, order)), None)
        if failed is None:
            return scenario, refused
        refused.append([scenario.id, failed])
    return None, refused


Distances = dict[int, float | None]


class SeenFrom:
    """A location's properties plus those that depend on the order, worked out when asked (`ORDER_BOUND` fields)."""

    __slots__ = ("distances", "location", "now", "order")

    def __init__(self, order: Order, location: Location, now: datetime, distances: Distances) -> None:
        self.order, self.location, self.now, self.distances = order, location, now, distances

    def get(self, name: str) -> Any:
        ask = ORDER_BOUND_VALUES.get(name)
        return self.location.properties.get(name) if ask is None else ask(self)


def _exit_time_passed(seen: SeenFrom) -> bool | None:
    exit_time = seen.location.properties.get("exit_time")
    return None if exit_time is None else seen.now.strftime("%H:%M") > str(exit_time)[:5]


ORDER_BOUND_VALUES: dict[str, Callable[[SeenFrom], Any]] = {
    "same_country": lambda seen: _same(seen.order.country_id, seen.location.properties.get("country_id")),
    "same_city": lambda seen: _same(seen.order.city_id, seen.location.properties.get("city_id")),
    "same_township": lambda seen: _same(seen.order.township_id, seen.location.properties.get("township_id")),
    "is_pickup_store": lambda seen: seen.order.pickup_location_id == seen.location.id,
    "distance_km": lambda seen: seen.distances[seen.location.id],
    "exit_time_passed": _exit_time_passed,
}


def _same(one: int | None, other: int | None) -> bool:
    return one is not None and one == other


def because(verdict: Verdict) -> list[Any]:
    """The first decisive leaf, compactly: `["condition", field, operator, asked, found]`."""
    leaf = verdict.decisive()[0]
    return ["condition", leaf.field, leaf.op, leaf.value, _plain(leaf.actual)]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return (
        [str(member) for member in value] if isinstance(value, (list, tuple, set, frozenset)) else str(value)
    )
