"""Step 4: the status map is sound for the transitions of this installation."""

from __future__ import annotations

from ambar.oms.doctor.actions.checks.transitions import package_moves
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.states.domain.life import LIVES
from ambar.oms.upstream.domain import status_model, statuses


def check(visit: Visit) -> list[Finding]:
    """A finding per problem of the map, each with the way of a package there."""
    try:
        given = mapped(visit)
    except (TypeError, ValueError, AttributeError) as error:
        return [
            Finding(
                step=4,
                name="status_map",
                code="seller_settings_unusable",
                figures={"reason": str(error)[:300]},
            )
        ]
    life = LIVES["package"]
    problems = status_model.examine(
        given,
        moves=package_moves(),
        born=[int(state) for state in life.born],
        final=[int(state) for state in life.final],
    )
    if not problems:
        return [Finding(step=4, name="status_map", code="status_map_sound")]
    return [
        Finding(
            step=4,
            name=f"status_map.{problem.state}",
            code=f"status_map_{problem.kind}",
            figures={
                "state": problem.state,
                "path": " → ".join(str(state) for state in problem.path),
                "told": problem.told,
                "code": problem.code,
            },
            remedy="restore_status_rows",
        )
        for problem in problems
    ]


def mapped(visit: Visit) -> dict[int, int]:
    """The map in force: the configured one, else the default."""
    told = (visit.seller or {}).get("status_map")
    if told is None:
        return dict(statuses.DEFAULT_MAP)
    return {int(state): int(code) for state, code in told.items()}
