"""The planning function, used by the live planner, the dry run, replay and the tests alike. Pure.

Source: "Akinon OMS: Scenarios"; the decision record is this project's own (`docs/decisions/`).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ambar.oms.planning.domain import recording
from ambar.oms.planning.domain.matching import Distance, SeenFrom, because, choose_scenario, distance_from
from ambar.oms.planning.domain.selectors import SELECTORS, Situation
from ambar.oms.planning.domain.shelf import Shelf
from ambar.oms.planning.domain.splitting import POLICIES, Taken, Task
from ambar.oms.planning.domain.values import Hold, Line, Location, Order, Package, Plan, View
from ambar.oms.scenarios.domain.rules import OUT_OF_STOCK, Rule, Rules, Scenario

LOCATION_FLAGS = (("is_active", ["inactive"]), ("is_fulfillment_center", ["not a packaging centre"]))


def plan(order: Order, rules: Rules, view: View, now: datetime, seed: int = 0) -> Plan:
    """Plan one order against one view. The same arguments give the same plan; `seed` is kept for selectors that draw."""
    return next(plan_all([order], rules, view, now, seed))


def plan_all(
    orders: Iterable[Order], rules: Rules, view: View, now: datetime, seed: int = 0
) -> Iterator[Plan]:
    """Plan orders one after another; each sees the stock and quota the earlier ones left. A failure of one order
    becomes its hold (`planning_failed`) and takes nothing.
    """
    desk = Desk(rules, view, now)
    for order in orders:
        desk.shelf.begin()
        try:
            planned = desk.plan(order)
        except Exception as error:
            planned = held(order, Hold(code="planning_failed", message=f"{type(error).__name__}: {error}"))
        if planned.hold is not None:
            desk.shelf.undo()
        yield planned


def held(
    order: Order, hold: Hold, record: Mapping[str, Any] | None = None, scenario: int | None = None
) -> Plan:
    """The outcome of an order that is not planned."""
    return Plan(
        order_id=order.id,
        packages=(),
        transfers=(),
        unplaced=(),
        hold=hold,
        scenario_id=scenario,
        record={"v": recording.VERSION, **(record or {}), "hold": [hold.code, hold.message]},
    )


class Desk:
    """One pass over one view: the shelf, and what each rule thinks of each location where no order has a say."""

    __slots__ = ("_distances", "_standing", "now", "rules", "shelf", "view")

    def __init__(self, rules: Rules, view: View, now: datetime) -> None:
        self.rules, self.view, self.now = rules, view, now
        self.shelf = Shelf(view)
        self._standing: dict[tuple[int, int], list[Any] | None] = {}
        self._distances: dict[tuple[float | None, float | None], Distance] = {}

    def distance(self, latitude: float | None, longitude: float | None) -> Distance:
        """Kilometres to a position; addresses of one township share theirs."""
        key = (latitude, longitude)
        if key not in self._distances:
            self._distances[key] = distance_from(latitude, longitude)
        return self._distances[key]

    def plan(self, order: Order) -> Plan:
        if not order.lines:
            return held(order, Hold(code="no_lines", message="The order has no line to plan."))
        scenario, refused = choose_scenario(order, self.rules)
        if scenario is None:
            return held(order, _no_scenario(order, refused), {"asked": refused})
        return OrderPlan(self, order, scenario, refused).run()

    def standing(self, rule: Rule, location: Location) -> list[Any] | None:
        """Why `location` is out under `rule` for every order, or None."""
        key = (rule.id, location.id)
        if key not in self._standing:
            self._standing[key] = self._judge(rule, location)
        return self._standing[key]

    def _judge(self, rule: Rule, location: Location) -> list[Any] | None:
        for flag, reason in LOCATION_FLAGS:
            if not getattr(location, flag):
                return reason
        if rule.order_bound or rule.locations.holds(location.properties):
            return None
        return because(rule.locations.explain(location.properties))


class OrderPlan:
    """One order on its way through the chain of rules."""

    __slots__ = (
        "desk",
        "distance",
        "guarded",
        "lines",
        "order",
        "packages",
        "record",
        "scenario",
        "shelf",
        "wanted",
    )

    def __init__(self, desk: Desk, order: Order, scenario: Scenario, refused: list[list[Any]]) -> None:
        self.desk, self.shelf, self.order, self.scenario = desk, desk.shelf, order, scenario
        self.lines: tuple[Line, ...] = order.lines
        self.wanted: dict[int, Decimal] = {i: line.quantity for i, line in enumerate(order.lines)}
        self.packages: dict[int, dict[int, Decimal]] = {}
        self.guarded: set[int] = set()
        self.distance = desk.distance(order.latitude, order.longitude)
        self.record = recording.begin(order, scenario, refused, self.shelf, desk.view)

    def run(self) -> Plan:
        for rule in self.scenario.rules:
            if not self.wanted:
                break
            self._apply(rule)
        if self.wanted and self._unknown():
            names = ", ".join(map(str, self._unknown()))
            hold = Hold(
                code="stock_unknown",
                message=f"The stock service of location {names} did not answer.",
                pending=True,
            )
            return held(self.order, hold, self.record, self.scenario.id)
        return self._result()

    def _apply(self, rule: Rule) -> None:
        lines = self._lines_of(rule)
        noted: dict[str, Any] = {"rule": rule.id, "lines": list(lines)}
        self.record["rules"].append(noted)
        if not lines:
            return
        products = list(dict.fromkeys(self.lines[i].product_id for i in lines))
        situation = Situation(
            order=self.order,
            products=products,
            shelf=self.shelf,
            opened=frozenset(self.packages),
            distance=self.distance,
        )
        kept = self._keep(rule, situation, noted)
        ranked = self._rank(rule, situation, kept, noted)
        policy = rule.split
        if rule.split_above is not None and self.order.amount < rule.split_above:
            policy = "whole_order"
        noted["split"] = policy
        room = None if rule.max_packages is None else max(0, rule.max_packages - len(self.packages))
        taken = POLICIES[policy](
            Task(
                wanted={i: self.wanted[i] for i in lines},
                product={i: self.lines[i].product_id for i in lines},
                excluded={i: self.lines[i].excluded for i in lines},
                ranked=ranked,
                opened=situation.opened,
                room=room,
                shelf=self.shelf,
            )
        )
        self._take(rule, taken)
        noted["took"] = [[i, location, recording.said(quantity)] for i, location, quantity in taken]

    def _lines_of(self, rule: Rule) -> list[int]:
        if rule.product_mode == "all":
            return list(self.wanted)
        wanted = rule.product_mode == "only"
        return [i for i in self.wanted if rule.products.holds(self.lines[i].properties) == wanted]

    def _keep(self, rule: Rule, situation: Situation, noted: dict[str, Any]) -> list[Location]:
        """The locations with any stock of the rule's products that nothing removes; reasons go to the record."""
        seen = {
            loc for product in situation.products for loc, have in self.shelf.at(product).items() if have > 0
        }
        drops = [drop for name in rule.selectors if (drop := SELECTORS[name].drop) is not None]
        kept: list[Location] = []
        removed: list[list[Any]] = []
        for location_id in sorted(seen):
            location = self.desk.view.locations.get(location_id)
            reason = ["inactive"] if location is None else self.desk.standing(rule, location)
            if reason is None and location is not None:
                if rule.order_bound:
                    reason = self._asked_per_order(rule, location)
                for drop in drops:
                    reason = reason or drop(situation, location)
            if reason is None and location is not None:
                kept.append(location)
            else:
                removed.append([location_id, *(reason or ())])
        noted["removed"] = removed
        return kept

    def _asked_per_order(self, rule: Rule, location: Location) -> list[Any] | None:
        seen = SeenFrom(self.order, location, self.desk.now, self.distance)
        return None if rule.locations.holds(seen) else because(rule.locations.explain(seen))

    def _rank(
        self, rule: Rule, situation: Situation, kept: list[Location], noted: dict[str, Any]
    ) -> list[int]:
        values = [SELECTORS[name].value(situation) for name in rule.selectors]
        keyed = sorted([(*[value(location) for value in values], location.id) for location in kept])
        noted["ranked"] = [[key[-1], *[recording.plain(value) for value in key[:-1]]] for key in keyed]
        return [key[-1] for key in keyed]

    def _take(self, rule: Rule, taken: Taken) -> None:
        for index, location, quantity in taken:
            if location not in self.packages:
                self.packages[location] = {}
                self.shelf.open_package(location)
                if rule.quota_guarded:
                    self.guarded.add(location)
            items = self.packages[location]
            items[index] = items.get(index, Decimal(0)) + quantity
            self.shelf.take(location, self.lines[index].product_id, quantity)
            left = self.wanted[index] - quantity
            if left:
                self.wanted[index] = left
            else:
                del self.wanted[index]

    def _unknown(self) -> list[int]:
        return sorted(
            location_id
            for location_id in self.desk.view.unknown
            if (location := self.desk.view.locations.get(location_id)) is not None
            and any(self.desk.standing(rule, location) is None for rule in self.scenario.rules)
        )

    def _items(self, quantities: Mapping[int, Decimal]) -> tuple[tuple[int, int, Decimal], ...]:
        return tuple(
            (self.lines[i].item_id, self.lines[i].product_id, quantities[i]) for i in sorted(quantities)
        )

    def _result(self) -> Plan:
        several = len(self.packages) + bool(self.wanted) > 1
        state = self.scenario.initial_state_multiple if several else self.scenario.initial_state
        packages = [
            Package(
                location_id=location, state=state, items=self._items(items), guarded=location in self.guarded
            )
            for location, items in self.packages.items()
        ]
        if self.wanted:
            packages.append(
                Package(
                    location_id=self.scenario.default_location_id,
                    state=OUT_OF_STOCK,
                    items=self._items(self.wanted),
                )
            )
        unplaced = tuple((self.lines[i].item_id, quantity) for i, quantity in self.wanted.items())
        self.record["left"] = [[i, recording.said(quantity)] for i, quantity in self.wanted.items()]
        return Plan(
            order_id=self.order.id,
            packages=tuple(packages),
            transfers=(),
            unplaced=unplaced,
            hold=None,
            scenario_id=self.scenario.id,
            record=self.record,
        )


def _no_scenario(order: Order, refused: list[list[Any]]) -> Hold:
    if not refused:
        return Hold(code="no_scenario", message="No distribution scenario is active.")
    channel = order.properties.get("channel") or order.properties.get("channel_id")
    reasons = "; ".join(
        f"scenario {scenario_id}: {criterion} does not match" for scenario_id, criterion in refused
    )
    return Hold(
        code="no_scenario", message=f"No distribution scenario matches (channel {channel}): {reasons}."
    )
