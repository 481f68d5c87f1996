"""Which sets of locations can give everything: necessary conditions to search by, and the exact allocation of one set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from ambar.oms.planning.domain.flow import spread_product
from ambar.oms.planning.domain.splitting import Task

MANY_CLASSES = 6
Allocation = list[tuple[int, int, int]]


@dataclass(slots=True, kw_only=True)
class Condition:
    """Σ of `amounts` (one per place) over a set must reach `need`. Necessary for every set that gives everything.

    An amount of one is `each` thousandths of one of `lines`; `lines` is empty where another condition counts them already.
    """

    amounts: list[int]
    need: int
    lines: tuple[int, ...] = ()
    each: int = 1


class Goods:
    """One product's lines: who may give them, and how a given set would."""

    __slots__ = ("columns", "lines", "product", "shut", "task", "wanted")

    def __init__(self, task: Task, product: int, wanted: dict[int, int]) -> None:
        self.task, self.product, self.wanted = task, product, wanted
        self.columns = task.columns[product]
        self.shut = {index: task.lines[index].excluded for index in wanted}

    def have(self, location: int) -> int:
        return max(0, self.columns.get(location, 0))

    def gives(self, index: int, location: int) -> int:
        return 0 if location in self.shut[index] else self.have(location)

    @property
    def alike(self) -> bool:
        """Whether every line may go to the same places."""
        sets = {frozenset(shut) for shut in self.shut.values()}
        return len(sets) == 1


class Cover:
    """What has to be covered by `places` (best first) beyond `opened`. `possible` is False when even all together can't;
    `short` when something had to be left out because no place has it (only where `partial`).
    """

    __slots__ = ("conditions", "goods", "opened", "places", "possible", "short", "whole")

    def __init__(self, task: Task, places: Sequence[int], *, whole: bool, partial: bool) -> None:
        self.whole = whole
        self.places = [place for place in places if place not in task.opened]
        self.opened = [place for place in places if place in task.opened]
        self.possible, self.short = True, False
        self.conditions: list[Condition] = []
        by_product: dict[int, dict[int, int]] = {}
        for index, count in task.wanted.items():
            by_product.setdefault(task.lines[index].product_id, {})[index] = count
        self.goods = [Goods(task, product, wanted) for product, wanted in by_product.items()]
        for goods in self.goods:
            (self._whole_lines if whole else self._free)(goods, partial)
        self.goods = [goods for goods in self.goods if goods.wanted]
        if self.short and not partial:
            self.possible = False

    def _whole_lines(self, goods: Goods, partial: bool) -> None:
        for index, count in list(goods.wanted.items()):
            amounts = [int(goods.gives(index, place) >= count) for place in self.places]
            if any(goods.gives(index, place) >= count for place in self.opened):
                continue
            if not any(amounts):
                self.short = True
                del goods.wanted[index]
            else:
                self.conditions.append(Condition(amounts=amounts, need=1, lines=(index,), each=count))
        if len(goods.wanted) > 1:
            self._together(goods, list(goods.wanted))

    def _free(self, goods: Goods, partial: bool) -> None:
        if goods.alike:
            some = next(iter(goods.wanted))
            reach = sum(goods.gives(some, place) for place in (*self.opened, *self.places))
            if reach < sum(goods.wanted.values()):
                self.short = True
                _cut(goods.wanted, reach)
            if goods.wanted:
                self._together(goods, list(goods.wanted))
            return
        classes = list(goods.wanted)
        if len(classes) > MANY_CLASSES:
            self.possible = False
            return
        for size in range(1, len(classes) + 1):
            for group in combinations(classes, size):
                if not self._together(goods, list(group)):
                    self.possible = False

    def _together(self, goods: Goods, group: Sequence[int]) -> bool:
        """The lines of `group` against all that may give any of them; False when even everything is too little."""

        def reach(place: int) -> int:
            return max(goods.gives(index, place) for index in group)

        need = sum(goods.wanted[index] for index in group) - sum(map(reach, self.opened))
        if need <= 0:
            return True
        amounts = [reach(place) for place in self.places]
        counted = () if self.whole or (len(group) > 1 and not goods.alike) else tuple(group)
        self.conditions.append(Condition(amounts=amounts, need=need, lines=counted))
        return sum(amounts) >= need

    @property
    def settled(self) -> bool:
        """Whether a set that meets all conditions gives everything for sure; whole lines of one product must be packed."""
        return not self.whole or all(len(goods.wanted) == 1 for goods in self.goods)

    def strengths(self) -> list[list[int]]:
        """Per place, for every line what it could give of it: a place with no less of any can stand in for another."""
        found: list[list[int]] = [[] for _ in self.places]
        for goods in self.goods:
            total = sum(goods.wanted.values())
            alone = self.whole and len(goods.wanted) == 1
            lines = list(goods.wanted)[:1] if goods.alike else goods.wanted
            for index in lines:
                for row, place in zip(found, self.places, strict=True):
                    gives = goods.gives(index, place)
                    row.append(int(gives >= total) if alone else min(gives, total))
        return found

    def allocate(self, chosen: Sequence[int], cost: Callable[[int], int]) -> Allocation | None:
        """Who of `opened` and `chosen` gives what, the cheapest per unit first, or None when not all fits."""
        order = [*self.opened, *chosen]
        if len(order) > 1:
            order = sorted(order, key=cost)
        found: Allocation = []
        for goods in self.goods:
            part = _packed(goods, order, cost) if self.whole else _filled(goods, order, cost)
            if part is None:
                return None
            found += part
        return found


def _cut(wanted: dict[int, int], reach: int) -> None:
    """Leave only as much wanted, line after line, as there is."""
    for index in list(wanted):
        part = min(wanted[index], reach)
        reach -= part
        if part:
            wanted[index] = part
        else:
            del wanted[index]


def _filled(goods: Goods, order: Sequence[int], cost: Callable[[int], int]) -> Allocation | None:
    if not goods.alike:
        supply = {place: goods.have(place) for place in order}
        edges = spread_product(goods.wanted, supply, lambda line, at: at not in goods.shut[line], cost)
        if edges is None:
            return None
        return sorted((line, place, amount) for (line, place), amount in edges.items())
    found: Allocation = []
    some = next(iter(goods.wanted))
    free = {place: goods.gives(some, place) for place in order}
    for index, wanted in goods.wanted.items():
        left = wanted
        for place in order:
            part = min(left, free[place])
            if part:
                found.append((index, place, part))
                free[place] -= part
                left -= part
            if not left:
                break
        if left:
            return None
    return found


def _packed(goods: Goods, order: Sequence[int], cost: Callable[[int], int]) -> Allocation | None:
    """Each line whole at one place. `order` is the cheapest first, so with one line the first that fits is the best."""
    lines = sorted(goods.wanted, key=lambda index: -goods.wanted[index])
    if len(lines) == 1:
        index, count = lines[0], goods.wanted[lines[0]]
        place = next((one for one in order if goods.gives(index, one) >= count), None)
        return None if place is None else [(index, place, count)]
    free = {place: goods.have(place) for place in order}
    best: list[tuple[int, Allocation]] = []

    def put(at: int, paid: int, so_far: Allocation) -> None:
        if best and paid >= best[0][0]:
            return
        if at == len(lines):
            best[:] = [(paid, list(so_far))]
            return
        index, count = lines[at], goods.wanted[lines[at]]
        for place in order:
            if free[place] >= count and place not in goods.shut[index]:
                free[place] -= count
                put(at + 1, paid + cost(place) * count, [*so_far, (index, place, count)])
                free[place] += count

    put(0, 0, [])
    return sorted(best[0][1]) if best else None
