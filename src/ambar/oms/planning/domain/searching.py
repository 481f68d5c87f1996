"""The exact search over sets of locations: fewest packages, least cost, or the best-ranked set that gives everything.

Depth first, best-ranked locations first, so the first of equals is the one to keep; a bound from each condition cuts what
can't be completed. It stops at `NODES` looked-at sets: the best found so far stands and the note says so.
Source: `docs/decisions/0023-exact-search.md`.
"""

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ambar.oms.planning.domain.covering import Allocation, Condition, Cover
from ambar.oms.planning.domain.selectors.by_cost import money

NODES = 5_000
FINE = 1_000_000


Best = tuple[int, int, Allocation]


class Spent(Exception):
    """The node budget is used up."""


@dataclass(slots=True, kw_only=True)
class Costs:
    """Of every place: what a package costs, what a weight unit costs there; of every line, how heavy a thousandth is."""

    parcel: dict[int, int]
    per_gram: dict[int, int]
    weight: dict[int, int]


@dataclass(slots=True, kw_only=True)
class Found:
    """`taken` None: no set gives everything (or none was found in time). `note` goes to the record."""

    taken: Allocation | None
    note: dict[str, Any] = field(default_factory=dict)


def _free(_: int) -> int:
    return 0


class Search:
    """One search over one cover, at most `room` new places."""

    def __init__(
        self,
        cover: Cover,
        room: int | None,
        costs: Costs | None,
        known: Allocation | None,
        budget: int,
        fewest_first: bool = False,
    ) -> None:
        """`known` is a way that gives everything, found otherwise: nothing worse is looked at. `fewest_first`: the number
        of packages goes before their cost.
        """
        self.fewest_first = fewest_first
        self.cover, self.costs, self.budget = cover, costs, budget
        self.count = len(cover.places)
        self.room = self.count if room is None else min(room, self.count)
        self.nodes = 0
        self.best: Best | None = None
        self.known = known
        self._ceiling: int | None = None
        self._parcels = [0 if costs is None else costs.parcel[place] for place in cover.places]
        self.conditions = [*cover.conditions, *_together(cover.conditions)]
        self._improve()
        if costs is not None:
            self._price(costs)
        self._tops: list[list[list[int]]] = []

    def _improve(self) -> None:
        """A better way than the known one, by always adding the place that helps most for what it costs."""
        needs = [condition.need for condition in self.cover.conditions]
        chosen: list[int] = []
        while any(need > 0 for need in needs) and len(chosen) < self.room:
            helps = [
                sum(
                    min(condition.amounts[place], need) / condition.need
                    for condition, need in zip(self.cover.conditions, needs, strict=True)
                    if need > 0
                )
                / (1 + self._parcels[place])
                for place in range(self.count)
            ]
            place = max(range(self.count), key=helps.__getitem__)
            if helps[place] <= 0:
                return
            chosen.append(place)
            needs = [
                need - one.amounts[place] for need, one in zip(needs, self.cover.conditions, strict=True)
            ]
        if any(need > 0 for need in needs):
            return
        places = [self.cover.places[place] for place in sorted(chosen)]
        found = self.cover.allocate(places, self._per_unit())
        if found is not None and (self.known is None or self._worth(found) < self._worth(self.known)):
            self.known = found

    def _worth(self, allocation: Allocation) -> tuple[int, int]:
        cost, packages = self._key(allocation)
        return (packages, cost) if self.fewest_first else (cost, packages)

    def _price(self, costs: Costs) -> None:
        load = sum(
            costs.weight[index] * count for goods in self.cover.goods for index, count in goods.wanted.items()
        )
        per_gram = [costs.per_gram[place] for place in (*self.cover.opened, *self.cover.places)]
        self._least = load * min(per_gram, default=0)
        if self.known is not None and not self.fewest_first:
            self._ceiling = self._cost(self.known)
            parcel = min(self._parcels, default=0)
            if parcel:
                self.room = min(self.room, (self._ceiling - self._least) // parcel)
        self._cheapest = _tops([-parcel for parcel in self._parcels], self.room)

    def _packages(self, allocation: Allocation) -> int:
        """How many new places an allocation uses."""
        return len({place for _, place, _ in allocation}.difference(self.cover.opened))

    def _key(self, allocation: Allocation) -> tuple[int, int]:
        return self._cost(allocation), self._packages(allocation)

    def _per_unit(self) -> Callable[[int], int]:
        return _free if self.costs is None else self.costs.per_gram.__getitem__

    def fewest(self) -> Found:
        """As few new places as can be; of those sets the cheapest where there are costs, then the best-ranked."""
        if self.known is not None:
            self.room = min(self.room, self._packages(self.known))
        self._bound()
        try:
            for size in range(self._at_least(), self.room + 1):
                self._pick(0, size, [condition.need for condition in self.conditions], [])
                if self.best is not None:
                    break
        except Spent:
            return self._found(spent=True)
        return self._found()

    def best_ranked(self) -> Found:
        """The set whose best place ranks first, then its second best, and so on."""
        self._bound()
        try:
            self._grow(0, [condition.need for condition in self.conditions], [])
        except Spent:
            return self._found(spent=True)
        return self._found()

    def cheapest(self) -> Found:
        """The least total cost; of equals the fewest packages, then the best-ranked."""
        self._bound()
        try:
            self._buy(0, [condition.need for condition in self.conditions], [], 0)
        except Spent:
            return self._found(spent=True)
        return self._found()

    def _bound(self) -> None:
        self._tops = [_tops(condition.amounts, self.room) for condition in self.conditions]

    def _found(self, *, spent: bool = False) -> Found:
        note: dict[str, Any] = {"nodes": self.nodes}
        taken = None if self.best is None else self.best[2]
        if spent:
            note["spent"] = self.budget
            if taken is None:
                taken = self.known
        if taken is not None:
            note["packages"] = len({place for _, place, _ in taken})
            if self.costs is not None:
                note["cost"] = money(self._cost(taken))
        return Found(taken=taken, note=note)

    def _visit(self) -> None:
        self.nodes += 1
        if self.nodes > self.budget:
            raise Spent

    def _at_least(self) -> int:
        """No smaller number of places can meet every condition."""
        least = 0
        for tops, condition in zip(self._tops, self.conditions, strict=True):
            if not tops or tops[0][-1] < condition.need:
                return self.room + 1
            least = max(least, next(size for size, top in enumerate(tops[0]) if top >= condition.need))
        return least

    def _reachable(self, start: int, size: int, needs: Sequence[int]) -> bool:
        """Whether `size` places from `start` on could meet what is left of every condition, each on its own."""
        for tops, need in zip(self._tops, needs, strict=True):
            if need > 0:
                row = tops[start]
                if row[min(size, len(row) - 1)] < need:
                    return False
        return True

    def _less(self, place: int, needs: Sequence[int]) -> list[int]:
        return [
            need - condition.amounts[place] for need, condition in zip(needs, self.conditions, strict=True)
        ]

    def _pick(self, start: int, size: int, needs: list[int], chosen: list[int]) -> bool:
        """Sets of exactly `size` more places; True when the search may stop (no costs to compare)."""
        if size == 0:
            return all(need <= 0 for need in needs) and self._offer(chosen) and self.costs is None
        for place in range(start, self.count - size + 1):
            self._visit()
            if not self._reachable(place, size, needs):
                return False
            left = self._less(place, needs)
            if size > 1 and not self._reachable(place + 1, size - 1, left):
                continue
            if self._too_dear([*chosen, place], place + 1, size - 1):
                continue
            if self._pick(place + 1, size - 1, left, [*chosen, place]):
                return True
        return False

    def _grow(self, start: int, needs: list[int], chosen: list[int]) -> bool:
        if all(need <= 0 for need in needs) and self._offer(chosen):
            return True
        room = self.room - len(chosen)
        for place in range(start, self.count if room > 0 else start):
            self._visit()
            if not self._reachable(place, room, needs):
                return False
            left = self._less(place, needs)
            helps = any(need > 0 and less < need for need, less in zip(needs, left, strict=True))
            if (helps or all(need <= 0 for need in needs)) and self._grow(place + 1, left, [*chosen, place]):
                return True
        return False

    def _buy(self, start: int, needs: list[int], chosen: list[int], parcels: int) -> None:
        if all(need <= 0 for need in needs):
            self._offer(chosen)
        if len(chosen) == self.room:
            return
        for place in range(start, self.count):
            self._visit()
            if not self._reachable(place, self.room - len(chosen), needs):
                return
            if self._too_dear([*chosen, place], place + 1, 0):
                continue
            left = self._less(place, needs)
            more = self._more_needed(place + 1, left)
            if more is None or self._too_dear([*chosen, place], place + 1, more):
                continue
            self._buy(place + 1, left, [*chosen, place], parcels + self._parcels[place])

    def _more_needed(self, start: int, needs: Sequence[int]) -> int | None:
        """At least how many more places from `start` on; None when all of them are not enough."""
        least = 0
        for tops, need in zip(self._tops, needs, strict=True):
            if need > 0:
                row = tops[start]
                size = next((size for size, top in enumerate(row) if top >= need), None)
                if size is None:
                    return None
                least = max(least, size)
        return least

    def _too_dear(self, chosen: Sequence[int], start: int, more: int) -> bool:
        """Whether no set that begins with `chosen` and takes `more` places can be cheaper than the best known."""
        if self.costs is None or (self.best is None and self._ceiling is None):
            return False
        further = 0
        if more:
            row = self._cheapest[start]
            if more >= len(row):
                return True
            further = -row[more]
        least = sum(self._parcels[place] for place in chosen) + further + self._least
        if self.best is None:
            return self._ceiling is not None and least > self._ceiling
        return (least, len(chosen) + more) >= self.best[:2]

    def _offer(self, chosen: Sequence[int]) -> bool:
        """Take the set as the best known when it gives everything and is cheaper."""
        places = [self.cover.places[place] for place in chosen]
        allocation = self.cover.allocate(places, self._per_unit())
        if allocation is None:
            return False
        key = self._key(allocation)
        if self.best is None or key < self.best[:2]:
            self.best = (*key, allocation)
        return True

    def _cost(self, allocation: Allocation) -> int:
        if self.costs is None:
            return 0
        costs = self.costs
        used = {place for _, place, _ in allocation}
        parcels = sum(costs.parcel[place] for place in used if place not in self.cover.opened)
        return parcels + sum(
            costs.per_gram[place] * costs.weight[line] * count for line, place, count in allocation
        )


def _together(conditions: Sequence[Condition]) -> list[Condition]:
    """What follows from all conditions at once: a place's shares of every need must add up to their number. Once with
    all needs alike, once with those that few places meet weighing more.
    """
    if len(conditions) < 2:
        return []
    rarity = [max(1, sum(amount > 0 for amount in one.amounts)) for one in conditions]
    found = []
    for weights in ([1] * len(conditions), [max(1, 60 // rare) for rare in rarity]):
        amounts = [
            sum(
                weight * (min(one.amounts[place], one.need) * FINE // one.need + 1)
                for one, weight in zip(conditions, weights, strict=True)
                if one.amounts[place]
            )
            for place in range(len(conditions[0].amounts))
        ]
        found.append(Condition(amounts=amounts, need=sum(weights) * FINE))
    return found


def _tops(amounts: Sequence[int], limit: int) -> list[list[int]]:
    """`[start][size]`: the most that `size` places from `start` on can give together, up to `limit` places."""
    found: list[list[int]] = [[0]]
    kept: list[int] = []
    for amount in reversed(amounts):
        insort(kept, amount)
        row = [0]
        if len(kept) > limit:
            del kept[0]
        for one in reversed(kept):
            row.append(row[-1] + one)
        found.append(row)
    return found[::-1]
