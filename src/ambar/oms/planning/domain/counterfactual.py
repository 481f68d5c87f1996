"""What would have had to be different for another location to win: found by trying, so that what is said is true.

Every candidate change is made to the world the order was planned in and the order is planned again by the same function;
the smallest number that makes the location win is kept. Worked out when somebody reads a decision, never while planning.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ambar.kit.conditions import Verdict
from ambar.oms.planning.domain.amounts import SCALE, said
from ambar.oms.planning.domain.changes import Change, World, apply_change, leaf_at, say
from ambar.oms.planning.domain.engine import plan as plan_one
from ambar.oms.planning.domain.matching import SeenFrom
from ambar.oms.planning.domain.selectors.by_reliability import ENOUGH
from ambar.oms.planning.domain.shelf import Shelf
from ambar.oms.planning.domain.standing import ground_of
from ambar.oms.planning.domain.values import Location, Order, Plan, View
from ambar.oms.scenarios.domain.fields import LOCATION, ORDER_BOUND
from ambar.oms.scenarios.domain.rules import OUT_OF_STOCK, Rule, Rules, Scenario

MOST_LOCATIONS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """The smallest single change by which `location` wins `line` (an index; None: every line that was placed).

    `change` None: no one change does it, or none of those tried (see `changes`).
    """

    location: int
    line: int | None
    change: Change | None

    def as_data(
        self, *, locations: Mapping[int, str] | None = None, products: Mapping[int, str] | None = None
    ) -> dict[str, Any]:
        """For the wire: location, line, change, and the sentence in both languages with the names given."""

        def sentence(language: str) -> str:
            labels = {field.name: field.words(language) for field in LOCATION}
            return say(self.change, language, locations=locations, products=products, fields=labels)

        return {
            "location": self.location,
            "line": self.line,
            "change": None if self.change is None else dict(self.change),
            "sentence": {language: sentence(language) for language in ("en", "tr")},
        }


def winners(plan: Plan, order: Order) -> dict[int, int]:
    """`{line index: the location that gives most of it}`; lines that are out of stock are absent."""
    most: dict[int, tuple[Decimal, int]] = {}
    index_of = {line.item_id: index for index, line in enumerate(order.lines)}
    for package in plan.packages:
        if package.state == OUT_OF_STOCK:
            continue
        for item, _, quantity in package.items:
            index = index_of[item]
            if index not in most or quantity > most[index][0]:
                most[index] = (quantity, package.location_id)
    return {index: location for index, (_, location) in most.items()}


def wins(plan: Plan, order: Order, location: int, lines: Iterable[int]) -> bool:
    """Whether `location` gives most of every one of `lines`."""
    won = winners(plan, order)
    return all(won.get(index) == location for index in lines)


def counterfactuals(
    order: Order,
    rules: Rules,
    view: View,
    now: datetime,
    *,
    plan: Plan | None = None,
    locations: Sequence[int] | None = None,
    line: int | None = None,
    seed: int = 0,
) -> list[Counterfactual]:
    """For each runner-up (or each of `locations`) how it would have won `line`; without `line` every line that was placed,
    or else the first line it can win. `view` is what the order saw (`recording.seen_by`).
    """
    made = plan or plan_one(order, rules, view, now, seed)
    scenario = None if made.scenario_id is None else rules.scenario(made.scenario_id)
    if scenario is None:
        return []
    won = winners(made, order)
    whole = sorted(won) or list(range(len(order.lines)))
    targets = [(line, [line])] if line is not None else [(None, whole), *((one, [one]) for one in whole)]
    asked = runners_up(made) if locations is None else locations
    found = []
    for location in asked:
        if location not in view.locations:
            continue
        if all(won.get(index) == location for index in targets[0][1]):
            continue
        trial = Trial((order, rules, view), scenario, location, now, seed)
        found.append(_first(trial, targets))
    return found


def _first(trial: "Trial", targets: Sequence[tuple[int | None, Sequence[int]]]) -> Counterfactual:
    for name, lines in targets:
        if name is not None and wins(trial.plan, trial.order, trial.location, lines):
            continue
        change = trial.smallest(lines)
        if change is not None:
            return Counterfactual(location=trial.location, line=name, change=change)
    return Counterfactual(location=trial.location, line=targets[0][0], change=None)


def runners_up(plan: Plan) -> list[int]:
    """Locations that were ranked or removed, the best-ranked first, at most `MOST_LOCATIONS`."""
    noted = plan.record.get("rules", [])
    ranked = [location for rule in noted for location in rule.get("ranked", [])]
    removed = [entry[0] for rule in noted for entry in rule.get("removed", [])]
    return list(dict.fromkeys([*ranked, *removed]))[:MOST_LOCATIONS]


class Trial:
    """One location trying to win in one world."""

    __slots__ = ("location", "now", "order", "plan", "scenario", "seed", "shelf", "world")

    def __init__(self, world: World, scenario: Scenario, location: int, now: datetime, seed: int) -> None:
        self.world, self.scenario, self.location, self.now, self.seed = world, scenario, location, now, seed
        self.order = world[0]
        self.shelf = Shelf(world[2])
        self.plan = plan_one(*world, now, seed)

    @property
    def place(self) -> Location:
        return self.world[2].locations[self.location]

    def smallest(self, lines: Sequence[int]) -> Change | None:
        """The first kind of change that works, at its smallest."""
        for change in self._levers(lines):
            if change is not None:
                return change
        return None

    def works(self, change: Change, lines: Sequence[int]) -> bool:
        order, rules, view = apply_change(*self.world, change)
        return wins(plan_one(order, rules, view, self.now, self.seed), order, self.location, lines)

    def _levers(self, lines: Sequence[int]) -> Iterator[Change | None]:
        place = self.place
        for flag, kind in (("is_active", "activate"), ("is_fulfillment_center", "packaging_centre")):
            if not getattr(place, flag):
                yield self._tried({"kind": kind, "location": place.id}, lines)
                return
        yield from self._exclusions(lines)
        for rule in self.scenario.rules:
            yield from self._conditions(rule, lines)
        asked = list(dict.fromkeys(name for rule in self.scenario.rules for name in rule.selectors))
        if "SELECT_BY_QUOTA" in asked:
            yield self._quota(lines)
        yield from self._stock(lines, total="SELECT_BY_STOCK" in asked)
        if "SELECT_BY_PRIORITY" in asked:
            yield self._priority(lines)
        if "SELECT_BY_EXIT_TIME" in asked:
            yield self._minutes(lines)
        if "SELECT_BY_RELIABILITY" in asked:
            yield self._refusals(lines)

    def _tried(self, change: Change, lines: Sequence[int]) -> Change | None:
        return change if self.works(change, lines) else None

    def _exclusions(self, lines: Sequence[int]) -> Iterator[Change | None]:
        for index in lines:
            line = self.order.lines[index]
            why = line.excluded.get(self.location)
            if why is not None:
                change = {"kind": "exclusion", "location": self.location, "item": line.item_id, "why": why}
                yield self._tried(change, lines)

    def _conditions(self, rule: Rule, lines: Sequence[int]) -> Iterator[Change | None]:
        """Each leaf of the rule's location condition that said no: its limit moved, its list extended, or the property."""
        if rule.locations.is_empty:
            return
        ground = ground_of(self.world[1], self.world[2].locations)
        distances = ground.distances(self.order.latitude, self.order.longitude)
        verdict = rule.locations.explain(SeenFrom(self.order, self.place, self.now, distances))
        if verdict.holds:
            return
        for leaf in verdict.decisive():
            change = None if leaf.holds else self._of_leaf(rule, leaf)
            if change is not None:
                yield self._tried(change, lines)

    def _of_leaf(self, rule: Rule, leaf: Verdict) -> Change | None:
        change = {"location": self.location, "rule": rule.id, "path": leaf.path, "field": leaf.field}
        change |= {"op": leaf.op, "from": leaf_at(rule.locations.source, leaf.path).get("value")}
        actual = leaf.actual
        if leaf.op in STRETCH and isinstance(actual, (int, float)) and not isinstance(actual, bool):
            return {**change, "kind": "limit", "to": STRETCH[leaf.op](actual)}
        if leaf.op == "in" and isinstance(actual, (int, str)):
            return {**change, "kind": "allow", "to": [*leaf.value, actual]}
        if leaf.field in ORDER_BOUND or leaf.op not in ("eq", "contains", "any_of"):
            return None
        to = leaf.value
        if leaf.op != "eq":
            wanted = leaf.value[0] if leaf.op == "any_of" else leaf.value
            to = [*(actual or []), wanted] if not isinstance(actual, str) else wanted
        changed = {"kind": "property", "location": self.location, "field": leaf.field}
        return {**changed, "from": actual, "to": to}

    def _quota(self, lines: Sequence[int]) -> Change | None:
        used = self.shelf.used
        mine = used.get(self.location, 0)
        free = (
            place.max_quota - used.get(place.id, 0)
            for place in self.world[2].locations.values()
            if place.max_quota is not None
        )
        before = self.place.max_quota
        low = max(mine, -1 if before is None else before) + 1
        return self._least(
            lambda n: {"kind": "quota", "location": self.location, "from": before, "to": n},
            lines,
            low,
            low + mine + max(free, default=0) + 1,
        )

    def _stock(self, lines: Sequence[int], *, total: bool) -> Iterator[Change | None]:
        """More of one product: what is short here, or, where the fullest wins, more than anybody has."""
        demand: dict[int, int] = {}
        for line in self.order.lines:
            demand[line.product_id] = demand.get(line.product_id, 0) + int(line.quantity * SCALE)
        have = {product: self.shelf.at(product).get(self.location, 0) for product in demand}
        mine = {self.order.lines[index].product_id for index in lines}
        short = [product for product in demand if have[product] < demand[product] and product in mine]
        more = max(demand.values()) + (self._fullest() if total else 0)
        for product in short or (sorted(mine)[:1] if total else []):
            step = self._step(product, demand[product])
            yield self._least(
                lambda n, product=product, step=step: self._stocked(product, have[product], n * step),  # type: ignore[misc]
                lines,
                1,
                max(1, -(-more // step)),
            )

    def _fullest(self) -> int:
        """The most that any location has of the order's products together."""
        columns = [self.shelf.at(product) for product in {line.product_id for line in self.order.lines}]
        places = {place for column in columns for place in column}
        return max((sum(column.get(place, 0) for column in columns) for place in places), default=0)

    def _stocked(self, product: int, have: int, more: int) -> Change:
        return {
            "kind": "stock",
            "location": self.location,
            "product": product,
            "from": said(max(0, have)),
            "to": said(max(0, have) + more),
            "more": said(more),
        }

    def _step(self, product: int, wanted: int) -> int:
        """Whole units where everything is whole, thousandths otherwise."""
        whole = all(have % SCALE == 0 for have in self.shelf.at(product).values()) and wanted % SCALE == 0
        return SCALE if whole else 1

    def _priority(self, lines: Sequence[int]) -> Change | None:
        before = self.place.priority
        others = [place.priority for place in self.world[2].locations.values() if place.id != self.location]
        lowest = min([before, *others]) - 1
        return self._least(
            lambda n: {"kind": "priority", "location": self.location, "from": before, "to": before - n},
            lines,
            1,
            before - lowest,
        )

    def _minutes(self, lines: Sequence[int]) -> Change | None:
        before = int(self.place.properties.get("targeted_packaging_minutes") or 0)
        if before <= 0:
            return None
        return self._least(
            lambda n: {
                "kind": "packaging_minutes", "location": self.location, "from": before, "to": before - n
            },
            lines,
            1,
            before,
        )  # fmt: skip

    def _refusals(self, lines: Sequence[int]) -> Change | None:
        refused, packages = self.world[2].reliability.get(self.location, (0, 0))
        if packages < ENOUGH or refused <= 0:
            return None
        change = {"kind": "refusals", "location": self.location, "from": refused, "packages": packages}
        return self._least(lambda n: {**change, "to": refused - n}, lines, 1, refused)

    def _least(
        self, change: Callable[[int], Change], lines: Sequence[int], low: int, high: int
    ) -> Change | None:
        """The smallest n of `low..high` whose change works, given that more never hurts; None when `high` doesn't do."""
        if high < low or not self.works(change(high), lines):
            return None
        step = 1
        while low + step - 1 < high:
            reached = low + step - 1
            if self.works(change(reached), lines):
                high = reached
                break
            low, step = reached + 1, step * 2
        while low < high:
            middle = (low + high) // 2
            if self.works(change(middle), lines):
                high = middle
            else:
                low = middle + 1
        return change(high)


STRETCH: dict[str, Callable[[Any], Any]] = {
    "lte": lambda actual: actual,
    "gte": lambda actual: actual,
    "lt": lambda actual: actual + 1 if isinstance(actual, int) else round(actual + 0.1, 1),
    "gt": lambda actual: actual - 1 if isinstance(actual, int) else round(actual - 0.1, 1),
}
