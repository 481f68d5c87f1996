"""Where goods that are missing at a package's location come from: the transfer scenario at work."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ambar.oms.planning.domain.selectors import SELECTORS, Situation
from ambar.oms.planning.domain.splitting import Moved, Spent
from ambar.oms.planning.domain.standing import Ground
from ambar.oms.planning.domain.values import Line, Location
from ambar.oms.scenarios.domain.rules import TransferRule, TransferScenario


class Sourcing:
    """One rule of one order that may bring goods. `tried` says of every place and line why nothing was brought."""

    __slots__ = ("_ground", "_rules", "_situation", "scenario", "tried")

    def __init__(self, ground: Ground, scenario: TransferScenario, situation: Situation) -> None:
        self._ground, self.scenario, self._situation = ground, scenario, situation
        self._rules: dict[tuple[int, int], TransferRule | None] = {}
        self.tried: list[list[Any]] = []

    def find(self, index: int, location: int, missing: int, spent: Spent, mine: Spent) -> Moved:
        """Sources for all of `missing`, or nothing. A transfer completes a line; it never brings half of what is short."""
        rule = self._rule(index, self._ground.locations[location])
        if rule is None:
            self.tried.append([location, index, None, "no transfer rule"])
            return ()
        product = self._situation.lines[index].product_id
        left, moved = missing, []
        for source, have in self._sources(rule, index, location):
            free = have - spent.get((source, product), 0) - mine.get((source, product), 0)
            if free <= 0:
                continue
            part = min(left, free)
            moved.append((source, part))
            left -= part
            if not left:
                return tuple(moved)
        self.tried.append([location, index, rule.id, "short", missing - left, missing])
        return ()

    def _rule(self, index: int, location: Location) -> TransferRule | None:
        key = (index, location.id)
        if key not in self._rules:
            line = self._situation.lines[index]
            fitting = (
                rule
                for rule in self.scenario.rules
                if rule.locations.holds(location.properties) and fits(rule, line)
            )
            self._rules[key] = next(fitting, None)
        return self._rules[key]

    def _sources(self, rule: TransferRule, index: int, location: int) -> list[tuple[int, int]]:
        """`(source, available)` by the rule's selectors, sources without stock or refused before left out."""
        situation = self._situation
        at = self._ground.locations[location]
        line = situation.lines[index]
        column = situation.columns[line.product_id]
        places = [
            place
            for place in self._ground.sources(rule, situation.order, at, situation.now)
            if column.get(place.id, 0) > 0 and place.id not in line.excluded
        ]
        asked = replace(
            situation,
            wanted={index: situation.wanted[index]},
            columns={line.product_id: column},
            distances=self._ground.distances(at.latitude, at.longitude),
        )
        columns = [SELECTORS[name].value(asked, places) for name in rule.selectors]
        ids = [place.id for place in places]
        return [(key[-1], column[key[-1]]) for key in sorted(zip(*columns, ids, strict=True))]


def fits(rule: TransferRule, line: Line) -> bool:
    """Whether the rule is for this line's product."""
    if rule.product_mode == "all":
        return True
    return rule.products.holds(line.properties) == (rule.product_mode == "only")


def short_everywhere(situation: Situation) -> Sequence[list[int]]:
    """`[product, available, wanted]` of what all locations together don't have: no transfer completes these."""
    found = []
    for product, wanted in situation.demand.items():
        have = sum(situation.columns[product].values())
        if have < wanted:
            found.append([product, have, wanted])
    return found
