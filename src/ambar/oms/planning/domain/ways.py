"""Ways to give everything: what one costs, and a good one to begin with."""

from dataclasses import dataclass

from ambar.oms.planning.domain.covering import Allocation, Cover


@dataclass(slots=True, kw_only=True)
class Costs:
    """Of every place: what a package costs, what a weight unit costs there; of every line, how heavy a thousandth is."""

    parcel: dict[int, int]
    per_gram: dict[int, int]
    weight: dict[int, int]


def _free(_: int) -> int:
    return 0


class Ways:
    """The ways over one cover. Places are positions in `cover.places`, sets of them bits."""

    def __init__(
        self,
        cover: Cover,
        room: int | None,
        costs: Costs | None,
        known: Allocation | None,
        fewest_first: bool,
    ) -> None:
        """`known` is a way that gives everything, found otherwise; it is kept unless a better one is found here.
        `fewest_first`: the number of packages goes before their cost.
        """
        self.cover, self.costs, self.known, self.fewest_first = cover, costs, known, fewest_first
        self.count = len(cover.places)
        self.room = self.count if room is None else min(room, self.count)
        self._position = {place: at for at, place in enumerate(cover.places)}
        self._parcels = [0 if costs is None else costs.parcel[place] for place in cover.places]
        self._improve()
        if fewest_first and self.known is not None:
            self.room = min(self.room, self._packages(self.known))

    def _improve(self) -> None:
        """A better way than the given one, by always adding the place that helps most for what it costs."""
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
            best = max(helps, default=0)
            if best <= 0:
                return
            place = helps.index(best)
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

    def _allocate(self, chosen: int) -> Allocation | None:
        per_unit = _free if self.costs is None else self.costs.per_gram.__getitem__
        places = [place for at, place in enumerate(self.cover.places) if chosen >> at & 1]
        return self.cover.allocate(places, per_unit)

    def _used(self, allocation: Allocation) -> int:
        """The new places an allocation uses."""
        return sum(
            1 << self._position[place]
            for place in {place for _, place, _ in allocation} & self._position.keys()
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

    def _value(self, allocation: Allocation) -> int:
        """Cost, then packages, as one number."""
        return self._cost(allocation) * (self.count + 1) + self._packages(allocation)
