"""Step 4: no package or transfer gets stuck on the way, and every package event can be reached."""

from __future__ import annotations

from ambar.oms.doctor.actions.checks.package_hooks import STATES
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.states import queries, soundness
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.domain.life import LIVES

CODES = {
    "dead_end": "transitions_dead_end",
    "no_way_to_an_end": "transitions_circle",
    "unknown_command": "transitions_broken",
    "command_does_not_fit": "transitions_broken",
}


def check(visit: Visit) -> list[Finding]:
    """What the check of transitions calls an error, and the events no transition leads to."""
    names = {
        kind: {row["enum_value"]: str(row["name"]) for row in queries.states_of(enum)}
        for kind, enum in ENUM_OF_KIND.items()
        if kind in LIVES
    }
    return [*_stuck(names), *_events(names["package"])]


def package_moves() -> set[tuple[int, int]]:
    """Every move a package can make: by an active transition, or by itself."""
    moves = {(int(row.source), int(row.destination)) for row in queries.active_transitions("package")}
    return moves | {(int(move.source), int(move.destination)) for move in LIVES["package"].own_moves}


def _stuck(names: dict[str, dict[str, str]]) -> list[Finding]:
    errors = [found for found in soundness.findings() if found.level == "error"]
    if not errors:
        return [Finding(step=4, name="transitions", code="transitions_sound")]
    return [
        Finding(
            step=4,
            name=f"transitions.{found.kind}.{found.slug or found.state}",
            code=CODES[found.code],
            figures={
                "kind": found.kind,
                "slug": found.slug or "",
                "state": f"{names[found.kind].get(found.state or '', '')} ({found.state})",
            },
            remedy="switch_off_transition" if found.slug else "restore_transitions",
        )
        for found in errors
    ]


def _events(names: dict[str, str]) -> list[Finding]:
    reached = {int(state) for state in LIVES["package"].born}
    waiting, moves = list(reached), package_moves()
    while waiting:
        source = waiting.pop()
        for before, after in moves:
            if before == source and after not in reached:
                reached.add(after)
                waiting.append(after)
    missing = {event: state for event, state in STATES.items() if state not in reached}
    if not missing:
        return [Finding(step=4, name="package_events", code="events_reachable")]
    return [
        Finding(
            step=4,
            name=f"package_event.{event}",
            code="event_unreachable",
            figures={"event": event, "state": f"{names.get(str(state), '')} ({state})"},
            remedy="restore_transitions",
        )
        for event, state in missing.items()
    ]
