"""What rules think of locations where only the destination has a say, worked out once and kept between passes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from operator import itemgetter
from typing import Any

from ambar.kit.conditions import Condition
from ambar.oms.places.domain.distance import EARTH_KM
from ambar.oms.planning.domain.matching import Distances, SeenFrom, because
from ambar.oms.planning.domain.values import Location, Order
from ambar.oms.scenarios.domain.rules import CostRow, Rule, Rules, Scenario, TransferRule

LOCATION_FLAGS = (("is_active", ["inactive"]), ("is_fulfillment_center", ["not a packaging centre"]))
KEPT_DESTINATIONS = 4096
KEPT_GROUNDS = 4
Destination = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`kept` by ascending id; `removed` as `[location, reason, ...]` by ascending id."""

    kept: list[Location]
    removed: list[list[Any]]
    removed_ids: frozenset[int]


ASKED: dict[str, tuple[str, ...]] = {
    "same_country": ("country_id",),
    "same_city": ("city_id",),
    "same_township": ("township_id",),
    "is_pickup_store": ("pickup_location_id",),
    "distance_km": ("latitude", "longitude"),
}


def asked_of(condition: Condition) -> tuple[str, ...]:
    """The fields of an order that its order-bound fields look at."""
    return tuple(sorted(name for field in condition.fields for name in ASKED.get(field, ())))


class Ground:
    """One set of rules over one set of locations."""

    __slots__ = (
        "_asked",
        "_asks",
        "_distances",
        "_figures",
        "_judged",
        "_positions",
        "_rates",
        "_sources",
        "ids",
        "locations",
        "ordered",
        "rules",
    )

    def __init__(self, rules: Rules, locations: Any) -> None:
        self.rules, self.locations = rules, locations
        self.ids = sorted(locations)
        self.ordered: list[Location] = [locations[one] for one in self.ids]
        self._positions = [
            None
            if one.latitude is None or one.longitude is None
            else (radians(one.latitude), cos(radians(one.latitude)), one.latitude, one.longitude)
            for one in self.ordered
        ]
        self._figures = itemgetter(*self.ids) if len(self.ids) > 1 else None
        self._asks: dict[int, frozenset[str]] = {}
        self._asked: dict[int, tuple[str, ...]] = {}
        self._judged: dict[Destination, Judged] = {}
        self._distances: dict[tuple[Any, Any], Distances] = {}
        self._rates: dict[Destination, dict[int, CostRow | None]] = {}
        self._sources: dict[Destination, list[Location]] = {}

    def figures(self, by_location: Mapping[int, int]) -> list[int]:
        """The figure of each of `ids`, 0 where there is none."""
        if self._figures is not None:
            try:
                return list(self._figures(by_location))
            except KeyError:
                pass
        return [by_location.get(location, 0) for location in self.ids]

    def asks(self, scenario: Scenario) -> frozenset[str]:
        """The selectors of all rules of a scenario."""
        found = self._asks.get(id(scenario))
        if found is None:
            found = frozenset(name for rule in scenario.rules for name in rule.selectors)
            self._asks[id(scenario)] = found
        return found

    def distances(self, latitude: float | None, longitude: float | None) -> Distances:
        """`{location: kilometres}` to a position, one decimal; None when either side has no coordinates."""
        key = (latitude, longitude)
        found = self._distances.get(key)
        if found is None:
            found = self._measure(latitude, longitude)
            _keep(self._distances, key, found)
        return found

    def _measure(self, latitude: float | None, longitude: float | None) -> Distances:
        if latitude is None or longitude is None:
            return dict.fromkeys(self.ids)
        here = cos(radians(latitude))
        found: Distances = {}
        for location_id, position in zip(self.ids, self._positions, strict=True):
            if position is None:
                found[location_id] = None
                continue
            _, beside, north_of, east_of = position
            north = radians(north_of - latitude)
            east = radians(east_of - longitude)
            half = sin(north / 2) ** 2 + here * beside * sin(east / 2) ** 2
            found[location_id] = round(2 * EARTH_KM * asin(sqrt(min(1.0, half))), 1)
        return found

    def judged(self, rule: Rule, order: Order, now: datetime) -> Judged:
        """Which locations `rule` keeps for an order to this destination, whatever they hold."""
        key: Destination = (id(rule),)
        if rule.order_bound:
            names = self._asked.get(id(rule))
            if names is None:
                names = self._asked[id(rule)] = asked_of(rule.locations)
            key = (id(rule), _clock(rule, now), *[getattr(order, name) for name in names])
        found = self._judged.get(key)
        if found is None:
            found = self._judge(rule, order, now, self._judged_before(key))
            _keep(self._judged, key, found)
        return found

    def _judged_before(self, key: Destination) -> dict[int, tuple[Location, list[Any] | None]]:
        """What the same rule said of each location in a world that was looked at just before: counterfactuals try dozens of
        worlds that differ in one location.
        """
        for ground in list(_grounds):
            known = ground._judged.get(key)
            if known is not None:
                removed = {entry[0]: entry[1:] for entry in known.removed}
                return {one.id: (one, removed.get(one.id)) for one in ground.ordered}
        return {}

    def _judge(
        self,
        rule: Rule,
        order: Order,
        now: datetime,
        before: Mapping[int, tuple[Location, list[Any] | None]],
    ) -> Judged:
        distances = self.distances(order.latitude, order.longitude)
        kept, removed = [], []
        for location in self.ordered:
            known = before.get(location.id)
            reason = (
                known[1]
                if known is not None and known[0] is location
                else _flagged(location) or _condition(rule, order, location, now, distances)
            )
            if reason is None:
                kept.append(location)
            else:
                removed.append([location.id, *reason])
        return Judged(kept=kept, removed=removed, removed_ids=frozenset(entry[0] for entry in removed))

    def sources(self, rule: TransferRule, order: Order, at: Location, now: datetime) -> list[Location]:
        """The locations `rule` lets goods come from to a package at `at`, whatever they hold, by ascending id."""
        bound = rule.source_bound
        key: Destination = (
            (id(rule), at.id, order.pickup_location_id, _clock(rule, now)) if bound else (id(rule), at.id)
        )
        found = self._sources.get(key)
        if found is None:
            found = [one for one in self.ordered if source_refused(self, rule, order, at, one, now) is None]
            _keep(self._sources, key, found)
        return found

    def rates(self, order: Order) -> dict[int, CostRow | None]:
        """`{location: the cost row of its zone}`, the narrowest that fits; None when no row does."""
        key = (order.country_id, order.city_id, order.township_id)
        found = self._rates.get(key)
        if found is None:
            found = {one.id: _rate(self.rules.costs, order, one) for one in self.ordered}
            _keep(self._rates, key, found)
        return found


def source_refused(
    ground: Ground, rule: TransferRule, order: Order, at: Location, source: Location, now: datetime
) -> list[Any] | None:
    """Why goods may not come from `source` to a package at `at`, or None."""
    if source.id == at.id:
        return ["the package's own location"]
    if not source.is_active:
        return ["inactive"]
    if not source.properties.get("is_transfer_location"):
        return ["not a transfer location"]
    if rule.sources.is_empty:
        return None
    distances = ground.distances(at.latitude, at.longitude)
    seen = SeenFrom(_as_seen_from(order, at), source, now, distances)
    return None if rule.sources.holds(seen) else because(rule.sources.explain(seen))


def _as_seen_from(order: Order, at: Location) -> Order:
    """An order to the package's location: order-bound fields of a source are measured from there."""
    return Order(
        id=order.id,
        number=order.number,
        lines=(),
        country_id=at.properties.get("country_id"),
        city_id=at.properties.get("city_id"),
        township_id=at.properties.get("township_id"),
        latitude=at.latitude,
        longitude=at.longitude,
        pickup_location_id=order.pickup_location_id,
    )


def _clock(rule: Rule | TransferRule, now: datetime) -> str | None:
    condition = rule.locations if isinstance(rule, Rule) else rule.sources
    return now.strftime("%H:%M") if "exit_time_passed" in condition.fields else None


def _flagged(location: Location) -> list[Any] | None:
    for flag, reason in LOCATION_FLAGS:
        if not getattr(location, flag):
            return reason
    return None


def _condition(
    rule: Rule, order: Order, location: Location, now: datetime, distances: Distances
) -> list[Any] | None:
    if rule.locations.is_empty:
        return None
    seen = SeenFrom(order, location, now, distances) if rule.order_bound else location.properties
    return None if rule.locations.holds(seen) else because(rule.locations.explain(seen))


def _rate(costs: tuple[CostRow, ...], order: Order, location: Location) -> CostRow | None:
    theirs = location.properties.get
    country = theirs("country_id")
    fits = {
        "same_township": order.township_id is not None and order.township_id == theirs("township_id"),
        "same_city": order.city_id is not None and order.city_id == theirs("city_id"),
        "same_country": order.country_id is not None and order.country_id == country,
        "abroad": order.country_id is not None and country is not None and order.country_id != country,
    }
    return next((row for row in costs if fits[row.zone]), None)


def _keep(known: dict[Any, Any], key: Any, value: Any) -> None:
    if len(known) >= KEPT_DESTINATIONS:
        known.clear()
    known[key] = value


_grounds: list[Ground] = []


def ground_of(rules: Rules, locations: Any) -> Ground:
    """The ground of these very objects (both are immutable snapshots), known from an earlier pass or made anew."""
    for ground in _grounds:
        if ground.rules is rules and ground.locations is locations:
            return ground
    ground = Ground(rules, locations)
    _grounds.insert(0, ground)
    del _grounds[KEPT_GROUNDS:]
    return ground
