"""How a rule spreads lines over the locations it keeps, best first. One function per split policy.

All answer `[(line index, location id, thousandths, moved)]` in the order taken; `moved` is `((source id, thousandths), ...)`,
what of it a transfer brings. Lines of one product share its stock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ambar.oms.planning.domain.shelf import Column
from ambar.oms.planning.domain.values import Line

Moved = tuple[tuple[int, int], ...]
Given = tuple[int, int, int, Moved]
Taken = list[Given]
Spent = dict[tuple[int, int], int]


class Bringing(Protocol):
    """Finds what brings `missing` of a line to a location; `spent` and `mine` are already promised elsewhere."""

    def find(self, index: int, location: int, missing: int, spent: Spent, mine: Spent) -> Moved: ...


@dataclass(slots=True, kw_only=True)
class Task:
    """What to place: `wanted` by line index, from `columns` by product; at most `room` locations beyond those `opened`.

    `spent` is what this task has promised already, by (location, product); it only matters when goods may be brought.
    """

    lines: Sequence[Line]
    wanted: Mapping[int, int]
    columns: Mapping[int, Column]
    ranked: Sequence[int]
    opened: frozenset[int]
    room: int | None
    bring: Bringing | None = None
    spent: Spent = field(default_factory=dict)


def whole_order(task: Task) -> Taken:
    """Everything at the best location that has all of it, or nothing."""
    demand: dict[int, int] = {}
    shut: set[int] = set()
    for index, count in task.wanted.items():
        line = task.lines[index]
        demand[line.product_id] = demand.get(line.product_id, 0) + count
        if line.excluded:
            shut.update(line.excluded)
    needs = [(task.columns[product].get, count) for product, count in demand.items()]
    full = task.room is not None and task.room <= 0
    for location in task.ranked:
        if location in shut or (full and location not in task.opened):
            continue
        for have, count in needs:
            if have(location, 0) < count:
                break
        else:
            return [(index, location, count, ()) for index, count in task.wanted.items()]
        if task.bring is not None:
            given = give(task, task.wanted, location, whole=True)
            if len(given) == len(task.wanted):
                return given
    return []


def spread(task: Task, *, whole: bool) -> Taken:
    """The best location gives what it can, the next one the rest; each line `whole` at one location, or unit by unit."""
    left = dict(task.wanted)
    room = task.room
    taken: Taken = []
    for location in task.ranked:
        if not left:
            break
        is_new = location not in task.opened
        if is_new and room is not None and room <= 0:
            continue
        given = give(task, left, location, whole=whole)
        if not given:
            continue
        if is_new and room is not None:
            room -= 1
        taken += given
        for index, _, count, _ in given:
            if count == left[index]:
                del left[index]
            else:
                left[index] -= count
        if task.bring is not None:
            promise(task, given)
    return taken


def give(task: Task, left: Mapping[int, int], location: int, *, whole: bool) -> Taken:
    """What `location` gives of `left`: its own stock, and what a transfer to it completes."""
    lines, columns, bring = task.lines, task.columns, task.bring
    here: dict[int, int] = {}
    mine: Spent = {}
    given: Taken = []
    for index, count in left.items():
        line = lines[index]
        if location in line.excluded:
            continue
        product = line.product_id
        have = here.get(product)
        if have is None:
            have = columns[product].get(location, 0)
            if bring is not None:
                have = max(0, have - task.spent.get((location, product), 0))
        moved: Moved = ()
        part = count
        if have < count:
            if bring is not None:
                moved = bring.find(index, location, count - have, task.spent, mine)
            if moved:
                for source, amount in moved:
                    mine[source, product] = mine.get((source, product), 0) + amount
            elif whole or have <= 0:
                continue
            else:
                part = have
        here[product] = max(0, have - part)
        given.append((index, location, part, moved))
    return given


def promise(task: Task, given: Taken) -> None:
    """Note in `spent` what was given, own stock and brought goods alike."""
    for index, location, count, moved in given:
        product = task.lines[index].product_id
        own = count - sum(amount for _, amount in moved)
        for place, amount in ((location, own), *moved):
            task.spent[place, product] = task.spent.get((place, product), 0) + amount
