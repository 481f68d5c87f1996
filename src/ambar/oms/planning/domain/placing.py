"""One order on its way through the chain of rules of its scenario."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from ambar.oms.planning.domain import amounts, recording
from ambar.oms.planning.domain.choosing import choose
from ambar.oms.planning.domain.matching import choose_scenario
from ambar.oms.planning.domain.selectors import SELECTORS, Situation
from ambar.oms.planning.domain.shelf import Column, Shelf
from ambar.oms.planning.domain.sourcing import Sourcing, short_everywhere
from ambar.oms.planning.domain.splitting import Taken, Task
from ambar.oms.planning.domain.standing import Ground, Judged
from ambar.oms.planning.domain.values import Hold, Line, Location, Order, Package, Plan, Transfer, View
from ambar.oms.scenarios.domain.rules import (
    OUT_OF_STOCK,
    WAITING_FOR_TRANSFER,
    Rule,
    Rules,
    Scenario,
    TransferScenario,
)


class Desk(Protocol):
    """What an order's plan needs of the pass it is part of."""

    rules: Rules
    view: View
    now: datetime
    shelf: Shelf
    ground: Ground
    hand_overs: dict[int, str]


class OrderPlan:
    """The packages an order gets, filled rule by rule: `{location: {line: thousandths}}`, and what transfers bring."""

    __slots__ = (
        "brought", "desk", "guarded", "lines", "order", "packages", "record", "scenario", "shelf", "transfers",
        "wanted",
    )  # fmt: skip

    def __init__(self, desk: Desk, order: Order, scenario: Scenario, refused: list[list[Any]]) -> None:
        self.desk, self.shelf, self.order, self.scenario = desk, desk.shelf, order, scenario
        self.lines: tuple[Line, ...] = order.lines
        self.wanted = {i: amounts.thousandths(line.quantity) for i, line in enumerate(order.lines)}
        self.packages: dict[int, dict[int, int]] = {}
        self.brought: dict[tuple[int, int], dict[int, int]] = {}
        self.guarded: set[int] = set()
        self.transfers: tuple[TransferScenario | None, list[list[Any]]] | None = None
        self.record = recording.begin(
            order, scenario, refused, desk.shelf, desk.view, desk.ground, desk.rules
        )

    def run(self) -> Plan | tuple[Hold, Mapping[str, Any]]:
        """The plan, or why the order has to wait and what was found until then."""
        for rule in self.scenario.rules:
            if not self.wanted:
                break
            self._apply(rule)
        if self.wanted and (unknown := self._unknown()):
            places = self.desk.ground.locations
            names = ", ".join(str(places[one].properties.get("name") or f"#{one}") for one in unknown)
            message = f"No fresh figure from the stock service of {names}."
            return Hold(code="stock_unknown", message=message, pending=True), self.record
        return self._result()

    def _apply(self, rule: Rule) -> None:
        lines = self._lines_of(rule)
        noted: dict[str, Any] = {"rule": rule.id, "lines": lines, "by": list(rule.selectors)}
        self.record["rules"].append(noted)
        if not lines:
            return
        situation = self._situation(lines)
        bring = self._sourcing(rule, situation, noted)
        places = self._keep(rule, situation, noted, every=bring is not None)
        keyed = _rank(rule, situation, places, noted)
        policy = rule.split
        if rule.split_above is not None and self.order.amount < rule.split_above:
            policy = "whole_order"
        noted["split"] = policy
        if bring is not None and policy == "whole_order" and (short := short_everywhere(situation)):
            noted["transfers"]["short"], bring = short, None
        task = Task(
            lines=self.lines,
            wanted=situation.wanted,
            columns=situation.columns,
            ranked=[key[-1] for key in keyed],
            opened=situation.opened,
            room=None if rule.max_packages is None else max(0, rule.max_packages - len(self.packages)),
            bring=bring,
        )
        taken = choose(rule, policy, task, situation, keyed, noted)
        if bring is not None and bring.tried:
            noted["transfers"]["tried"] = bring.tried
        self._take(rule, taken, noted)

    def _lines_of(self, rule: Rule) -> list[int]:
        if rule.product_mode == "all":
            return list(self.wanted)
        wanted = rule.product_mode == "only"
        return [i for i in self.wanted if rule.products.holds(self.lines[i].properties) == wanted]

    def _situation(self, lines: Sequence[int]) -> Situation:
        desk, order = self.desk, self.order
        demand: dict[int, int] = {}
        columns: dict[int, Column] = {}
        for i in lines:
            product = self.lines[i].product_id
            demand[product] = demand.get(product, 0) + self.wanted[i]
            columns[product] = self.shelf.at(product)
        return Situation(
            order=order,
            lines=self.lines,
            wanted={i: self.wanted[i] for i in lines},
            demand=demand,
            columns=columns,
            shelf=self.shelf,
            opened=frozenset(self.packages),
            now=desk.now,
            distances=desk.ground.distances(order.latitude, order.longitude),
            rates=lambda: desk.ground.rates(order),
            reliability=desk.view.reliability,
            hand_overs=desk.hand_overs,
        )

    def _sourcing(self, rule: Rule, situation: Situation, noted: dict[str, Any]) -> Sourcing | None:
        """What may bring missing goods, when the rule allows it and a transfer scenario matches the order."""
        if not rule.transferable:
            return None
        if self.transfers is None:
            self.transfers = choose_scenario(self.order, self.desk.rules.transfers)
        scenario, refused = self.transfers
        noted["transfers"] = {"scenario": None if scenario is None else scenario.id}
        if refused:
            noted["transfers"]["asked"] = refused
        return None if scenario is None else Sourcing(self.desk.ground, scenario, situation)

    def _keep(
        self, rule: Rule, situation: Situation, noted: dict[str, Any], *, every: bool
    ) -> Sequence[Location]:
        """The locations nothing removes, of those with any stock of the rule's products (`every`: of all)."""
        judged = self.desk.ground.judged(rule, self.order, self.desk.now)
        places: Sequence[Location] = judged.kept
        removed = judged.removed
        if not every and not _stocked_everywhere(situation, self.desk.ground):
            seen = {
                location
                for column in situation.columns.values()
                for location, have in column.items()
                if have > 0
            }
            places = [place for place in places if place.id in seen]
            removed = _removed_of(judged, seen)
        for name in rule.selectors:
            drop = SELECTORS[name].drop
            if drop is not None and (reasons := drop(situation, places)) is not None:
                pairs = list(zip(places, reasons, strict=True))
                dropped = [[place.id, *reason] for place, reason in pairs if reason is not None]
                removed = sorted([*removed, *dropped], key=lambda entry: entry[0])
                places = [place for place, reason in pairs if reason is None]
        noted["removed"] = removed
        return places

    def _take(self, rule: Rule, taken: Taken, noted: dict[str, Any]) -> None:
        moves = []
        for index, location, count, moved in taken:
            items = self.packages.get(location)
            if items is None:
                items = self.packages[location] = {}
                self.shelf.open_package(location)
                if rule.quota_guarded:
                    self.guarded.add(location)
            items[index] = items.get(index, 0) + count
            product = self.lines[index].product_id
            own = count
            for source, amount in moved:
                own -= amount
                self.shelf.take(source, product, amount)
                way = self.brought.setdefault((source, location), {})
                way[index] = way.get(index, 0) + amount
                moves.append([index, location, source, amount])
            if own:
                self.shelf.take(location, product, own)
            left = self.wanted[index] - count
            if left:
                self.wanted[index] = left
            else:
                del self.wanted[index]
        noted["took"] = [[index, location, count] for index, location, count, _ in taken]
        if moves:
            noted["moved"] = moves

    def _unknown(self) -> list[int]:
        """Locations without a fresh figure that could have given something."""
        ground, found = self.desk.ground, []
        brings = bool(self.desk.rules.transfers) and any(rule.transferable for rule in self.scenario.rules)
        for location_id in sorted(self.desk.view.unknown):
            location = ground.locations.get(location_id)
            if location is None:
                continue
            source = brings and location.is_active and location.properties.get("is_transfer_location")
            if source or any(self._stands(rule, location_id) for rule in self.scenario.rules):
                found.append(location_id)
        return found

    def _stands(self, rule: Rule, location_id: int) -> bool:
        judged = self.desk.ground.judged(rule, self.order, self.desk.now)
        return location_id not in judged.removed_ids

    def _items(self, counts: Mapping[int, int]) -> tuple[tuple[int, int, Decimal], ...]:
        lines = self.lines
        return tuple(
            (lines[i].item_id, lines[i].product_id, _quantity(lines[i], counts[i])) for i in sorted(counts)
        )

    def _result(self) -> Plan:
        several = len(self.packages) + bool(self.wanted) > 1
        state = self.scenario.initial_state_multiple if several else self.scenario.initial_state
        waiting = {location for _, location in self.brought}
        packages = [
            Package(
                location_id=location,
                state=WAITING_FOR_TRANSFER if location in waiting else state,
                items=self._items(items),
                guarded=location in self.guarded,
            )
            for location, items in self.packages.items()
        ]
        if self.wanted:
            items = self._items(self.wanted)
            default = self.scenario.default_location_id
            packages.append(Package(location_id=default, state=OUT_OF_STOCK, items=items))
        self.record["left"] = [[i, count] for i, count in self.wanted.items()]
        return Plan(
            order_id=self.order.id,
            packages=tuple(packages),
            transfers=tuple(
                Transfer(source_id=source, destination_id=location, items=self._items(items))
                for (source, location), items in self.brought.items()
            ),
            unplaced=tuple(
                (self.lines[i].item_id, _quantity(self.lines[i], count)) for i, count in self.wanted.items()
            ),
            hold=None,
            scenario_id=self.scenario.id,
            record=self.record,
        )


def _quantity(line: Line, count: int) -> Decimal:
    whole = line.quantity
    return whole if whole * amounts.SCALE == count else amounts.quantity(count)


def _stocked_everywhere(situation: Situation, ground: Ground) -> bool:
    """Whether one product alone shows that every location has something."""
    return any(
        len(column) >= len(ground.ids) and min(column.values(), default=0) > 0
        for column in situation.columns.values()
    )


def _removed_of(judged: Judged, seen: set[int]) -> list[list[Any]]:
    """What was removed of the locations with stock, and those with stock that are not known at all."""
    return [entry for entry in judged.removed if entry[0] in seen]


def _rank(
    rule: Rule, situation: Situation, places: Sequence[Location], noted: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """The locations best first, as (selector values..., id)."""
    columns = [SELECTORS[name].value(situation, places) for name in rule.selectors]
    keyed = sorted(zip(*columns, [place.id for place in places], strict=False))
    noted["ranked"] = [key[-1] for key in keyed]
    noted["values"] = [list(values) for values in list(zip(*keyed, strict=False))[:-1]]
    return keyed
