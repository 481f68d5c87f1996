"""One rule at work on one order's lines: which policy, which search, and what the record says about it."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ambar.oms.planning.domain import searching
from ambar.oms.planning.domain.covering import Allocation, Cover
from ambar.oms.planning.domain.searching import Costs, Found, Search
from ambar.oms.planning.domain.selectors import SELECTORS, Situation
from ambar.oms.planning.domain.selectors.by_cost import grams, rate
from ambar.oms.planning.domain.splitting import Taken, Task, spread, whole_order
from ambar.oms.scenarios.domain.rules import Rule

FEWEST, COST = "SELECT_BY_FEWEST_PACKAGES", "SELECT_BY_COST"
Keyed = Sequence[tuple[Any, ...]]


def choose(
    rule: Rule, policy: str, task: Task, situation: Situation, keyed: Keyed, noted: dict[str, Any]
) -> Taken:
    """What each location gives. `keyed` are the kept locations best first: the selectors' values, then the id."""
    if policy == "whole_order":
        return whole_order(task)
    whole = policy == "whole_lines"
    first = next((at for at, name in enumerate(rule.selectors) if SELECTORS[name].of_sets), None)
    if first is None:
        return _by_rank(task, noted, whole=whole)
    if task.bring is not None:
        noted["search"] = {"nodes": 0, "greedy": "transfers"}
        return whole_order(task) or spread(task, whole=whole)
    taken: Taken = []
    left = task
    for _, tier in groupby(keyed, key=lambda key: key[:first]):
        given = _tier(rule, first, left, situation, list(tier), noted, whole=whole)
        taken += given
        left = _rest(left, given)
        if not left.wanted:
            return taken
    return taken if first == 0 else _mended(task, taken, noted, whole=whole)


def _rest(task: Task, given: Taken) -> Task:
    """What remains after `given`."""
    if not given:
        return task
    wanted = dict(task.wanted)
    columns = {product: dict(column) for product, column in task.columns.items()}
    opened = set(task.opened)
    for index, location, count, _ in given:
        opened.add(location)
        wanted[index] -= count
        if not wanted[index]:
            del wanted[index]
        columns[task.lines[index].product_id][location] -= count
    room = task.room if task.room is None else task.room - len(opened - task.opened)
    return Task(
        lines=task.lines,
        wanted=wanted,
        columns=columns,
        ranked=task.ranked,
        opened=frozenset(opened),
        room=room,
    )


def _by_rank(task: Task, noted: dict[str, Any], *, whole: bool) -> Taken:
    """Best first. Where that leaves something only because of how it was spread, the best-ranked set that gives all."""
    if task.bring is not None and task.room is not None and (single := whole_order(task)):
        return single
    taken = spread(task, whole=whole)
    if not task.wanted or _complete(task, taken):
        return taken
    if task.bring is not None:
        return _without_transfers(task, taken, noted, whole=whole)
    return _mended(task, taken, noted, whole=whole)


def _mended(task: Task, taken: Taken, noted: dict[str, Any], *, whole: bool) -> Taken:
    """`taken` left some: the best-ranked set that gives everything, where another way to spread could."""
    if not _spreads_matter(task, whole):
        return taken
    cover = Cover(task, task.ranked, whole=whole, partial=False)
    if not cover.possible:
        return taken
    found = Search(cover, task.room, None, None, searching.NODES).best_ranked()
    noted["search"] = {**found.note, "why": "best first left some"}
    return taken if found.taken is None else _as_taken(found.taken)


def _without_transfers(task: Task, taken: Taken, noted: dict[str, Any], *, whole: bool) -> Taken:
    """Where best first with transfers left some: everything from own stock, if that can be."""
    task.bring = None
    own = _by_rank(task, noted, whole=whole)
    return own if _complete(task, own) else taken


def _complete(task: Task, taken: Taken) -> bool:
    given: dict[int, int] = dict.fromkeys(task.wanted, 0)
    for index, _, count, _ in taken:
        given[index] += count
    return given == task.wanted


def _spreads_matter(task: Task, whole: bool) -> bool:
    """Whether another way to spread could place more: a limit on packages, or lines that compete for one product."""
    if task.room is not None:
        return True
    products = [task.lines[index].product_id for index in task.wanted]
    if len(set(products)) == len(products):
        return False
    return whole or any(task.lines[index].excluded for index in task.wanted)


def _tier(
    rule: Rule,
    first: int,
    task: Task,
    situation: Situation,
    tier: Keyed,
    noted: dict[str, Any],
    *,
    whole: bool,
) -> Taken:
    """The exact search among locations the selectors before call equal."""
    own = Task(
        lines=task.lines,
        wanted=task.wanted,
        columns=task.columns,
        ranked=[key[-1] for key in tier],
        opened=task.opened,
        room=task.room,
    )
    sets = _set_selectors(rule.selectors, first)
    if sets[0] == FEWEST and COST not in sets and not own.opened and (single := whole_order(own)):
        noted.setdefault("search", {"nodes": 0, "packages": 1})
        return single
    greedy = spread(own, whole=whole)
    if not greedy:
        return greedy
    after = first + len(sets)
    ranked = [key[-1] for key in sorted((*key[after:-1], key[-1]) for key in tier)]
    cover = Cover(own, ranked, whole=whole, partial=task.room is None)
    if not cover.possible:
        return _noted(noted, Found(taken=None, note={"nodes": 0}), greedy, "not everything fits")
    costs = _costs(situation, own, ranked) if COST in sets else None
    known = _allocation(greedy) if _covers(cover, greedy) else None
    search = Search(cover, task.room, costs, known, searching.NODES, fewest_first=sets[0] == FEWEST)
    found = search.cheapest() if sets[0] == COST else search.fewest()
    return _noted(noted, found, greedy, "budget" if "spent" in found.note else "no set gives everything")


def _set_selectors(names: Sequence[str], first: int) -> list[str]:
    """FEWEST and COST standing together from `first` on."""
    found = [names[first]]
    if len(names) > first + 1 and SELECTORS[names[first + 1]].of_sets:
        found.append(names[first + 1])
    return found


def _noted(noted: dict[str, Any], found: Found, greedy: Taken, why: str) -> Taken:
    """The search's answer, or the greedy one with the reason; both leave a note."""
    note = dict(found.note)
    if found.taken is None:
        note["greedy"] = why
    before = noted.get("search")
    noted["search"] = note if before is None else {**note, "nodes": before["nodes"] + note["nodes"]}
    return greedy if found.taken is None else _as_taken(found.taken)


def _costs(situation: Situation, task: Task, ranked: Sequence[int]) -> Costs:
    rates = situation.rates()
    found = {place: rate(rates[place]) for place in ranked}
    return Costs(
        parcel={place: 0 if place in task.opened else parcel for place, (parcel, _) in found.items()},
        per_gram={place: per_gram for place, (_, per_gram) in found.items()},
        weight={index: grams(task.lines[index]) for index in task.wanted},
    )


def _covers(cover: Cover, greedy: Taken) -> bool:
    """Whether the greedy way gives all that the search has to give."""
    given: dict[int, int] = {}
    for index, _, count, _ in greedy:
        given[index] = given.get(index, 0) + count
    return all(given.get(index, 0) >= count for goods in cover.goods for index, count in goods.wanted.items())


def _allocation(taken: Taken) -> Allocation:
    return [(index, location, count) for index, location, count, _ in taken]


def _as_taken(allocation: Allocation) -> Taken:
    return [(index, location, count, ()) for index, location, count in allocation]
