"""How a rule spreads lines over the locations it keeps, best first. One function per split policy.

All take `wanted` (`{line index: quantity still to place}`), `usable(line, location)` and the ranked location ids, and
answer `[(line index, location id, quantity)]` in the order taken. Lines of one product share its stock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ambar.oms.planning.domain.shelf import Shelf

Taken = list[tuple[int, int, Decimal]]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`product` by line index; `excluded` by line index; at most `room` locations beyond those already `opened`."""

    wanted: Mapping[int, Decimal]
    product: Mapping[int, int]
    excluded: Mapping[int, Mapping[int, str]]
    ranked: Sequence[int]
    opened: frozenset[int]
    room: int | None
    shelf: Shelf


def whole_order(task: Task) -> Taken:
    """Everything at the best location that has all of it, or nothing."""
    demand: dict[int, Decimal] = {}
    for index, quantity in task.wanted.items():
        product = task.product[index]
        demand[product] = demand.get(product, ZERO) + quantity
    columns = [(task.shelf.at(product), quantity) for product, quantity in demand.items()]
    for location in task.ranked:
        if task.room == 0 and location not in task.opened:
            continue
        if any(column.get(location, ZERO) < quantity for column, quantity in columns):
            continue
        if any(location in task.excluded[index] for index in task.wanted):
            continue
        return [(index, location, quantity) for index, quantity in task.wanted.items()]
    return []


def whole_lines(task: Task) -> Taken:
    """Each line whole at one location: the best location gives all lines it can, the next one the rest."""
    return _spread(task, whole=True)


def free(task: Task) -> Taken:
    """Units wherever they are: the best location gives what it has, the next one the rest."""
    return _spread(task, whole=False)


def _spread(task: Task, *, whole: bool) -> Taken:
    left = dict(task.wanted)
    room = task.room
    taken: Taken = []
    for location in task.ranked:
        if not left:
            break
        is_new = location not in task.opened
        if is_new and room == 0:
            continue
        given = _give(task, left, location, whole=whole)
        if not given:
            continue
        if is_new and room is not None:
            room -= 1
        for index, quantity in given:
            taken.append((index, location, quantity))
            if quantity == left[index]:
                del left[index]
            else:
                left[index] -= quantity
    return taken


def _give(
    task: Task, left: Mapping[int, Decimal], location: int, *, whole: bool
) -> list[tuple[int, Decimal]]:
    here: dict[int, Decimal] = {}
    given = []
    for index, quantity in left.items():
        product = task.product[index]
        have = here.get(product)
        if have is None:
            have = task.shelf.at(product).get(location, ZERO)
        if have <= 0 or location in task.excluded[index] or (whole and have < quantity):
            continue
        part = quantity if have >= quantity else have
        here[product] = have - part
        given.append((index, part))
    return given


POLICIES: dict[str, Callable[[Task], Taken]] = {
    "whole_order": whole_order,
    "whole_lines": whole_lines,
    "free": free,
}
