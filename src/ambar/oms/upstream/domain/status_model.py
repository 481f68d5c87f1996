"""The status map checked as a model: every way a package can go is walked with what upstream has been told so far.

Pure: moves, births and a map in, problems with the path that leads to each out. Source: wire contract F8 (which item
status a package state means upstream); `docs/decisions/0018-item-statuses.md`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ambar.oms.upstream.domain.statuses import GONE, WITHDRAWN, may_follow

SILENT = GONE | frozenset({100, 150, 660, 920, 930})
"""States that say nothing upstream on purpose: the item stays what it is until the package goes on, or another does."""
ENDED = frozenset({550, 600})
"""Item statuses after which upstream waits for nothing more."""

Kind = Literal["missing", "backwards", "dead_end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong: `path` is the way of a package there, birth first; its last state is `state`.

    `missing`: `state` has no status. `backwards`: its status lies before the one told on the way (`told`). `dead_end`:
    the package is at its end there and upstream still waits (`told` is what it was told last, if anything).
    """

    kind: Kind
    state: int
    path: tuple[int, ...]
    told: int | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stand:
    """A package somewhere on its way: what upstream was `told` by then, and the status of the last state that had one."""

    state: int
    path: tuple[int, ...]
    told: int | None = None
    last: int | None = None


def examine(
    status_map: Mapping[int, int],
    *,
    moves: Collection[tuple[int, int]],
    born: Iterable[int],
    final: Collection[int],
) -> list[Problem]:
    """All problems of a map, each with the shortest way there; empty when it is sound.

    `moves` are the arrows between package states, `born` the states packages are made in, `final` those they end in.
    A step back to a state that leads forward again (another delivery attempt) is told nothing and is no problem.
    """
    after: dict[int, set[int]] = {}
    for source, destination in moves:
        if source != destination:
            after.setdefault(source, set()).add(destination)
    found: dict[tuple[Kind, int], Problem] = {}
    start = [_Stand(state=state, path=(state,)) for state in sorted(set(born))]
    waiting, seen = deque(start), set()
    while waiting:
        stand = waiting.popleft()
        code = status_map.get(stand.state)
        told = code if code is not None and may_follow(stand.told, code) else stand.told
        if (stand.state, told, stand.last) in seen:
            continue
        seen.add((stand.state, told, stand.last))
        problem = _problem(code, stand, told, after, final)
        if problem is not None:
            found.setdefault((problem.kind, stand.state), problem)
        last = stand.last if code is None else code
        waiting.extend(
            _Stand(state=state, path=(*stand.path, state), told=told, last=last)
            for state in sorted(after.get(stand.state, ()))
        )
    return sorted(found.values(), key=lambda problem: (problem.kind, problem.state))


def _problem(
    code: int | None,
    stand: _Stand,
    told: int | None,
    after: Mapping[int, set[int]],
    final: Collection[int],
) -> Problem | None:
    state, path = stand.state, stand.path
    if code is None:
        return None if state in SILENT else Problem(kind="missing", state=state, path=path, told=told)
    back = stand.last is not None and code < stand.last and code not in WITHDRAWN
    if back and not _leads(after, state, path[-2]):
        return Problem(kind="backwards", state=state, path=path, told=stand.last, code=code)
    if state in final and state not in GONE and told not in ENDED:
        return Problem(kind="dead_end", state=state, path=path, told=told, code=code)
    return None


def _leads(after: Mapping[int, set[int]], start: int, goal: int) -> bool:
    """Whether a package in `start` can come to `goal` (again)."""
    reached, waiting = {start}, [start]
    while waiting:
        for state in after.get(waiting.pop(), ()):
            if state == goal:
                return True
            if state not in reached:
                reached.add(state)
                waiting.append(state)
    return False
