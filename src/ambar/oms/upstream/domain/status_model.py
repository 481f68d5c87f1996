"""The status map checked as a model: every way a package can go, and what its items are told on that way.

Decision F8 of the wire contract names the states that tell nothing; every other state a package can reach must be
mapped, no move may take an item back, and an item must not be left for ever in a status that is no end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ambar.oms.states.domain.codes import PackageStatus as P
from ambar.oms.states.domain.life import LIVES, Life
from ambar.oms.upstream.domain import statuses

QUIET = frozenset(
    int(state)
    for state in (
        P.WAITING,
        P.WAITING_REMOTE_ACTION,
        P.DELIVERY_FAILED,
        P.OUT_OF_STOCK,
        P.BLOCKED,
        *statuses.GONE,
    )
)
"""States that need no row: the item keeps what it was told last, or is planned again in another package."""
ENDS = frozenset({statuses.CANCELED, 550, 600})
"""Item statuses in which nothing more is expected: cancelled, delivered, refunded."""

Told = tuple[int, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong with the map. `code`: unmapped, backwards or dead_end; `path`: package states, one way there.

    `told` is the status that was told last on that way, if any.
    """

    code: str
    state: int
    path: tuple[int, ...]
    told: int | None
    what: str
    fix: str


def findings(
    status_map: Mapping[int, int], transitions: Iterable[tuple[int, int]], *, life: Life = LIVES["package"]
) -> list[Finding]:
    """What is wrong with the map when packages move along `transitions` (pairs of states) and as their life has it.

    At most one finding per code and state, each with a shortest way there; sorted by state.
    """
    moves = _moves(transitions, life)
    ways = _ways(status_map, moves, sorted(int(state) for state in life.born))
    found: dict[tuple[str, int], Finding] = {}
    for (state, told), way in ways.items():
        wrong = _at_rest(state, told, way, status_map, final={int(end) for end in life.final})
        wrong += _going_on(state, told, way, status_map, moves.get(state, ()))
        for finding in wrong:
            found.setdefault((finding.code, finding.state), finding)
    return sorted(found.values(), key=lambda finding: (finding.state, finding.code))


def _moves(transitions: Iterable[tuple[int, int]], life: Life) -> dict[int, list[int]]:
    own = ((int(move.source), int(move.destination)) for move in life.own_moves)
    after: dict[int, list[int]] = {}
    for source, destination in sorted({*transitions, *own}):
        if source != destination:
            after.setdefault(source, []).append(destination)
    return after


def _ways(
    status_map: Mapping[int, int], moves: Mapping[int, list[int]], born: Iterable[int]
) -> dict[Told, tuple[int, ...]]:
    """A shortest way to every pair of package state and status told by then."""
    ways: dict[Told, tuple[int, ...]] = {}
    waiting: deque[tuple[Told, tuple[int, ...]]] = deque(
        ((state, status_map.get(state)), (state,)) for state in born
    )
    while waiting:
        (state, told), way = waiting.popleft()
        if (state, told) in ways:
            continue
        ways[state, told] = way
        for after in moves.get(state, ()):
            code = status_map.get(after)
            if not _back(told, code):  # what would follow from a step back is not told again
                waiting.append(((after, told if code is None else code), (*way, after)))
    return ways


def _at_rest(
    state: int,
    told: int | None,
    way: tuple[int, ...],
    status_map: Mapping[int, int],
    *,
    final: Collection[int],
) -> list[Finding]:
    if state not in status_map and state not in QUIET:
        return [
            Finding(
                code="unmapped",
                state=state,
                path=way,
                told=told,
                what=f"Packages reach {state} ({shown(way)}), and the map says nothing about it.",
                fix=f"Map {state} to the status its items shall have upstream.",
            )
        ]
    if state in final and state not in statuses.GONE and told not in ENDS:
        return [
            Finding(
                code="dead_end",
                state=state,
                path=way,
                told=told,
                what=f"A package ends in {state} ({shown(way)}), and its items stay at {told} upstream for ever.",
                fix=f"Map {state} to a status that is an end: {', '.join(map(str, sorted(ENDS)))}.",
            )
        ]
    return []


def _going_on(
    state: int, told: int | None, way: tuple[int, ...], status_map: Mapping[int, int], after: Iterable[int]
) -> list[Finding]:
    return [
        Finding(
            code="backwards",
            state=later,
            path=(*way, later),
            told=told,
            what=f"{later} -> {code} would move items back from {told} ({shown((*way, later))}).",
            fix=f"Map {later} to {told} or higher, or {state} and what is before it to {code} or lower.",
        )
        for later in after
        if _back(told, code := status_map.get(later))
    ]


def _back(told: int | None, code: int | None) -> bool:
    return code is not None and code != told and not statuses.may_follow(told, code)


def shown(path: Iterable[int]) -> str:
    """A path as text: `100 → 200 → 500`."""
    return " \N{RIGHTWARDS ARROW} ".join(map(str, path))
