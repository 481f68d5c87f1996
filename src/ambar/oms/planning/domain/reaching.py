"""What is still needed, of every condition at once, as one whole number: a field of bits per condition.

The top bit of a field is its guard: it stays when nothing had to be borrowed, so one subtraction compares all fields.
"""

from bisect import insort
from collections.abc import Sequence
from itertools import accumulate

from ambar.oms.planning.domain.covering import Condition

FINE = 1_000


class Needs:
    """The conditions of one search; places are given by their position, sets of them as bits."""

    __slots__ = ("_flagged", "_guards", "_ones", "_real", "_tops", "_width", "columns", "gives", "start")

    def __init__(self, conditions: Sequence[Condition], count: int, room: int) -> None:
        every = [*conditions, *_together(conditions)]
        self._width = 2 + max((one.need.bit_length() for one in every), default=0)
        at = [self._width * position for position in range(len(every))]
        self._guards = sum(1 << (shift + self._width - 1) for shift in at)
        self._ones = self._guards - (self._guards >> (self._width - 1))
        self._real = (1 << (self._width * len(conditions))) - 1
        self.start = sum(one.need << shift for one, shift in zip(every, at, strict=True))
        self.gives = [
            sum(min(one.amounts[place], one.need) << shift for one, shift in zip(every, at, strict=True))
            for place in range(count)
        ]
        self.columns = [
            sum(1 << place for place, amount in enumerate(one.amounts) if amount) for one in conditions
        ]
        self._tops = [[0] * (room + 1) for _ in range(count + 1)]
        for one, shift in zip(every, at, strict=True):
            _add_tops(self._tops, one, shift, room)
        self._tops = [list(accumulate(row)) for row in self._tops]
        self._flagged: dict[int, list[int]] = {}

    def less(self, left: int, place: int) -> int:
        """What is left when `place` gives all it has."""
        kept = (left | self._guards) - self.gives[place]
        mask = kept & self._guards
        return kept & (mask - (mask >> (self._width - 1)))

    def met(self, left: int) -> bool:
        return not left & self._real

    def enough(self, left: int, first: int, size: int) -> bool:
        """Whether `size` places from position `first` on could meet what is left, each condition on its own."""
        row = self._tops[first]
        return ((row[min(size, len(row) - 1)] | self._guards) - left) & self._guards == self._guards

    def meets(self, left: int, place: int) -> bool:
        """Whether `place` alone gives all that is left."""
        return ((self.gives[place] | self._guards) - left) & self._guards == self._guards

    def open(self, left: int) -> list[int]:
        """The places, as bits, that help with each condition not yet met."""
        flags = (left + self._ones) & self._guards & self._real
        found = self._flagged.get(flags)
        if found is None:
            found = self._flagged[flags] = [
                column
                for position, column in enumerate(self.columns)
                if flags >> (self._width * (position + 1) - 1) & 1
            ]
        return found

    def at_least(self) -> int | None:
        """No smaller number of places can meet every condition; None when all of them can't."""
        sizes = range(len(self._tops[0]))
        return next((size for size in sizes if self.enough(self.start, 0, size)), None)


def stand_ins(strengths: Sequence[Sequence[int]], dearness: Sequence[tuple[int, int]]) -> list[int]:
    """For every place, as bits, the later ones it can stand in for: it gives no less of anything and is no dearer."""
    width = 2 + max((amount.bit_length() for row in strengths for amount in row), default=0)
    guards = sum(1 << (width * (at + 1) - 1) for at in range(len(strengths[0]) if strengths else 0))
    packed = [sum(amount << (width * at) for at, amount in enumerate(row)) for row in strengths]
    found = [0] * len(packed)
    for place, strong in enumerate(packed):
        mine, (parcel, unit) = strong | guards, dearness[place]
        for other in range(place + 1, len(packed)):
            if (mine - packed[other]) & guards == guards:
                theirs = dearness[other]
                if parcel <= theirs[0] and unit <= theirs[1]:
                    found[place] |= 1 << other
    return found


def _together(conditions: Sequence[Condition]) -> list[Condition]:
    """What follows from all conditions at once: a place's shares of every need must add up to their number. Once with
    all needs alike, once with those that few places meet weighing more.
    """
    if len(conditions) < 2:
        return []
    rarity = [max(1, sum(amount > 0 for amount in one.amounts)) for one in conditions]
    found = []
    for weights in ([1] * len(conditions), [max(1, 60 // rare) for rare in rarity]):
        amounts = [0] * len(conditions[0].amounts)
        for weight, one in zip(weights, conditions, strict=True):
            for place, amount in enumerate(one.amounts):
                if amount:
                    amounts[place] += weight * (min(amount, one.need) * FINE // one.need + 1)
        found.append(Condition(amounts=amounts, need=sum(weights) * FINE))
    return found


def _add_tops(tops: list[list[int]], one: Condition, shift: int, limit: int) -> None:
    """Into `[start][size]`: what one place more lets `size` places from `start` on give together, never more than needed."""
    kept: list[int] = []
    need = one.need
    for start in range(len(one.amounts) - 1, -1, -1):
        insort(kept, one.amounts[start])
        if len(kept) > limit:
            del kept[0]
        left, row = need, tops[start]
        for size, amount in enumerate(reversed(kept), 1):
            if amount >= left:
                row[size] += left << shift
                break
            if not amount:
                break
            row[size] += amount << shift
            left -= amount
