"""The exact search over sets of locations: fewest packages, least cost, or the best-ranked set that gives everything.

It branches on the need that the fewest places meet; whatever can't be completed or can't be good enough by the bound is
cut. First the value of the best is found, then, place by place in rank order, the best-ranked set of that value.
It stops at `NODES` looked-at sets: the best found so far stands and the note says so.
Source: `docs/decisions/0023-exact-search.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ambar.oms.planning.domain.bounding import bound, nothing
from ambar.oms.planning.domain.covering import Allocation, Cover
from ambar.oms.planning.domain.reaching import Needs, stand_ins

NODES = 5_000
PACKAGE = 1 << 40


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
    """One search over one cover, at most `room` new places. Places are positions in `cover.places`, sets of them bits."""

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
        self.cover, self.costs, self.known, self.budget = cover, costs, known, budget
        self.fewest_first = fewest_first
        self.count = len(cover.places)
        self.room = self.count if room is None else min(room, self.count)
        self.nodes = 0
        self.best: Allocation | None = None
        self._position = {place: at for at, place in enumerate(cover.places)}
        self._settled = cover.settled
        self._parcels = [0 if costs is None else costs.parcel[place] for place in cover.places]
        self._improve()
        if fewest_first and self.known is not None:
            self.room = min(self.room, self._packages(self.known))
        self._needs = Needs(cover.conditions, self.count, self.room)
        self._packing, self._paying = nothing(self.count), nothing(self.count)
        self._most = self.count * PACKAGE
        self._improving = False
        self._goal: int | None = None
        self._ordered: dict[int, list[int]] = {}
        self._stand_ins = [0] * self.count

    # A better way than the one given, by always adding the place that helps most for what it costs.

    def _improve(self) -> None:
        conditions = self.cover.conditions
        needs = [condition.need for condition in conditions]
        chosen: list[int] = []
        while any(need > 0 for need in needs) and len(chosen) < self.room:
            helps = [0.0] * self.count
            for condition, need in zip(conditions, needs, strict=True):
                if need > 0:
                    whole = condition.need
                    for place, amount in enumerate(condition.amounts):
                        if amount:
                            helps[place] += (amount if amount < need else need) / whole
            helps = [one / (1 + parcel) for one, parcel in zip(helps, self._parcels, strict=True)]
            place = max(range(self.count), key=helps.__getitem__, default=None)
            if place is None or helps[place] <= 0:
                return
            chosen.append(place)
            needs = [need - one.amounts[place] for need, one in zip(needs, conditions, strict=True)]
        if any(need > 0 for need in needs):
            return
        found = self._allocate(sum(1 << place for place in chosen))
        if found is not None and (self.known is None or self._worth(found) < self._worth(self.known)):
            self.known = found

    def _worth(self, allocation: Allocation) -> tuple[int, int]:
        cost, packages = self._cost(allocation), self._packages(allocation)
        return (packages, cost) if self.fewest_first else (cost, packages)

    # What is asked for.

    def fewest(self) -> Found:
        """As few new places as can be; of those sets the cheapest where there are costs, then the best-ranked."""
        return self._searched(self._fewest)

    def cheapest(self) -> Found:
        """The least total cost; of equals the fewest packages, then the best-ranked."""
        return self._searched(self._cheapest)

    def best_ranked(self) -> Found:
        """The set whose best place ranks first, then its second best, and so on."""
        return self._searched(self._best_ranked)

    def _searched(self, search: Callable[[], None]) -> Found:
        try:
            search()
        except Spent:
            return self._found(spent=True)
        return self._found()

    def _fewest(self) -> None:
        least = self._needs.at_least()
        if least is None:
            return
        self._replace()
        self._pack()
        least = max(least, -(-self._packing.least // PACKAGE))
        some = None
        for size in range(least, self.room + 1):
            if self.known is not None and size == self._packages(self.known):
                some = self._used(self.known)
            else:
                some = self._seek(size)
            if some is not None:
                self.room = size
                break
        if some is None:
            return
        if self.costs is None:
            self.best = self._allocate(some)
            self._rank(some)
        else:
            self.known = self._allocate(some)
            self._buy()

    def _cheapest(self) -> None:
        if self._needs.at_least() is None:
            return
        self._replace()
        if self.room < self.count:
            self._pack()
        self._buy()

    def _best_ranked(self) -> None:
        if self._needs.at_least() is None:
            return
        self._replace()
        self._pack()
        some = self._seek(self.room)
        if some is not None:
            self.best = self._allocate(some)
            self._rank(some)

    def _buy(self) -> None:
        """The cheapest within `room`, then the best-ranked of its cost."""
        self._price()
        self._ordered.clear()
        self._most = self.room * PACKAGE
        if self.known is not None:
            self.best, self._goal = self.known, self._value(self.known) - 1
        else:
            self._goal = sum(self._parcels) * (self.count + 1) + self._dearest()
        self._seek(self.room, first=False)
        if self.best is not None:
            self._goal = self._value(self.best)
            self._most = self.room * PACKAGE
            self._rank(self._used(self.best))

    # What bounds it.

    def _replace(self) -> None:
        units = self.costs.per_gram if self.costs is not None else dict.fromkeys(self.cover.places, 0)
        dearness = [
            (parcel, units[place]) for parcel, place in zip(self._parcels, self.cover.places, strict=True)
        ]
        self._stand_ins = stand_ins(self.cover.strengths(), dearness)

    def _pack(self) -> None:
        conditions = self.cover.conditions
        packages = self.room if self.known is None else min(self.room, self._packages(self.known))
        self._packing = bound(
            [PACKAGE] * self.count, conditions, [None] * len(conditions), packages * PACKAGE, PACKAGE
        )

    def _price(self) -> None:
        costs, cover = self.costs, self.cover
        assert costs is not None
        scale = self.count + 1
        cheapest = min(costs.per_gram[place] for place in (*cover.opened, *cover.places))
        load = sum(
            costs.weight[index] * count for goods in cover.goods for index, count in goods.wanted.items()
        )
        dearer: list[list[int] | None] = []
        for one in cover.conditions:
            unit = min((costs.weight[index] for index in one.lines), default=0) * one.each * scale
            extra = [(costs.per_gram[place] - cheapest) * unit for place in cover.places]
            dearer.append(extra if any(extra) else None)
        always = load * cheapest * scale
        parcels = [parcel * scale + 1 for parcel in self._parcels]
        known = sum(parcels) if self.known is None else self._value(self.known) - always
        self._paying = bound(parcels, cover.conditions, dearer, known, 1)
        self._paying.least += always

    def _value(self, allocation: Allocation) -> int:
        """Cost, then packages, as one number."""
        return self._cost(allocation) * (self.count + 1) + self._packages(allocation)

    # The search itself. `packs` and `pays` are what any set costs that keeps to what was decided so far.

    def _rank(self, some: int) -> None:
        """Of all sets as good as `some` the best-ranked: place by place, is there one that begins so?"""
        needs = self._needs
        chosen, left, room, allowed = 0, needs.start, self.room, (1 << self.count) - 1
        packs, pays = self._packing.least, self._paying.least
        while some & ~chosen:
            bit = allowed & -allowed
            place = bit.bit_length() - 1
            less = needs.less(left, place)
            idle = self._goal is None and less == left and not needs.met(left)
            if idle and some & bit and self._allocate(some & ~bit) is not None:
                some &= ~bit
            taking = packs + self._packing.taking[place], pays + self._paying.taking[place]
            if not some & bit:
                self._visit()
                one = None
                if not idle and self._good(*taking):
                    one = self._look(less, chosen | bit, allowed & ~bit, room - 1, *taking)
                if one is None:
                    packs, pays, allowed = self._without(place, packs, pays, allowed)
                    continue
                some = one
            packs, pays = taking
            chosen, left, room, allowed = chosen | bit, less, room - 1, allowed & ~bit
            if self._goal is None and needs.met(left) and self._allocate(chosen) is not None:
                some = chosen
        self.best = self._allocate(some)

    def _seek(self, room: int, *, first: bool = True) -> int | None:
        """Some set of at most `room` places that is good enough; or, not only the `first`, ever better ones into `best`."""
        needs, packs, pays = self._needs, self._packing.least, self._paying.least
        self._most, self._improving = room * PACKAGE, not first
        if not self._good(packs, pays) or not needs.enough(needs.start, 0, room):
            return None
        found = self._look(needs.start, 0, (1 << self.count) - 1, room, packs, pays)
        self._improving = False
        return found

    def _look(self, left: int, chosen: int, allowed: int, room: int, packs: int, pays: int) -> int | None:
        """A good enough set of `chosen` and at most `room` of the `allowed` that meets what is `left`."""
        needs = self._needs
        if needs.met(left):
            return self._arrived(left, chosen, allowed, room, packs, pays)
        if room == 0:
            return None
        column = min(needs.open(left), key=lambda one: (one & allowed).bit_count())
        taking, paying = self._packing.taking, self._paying.taking
        for place in self._by_worth(column):
            bit = 1 << place
            if not allowed & bit:
                continue
            self._visit()
            if self._good(packs + taking[place], pays + paying[place]):
                less, rest = needs.less(left, place), allowed & ~bit
                if needs.enough(less, (rest & -rest).bit_length() - 1 if rest else self.count, room - 1):
                    found = self._look(
                        less, chosen | bit, rest, room - 1, packs + taking[place], pays + paying[place]
                    )
                    if found is not None:
                        return found
            packs, pays, allowed = self._without(place, packs, pays, allowed)
            if not self._good(packs, pays):
                return None
        return None

    def _arrived(self, left: int, chosen: int, allowed: int, room: int, packs: int, pays: int) -> int | None:
        """`chosen` meets every need: whether it is what is looked for, or with something more."""
        found = None if self._goal is None and self._settled else self._allocate(chosen)
        if self._goal is None:
            if self._settled or found is not None:
                return chosen
        elif found is not None:
            value = self._value(found)
            if value <= self._goal and self._improving:
                self.best, self._goal = found, value - 1
            elif value <= self._goal and self._used(found) == chosen:
                return chosen
        if found is not None:
            allowed &= self._cheaper_than(chosen)
        while room and allowed:
            self._visit()
            bit = allowed & -allowed
            place = bit.bit_length() - 1
            taking = packs + self._packing.taking[place], pays + self._paying.taking[place]
            if self._good(*taking):
                one = self._arrived(left, chosen | bit, allowed & ~bit, room - 1, *taking)
                if one is not None:
                    return one
            packs, pays, allowed = self._without(place, packs, pays, allowed)
            if not self._good(packs, pays):
                break
        return None

    def _good(self, packs: int, pays: int) -> bool:
        return packs <= self._most and (self._goal is None or pays <= self._goal)

    def _without(self, place: int, packs: int, pays: int, allowed: int) -> tuple[int, int, int]:
        """`place` is left out, and with it all that it could stand in for."""
        gone = allowed & (1 << place | self._stand_ins[place])
        allowed &= ~gone
        while gone:
            at = (gone & -gone).bit_length() - 1
            packs += self._packing.leaving[at]
            pays += self._paying.leaving[at]
            gone &= gone - 1
        return packs, pays, allowed

    def _by_worth(self, column: int) -> list[int]:
        """The places of a column, those that a good set should have first."""
        found = self._ordered.get(column)
        if found is None:
            first, second = (
                (self._packing, self._paying) if self.costs is None else (self._paying, self._packing)
            )
            found = [place for place in range(self.count) if column >> place & 1]
            found.sort(
                key=lambda at: (
                    first.taking[at] - first.leaving[at],
                    second.taking[at] - second.leaving[at],
                    at,
                )
            )
            self._ordered[column] = found
        return found

    def _cheaper_than(self, chosen: int) -> int:
        """The places where a weight unit costs less than at the dearest of `chosen`: only they could still save."""
        if self.costs is None:
            return 0
        units, places = self.costs.per_gram, self.cover.places
        mine = [units[place] for at, place in enumerate(places) if chosen >> at & 1]
        dearest = max([*mine, *(units[place] for place in self.cover.opened)], default=0)
        return sum(1 << at for at, place in enumerate(places) if units[place] < dearest)

    def _visit(self) -> None:
        self.nodes += 1
        if self.nodes > self.budget:
            raise Spent

    # What a way costs, and how it is told.

    def _allocate(self, chosen: int) -> Allocation | None:
        per_unit = _free if self.costs is None else self.costs.per_gram.__getitem__
        places = [place for at, place in enumerate(self.cover.places) if chosen >> at & 1]
        return self.cover.allocate(places, per_unit)

    def _used(self, allocation: Allocation) -> int:
        """The new places an allocation uses."""
        return sum(
            1 << self._position[place] for place in {place for _, place, _ in allocation} & self._position.keys()
        )

    def _packages(self, allocation: Allocation) -> int:
        return self._used(allocation).bit_count()

    def _cost(self, allocation: Allocation) -> int:
        if self.costs is None:
            return 0
        costs = self.costs
        used = {place for _, place, _ in allocation}
        parcels = sum(costs.parcel[place] for place in used if place not in self.cover.opened)
        return parcels + sum(
            costs.per_gram[place] * costs.weight[line] * count for line, place, count in allocation
        )

    def _found(self, *, spent: bool = False) -> Found:
        note: dict[str, Any] = {"nodes": self.nodes}
        taken = self.best
        if spent:
            note["spent"] = self.budget
            if taken is None:
                taken = self.known
        if taken is not None:
            note["packages"] = len({place for _, place, _ in taken})
            if self.costs is not None:
                note["cost"] = money(self._cost(taken))
        return Found(taken=taken, note=note)
