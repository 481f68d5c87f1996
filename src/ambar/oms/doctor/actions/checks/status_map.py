"""Step 4: the status map is sound for the transitions of this installation."""

from __future__ import annotations

from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.upstream import status_soundness
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
    problems = status_soundness.findings(given)
    if not problems:
        return [Finding(step=4, name="status_map", code="status_map_sound")]
    return [
        Finding(
            step=4,
            name=f"status_map.{problem.state}",
            code=f"status_map_{problem.code}",
            figures={
                "state": problem.state,
                "path": status_model.shown(problem.path),
                "told": problem.told,
                "code": given.get(problem.state),
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
