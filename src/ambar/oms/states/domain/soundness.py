"""What is wrong with a set of transitions: states nobody reaches, states nobody leaves, buttons that can't work.

Pure: rows and lives in, findings out, in a fixed order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ambar.oms.states.domain.fits import CommandFit
from ambar.oms.states.domain.life import Life

SEEN = "everywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A transition row: ends as enum values, `visibility` one of everywhere, api, hidden."""

    id: int
    slug: str
    name: str
    command_code: str
    source: str
    destination: str
    visibility: str = SEEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong. `state` (an enum value) or `slug` says where; `fix` is what to do about it."""

    code: str
    level: Literal["error", "warning"]
    kind: str
    what: str
    fix: str
    state: str | None = None
    slug: str | None = None


def examine(
    kind: str,
    *,
    names: Mapping[str, str],
    arrows: Sequence[Arrow],
    life: Life,
    fits: Collection[CommandFit],
) -> list[Finding]:
    """All findings about one kind of record.

    `names`: every state of the kind by enum value, in the order findings are told; `arrows`: its active rows; `fits`:
    the commands this installation knows for the kind.
    """
    by_code = {fit.code: fit for fit in fits}
    broken = [a for a in arrows if not _works(a, by_code)]
    working = [a for a in arrows if _works(a, by_code)]
    told = _Told(kind, names)
    own = [(move.source, move.destination) for move in life.own_moves]
    moves = {(a.source, a.destination) for a in working if a.source != a.destination} | set(own)
    reached = _closure(life.born, moves)
    left_by = {source for source, _ in moves}
    # What leads to a dead end is not told again: mending the dead end mends it too.
    ends = _closure([*life.final, *(set(names) - left_by)], {(b, a) for a, b in moves})
    seen_left = {a.source for a in working if a.visibility == SEEN and a.source != a.destination}
    found = [told.broken(arrow, arrow.command_code in by_code) for arrow in broken]
    for state in names:
        if state not in reached:
            found.append(told.unreachable(state))
        elif state in life.final:
            continue
        elif state not in left_by:
            found.append(told.dead_end(state))
        elif state not in ends:
            found.append(told.no_way_to_an_end(state))
        elif state not in seen_left and not any(source == state for source, _ in own):
            found.append(told.left_unseen(state))
    carried = {arrow.command_code for arrow in working}
    return found + [told.unused(fit) for _, fit in sorted(by_code.items()) if fit.code not in carried]


def _works(arrow: Arrow, fits: Mapping[str, CommandFit]) -> bool:
    fit = fits.get(arrow.command_code)
    return fit is not None and fit.covers(arrow.source, arrow.destination)


def _closure(start: Iterable[str], moves: Collection[tuple[str, str]]) -> set[str]:
    after: dict[str, list[str]] = {}
    for source, destination in moves:
        after.setdefault(source, []).append(destination)
    reached, waiting = set(start), list(start)
    while waiting:
        for state in after.get(waiting.pop(), ()):
            if state not in reached:
                reached.add(state)
                waiting.append(state)
    return reached


class _Told:
    def __init__(self, kind: str, names: Mapping[str, str]) -> None:
        self.kind = kind
        self.names = names

    def _state(
        self, code: str, level: Literal["error", "warning"], state: str, what: str, fix: str
    ) -> Finding:
        named = f"{self.names[state]} ({state})"
        return Finding(
            code=code,
            level=level,
            kind=self.kind,
            state=state,
            what=what.format(named),
            fix=fix.format(named),
        )

    def unreachable(self, state: str) -> Finding:
        return self._state(
            "unreachable_state",
            "warning",
            state,
            "Nothing leads to {}: no " + self.kind + " will ever stand there.",
            "Add a transition to {}, or switch the old one on again.",
        )

    def dead_end(self, state: str) -> Finding:
        return self._state(
            "dead_end",
            "error",
            state,
            "Nothing leads on from {}: what gets there stays for ever.",
            "Add a transition that starts from {}, or switch the old one on again.",
        )

    def no_way_to_an_end(self, state: str) -> Finding:
        return self._state(
            "no_way_to_an_end",
            "error",
            state,
            "From {} no final state can be reached: the ways on lead in a circle.",
            "Add a transition from {}, or from a state behind it, that leads on to an end.",
        )

    def left_unseen(self, state: str) -> Finding:
        return self._state(
            "left_unseen",
            "warning",
            state,
            "No button on a screen leads on from {}: only programs, or nobody, can run what does.",
            "Set the visibility of a transition that starts from {} to everywhere, if people work there.",
        )

    def broken(self, arrow: Arrow, known: bool) -> Finding:
        if known:
            code, why = (
                "command_does_not_fit",
                f"{arrow.command_code} does not lead from {arrow.source} to {arrow.destination}",
            )
        else:
            code, why = "unknown_command", f"there is no command {arrow.command_code}"
        return Finding(
            code=code,
            level="error",
            kind=self.kind,
            slug=arrow.slug,
            what=f"The transition {arrow.slug} can't be run: {why}.",
            fix=f"Give {arrow.slug} a command that fits, or switch it off.",
        )

    def unused(self, fit: CommandFit) -> Finding:
        return Finding(
            code="command_without_transition",
            level="warning",
            kind=self.kind,
            what=f"No active transition carries {fit.code} ({fit.title}): nobody can run it.",
            fix=f"Add a transition with {fit.code}, or leave it so if this brand does not use it.",
        )
