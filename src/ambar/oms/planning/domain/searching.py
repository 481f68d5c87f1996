"""The exact search over sets of locations: fewest packages, least cost, or the best-ranked set that gives everything.

It branches on the need that the fewest places meet; whatever can't be completed or can't be good enough by the bound is
cut. First the value of the best is found, then, place by place in rank order, the best-ranked set of that value.
It stops at `NODES` looked-at sets: the best found so far stands and the note says so.
Source: `docs/decisions/0023-exact-search.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import gcd
from typing import Any

from ambar.oms.planning.domain.bounding import bound, nothing
from ambar.oms.planning.domain.covering import Allocation, Condition, Cover
from ambar.oms.planning.domain.reaching import Needs, stand_ins
from ambar.oms.planning.domain.selectors.by_cost import money
from ambar.oms.planning.domain.ways import Costs, Ways

NODES = 5_000
PACKAGE = 1 << 40
BEYOND = 1 << 256
__all__ = ["NODES", "Costs", "Found", "Search"]


class Spent(Exception):
    """The node budget is used up."""


@dataclass(slots=True, kw_only=True)
class Found:
    """`taken` None: no set gives everything (or none was found in time). `note` goes to the record."""

    taken: Allocation | None
    note: dict[str, Any] = field(default_factory=dict)


class Search(Ways):
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
        super().__init__(cover, room, costs, known, fewest_first)
        self.budget, self.nodes = budget, 0
        self.best: Allocation | None = None
        self._settled = cover.settled
        self._needs = Needs(cover.conditions, self.count, self.room)
        self._packing, self._paying = nothing(self.count), nothing(self.count)
        self._most = self.count * PACKAGE
        self._improving = False
        self._goal: int | None = None
        self._least: int | None = None
        self._ordered: dict[int, list[int]] = {}
        self._stand_ins = [0] * self.count

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
        if self._needs.at_least() is None:
            return
        self._replace()
        self._pack()
        size, some = self._fewest_that_do()
        if size is None:
            return
        self._least = self.room = size
        self._most = size * PACKAGE
        if self.costs is None:
            self.best = self._allocate(some)
            self._rank(some)
        else:
            if self.known is None or self._packages(self.known) > size:
                self.known = self._allocate(some)
            self._buy()

    def _fewest_that_do(self) -> tuple[int | None, int]:
        """The smallest number of places that give everything, and some such set."""
        most = None if self.known is None else self._packages(self.known)
        least = max(self._needs.at_least() or 0, -(-self._packing.least // PACKAGE))
        for size in range(least, self.room + 1):
            some = self._used(self.known) if size == most and self.known is not None else self._seek(size)
            if some is not None:
                return size, some
        return None, 0

    def _cheapest(self) -> None:
        if self._needs.at_least() is None:
            return
        self._replace()
        self._pack()
        self._least = self._fewest_that_do()[0]
        if self._least is not None:
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
            self.best, self._goal = self.known, self._below(self._value(self.known))
        else:
            self._goal = BEYOND
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
        number = Condition(amounts=[1] * self.count, need=max(1, self._least or 0))
        conditions = [*cover.conditions, number] if self._least else cover.conditions
        self._paying = bound(parcels, conditions, [*dearer, None][: len(conditions)], known, 1)
        self._paying.least += always
        units = costs.per_gram
        by_unit = sorted(range(self.count), key=lambda at: units[cover.places[at]])
        self._unit_rank = {at: rank for rank, at in enumerate(by_unit)}
        self._step = self._grain()
        self._plain = not cover.opened and all(
            len({costs.weight[index] for index in one.lines}) <= 1 for one in cover.conditions
        )
        self._always, self._opening, self._cheapest_parcel = always, parcels, min(parcels, default=0)
        self._dearer = [
            (one.amounts, one.need, extra)
            for one, extra in zip(cover.conditions, dearer, strict=True)
            if extra
        ]

    def _grain(self) -> int:
        """Every two costs differ by a multiple of it."""
        costs, cover = self.costs, self.cover
        assert costs is not None
        places = (*cover.opened, *cover.places)
        some = costs.per_gram[places[0]]
        steps = gcd(*(costs.per_gram[place] - some for place in places))
        found = gcd(*self._parcels)
        for goods in cover.goods:
            parts = gcd(*goods.wanted.values(), *(goods.have(place) for place in places))
            for index in goods.wanted:
                found = gcd(found, steps * costs.weight[index] * parts)
        return max(1, found)

    def _below(self, value: int) -> int:
        """The most that something better than `value` can be worth."""
        scale = self.count + 1
        cost, packages = divmod(value, scale)
        if packages > (self._least or 0):
            return value - 1
        return (cost - self._step) * scale + self.count

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
                    if some & ~(chosen | allowed):
                        other = self._look(left, chosen, allowed, room, packs, pays)
                        if other is None:
                            break
                        some = other
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
        found = None
        if self._good(packs, pays) and needs.enough(needs.start, 0, room):
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
        packing, paying, stand_ins = self._packing, self._paying, self._stand_ins
        for place in self._by_worth(column):
            bit = 1 << place
            if not allowed & bit:
                continue
            self.nodes += 1
            if self.nodes > self.budget:
                raise Spent
            packed, paid = packs + packing.taking[place], pays + paying.taking[place]
            if packed <= self._most and (self._goal is None or paid <= self._goal):
                less, rest = needs.less(left, place), allowed & ~bit
                if needs.enough(less, (rest & -rest).bit_length() - 1 if rest else self.count, room - 1):
                    found = self._look(less, chosen | bit, rest, room - 1, packed, paid)
                    if found is not None:
                        return found
            if allowed & stand_ins[place]:
                packs, pays, allowed = self._without(place, packs, pays, allowed)
            else:
                packs, pays = packs + packing.leaving[place], pays + paying.leaving[place]
                allowed &= ~bit
            if packs > self._most or (self._goal is not None and pays > self._goal):
                return None
        return None

    def _arrived(self, left: int, chosen: int, allowed: int, room: int, packs: int, pays: int) -> int | None:
        """`chosen` meets every need: whether it is what is looked for, or with something more."""
        if self._goal is None:
            if self._settled or self._allocate(chosen) is not None:
                return chosen
        else:
            parcels, dearer = self._at_least_paid(chosen)
            if parcels > self._goal:
                return None
            gives = True
            if parcels + dearer <= self._goal:
                found = self._allocate(chosen)
                gives = found is not None
                if found is not None and (value := self._value(found)) <= self._goal:
                    if self._improving:
                        self.best, self._goal = found, self._below(value)
                    elif self._used(found) == chosen:
                        return chosen
            if gives and (self._settled or parcels + dearer <= self._goal):
                if (self._plain and not dearer) or parcels + self._cheapest_parcel > self._goal:
                    return None
                allowed &= self._cheaper_than(chosen)
        packing, paying, stand_ins = self._packing, self._paying, self._stand_ins
        while room and allowed:
            self.nodes += 1
            if self.nodes > self.budget:
                raise Spent
            bit = allowed & -allowed
            place = bit.bit_length() - 1
            packed, paid = packs + packing.taking[place], pays + paying.taking[place]
            if packed <= self._most and (self._goal is None or paid <= self._goal):
                one = self._arrived(left, chosen | bit, allowed & ~bit, room - 1, packed, paid)
                if one is not None:
                    return one
            if allowed & stand_ins[place]:
                packs, pays, allowed = self._without(place, packs, pays, allowed)
            else:
                packs, pays = packs + packing.leaving[place], pays + paying.leaving[place]
                allowed &= ~bit
            if packs > self._most or (self._goal is not None and pays > self._goal):
                break
        return None

    def _at_least_paid(self, chosen: int) -> tuple[int, int]:
        """What parcels and the cheapest weight make of a set, and what the units cost more that its places must give (not
        reckoned where the parcels alone are too much).
        """
        opening, parcels = self._opening, self._always
        places = []
        while chosen:
            at = (chosen & -chosen).bit_length() - 1
            places.append(at)
            parcels += opening[at]
            chosen &= chosen - 1
        if self._goal is not None and parcels > self._goal:
            return parcels, 0
        places.sort(key=self._unit_rank.__getitem__)
        dearer = 0
        for amounts, need, extra in self._dearer:
            for place in places:
                amount = amounts[place]
                if amount >= need:
                    dearer += need * extra[place]
                    break
                if amount:
                    dearer += amount * extra[place]
                    need -= amount
        return parcels, dearer

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
