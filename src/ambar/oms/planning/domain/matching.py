"""Which scenario an order belongs to, and what location conditions say about a location for an order."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ambar.kit.conditions import Verdict
from ambar.kit.text import turkish_fold
from ambar.oms.places.domain.distance import kilometres
from ambar.oms.planning.domain.values import Location, Order
from ambar.oms.scenarios.domain.rules import Criterion, Rules, Scenario

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


def choose_scenario(order: Order, rules: Rules) -> tuple[Scenario | None, list[list[Any]]]:
    """The first scenario that matches, and `[scenario id, criterion that refused]` for each one asked before it."""
    refused: list[list[Any]] = []
    for scenario in rules.scenarios:
        failed = next((one.name for one in scenario.criteria if not criterion_holds(one, order)), None)
        if failed is None:
            return scenario, refused
        refused.append([scenario.id, failed])
    return None, refused


def distance_to(order: Order) -> Callable[[Location], float | None]:
    """Kilometres from a location to the address, one decimal; None when either has no coordinates. Remembered."""
    known: dict[int, float | None] = {}
    latitude, longitude = order.latitude, order.longitude

    def distance(location: Location) -> float | None:
        if location.id not in known:
            if None in (latitude, longitude, location.latitude, location.longitude):
                known[location.id] = None
            else:
                known[location.id] = round(
                    kilometres(latitude, longitude, location.latitude, location.longitude),  # type: ignore[arg-type]
                    1,
                )
        return known[location.id]

    return distance


def seen_from(
    order: Order, location: Location, now: datetime, distance: Callable[[Location], float | None]
) -> Mapping[str, Any]:
    """The location's properties plus those that depend on this order. `now` carries the locations' time zone."""
    own = location.properties
    exit_time = own.get("exit_time")
    return {
        **own,
        "same_country": _same(order.country_id, own.get("country_id")),
        "same_city": _same(order.city_id, own.get("city_id")),
        "same_township": _same(order.township_id, own.get("township_id")),
        "is_pickup_store": order.pickup_location_id == location.id,
        "distance_km": distance(location),
        "exit_time_passed": None if exit_time is None else now.strftime("%H:%M") > str(exit_time)[:5],
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
