"""Say in which order the active scenarios are asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit.refusals import Invalid
from ambar.oms.scenarios import store
from ambar.oms.scenarios.actions.save_scenario import Edit, keep_what_stood
from ambar.oms.scenarios.kinds import Kind

STEP = 10


def put_in_order(kind: Kind, ids: Sequence[int], *, now: datetime, edit: Edit) -> list[Any]:
    """The active scenarios get priorities 10, 20, 30, … in the order of `ids`, all in one step.

    Raises `Invalid` unless `ids` names every active scenario once and no other.
    """
    with transaction.atomic():
        active = store.lock_active(kind)
        _check(ids, active)
        ordered = [active[scenario_id] for scenario_id in ids]
        moved = [row for index, row in enumerate(ordered) if _move(kind, row, (index + 1) * STEP, now)]
        if moved:
            store.raise_version()
        for row in moved:
            body = kind.body_of(kind.draft_of(row))
            store.keep_version(
                kind, row, act="put_in_order", body=body, author=edit.author, note=edit.note, at=now
            )
    return ordered


def _move(kind: Kind, scenario: Any, priority: int, now: datetime) -> bool:
    if scenario.priority == priority:
        return False
    if scenario.version == 0:
        keep_what_stood(kind, scenario, kind.body_of(kind.draft_of(scenario)))
    scenario.priority = priority
    scenario.version += 1
    scenario.modified_at = now
    scenario.save(update_fields=["priority", "version", "modified_at"])
    return True


def _check(ids: Sequence[int], active: dict[int, Any]) -> None:
    twice = sorted({scenario_id for scenario_id in ids if ids.count(scenario_id) > 1})
    unknown = [scenario_id for scenario_id in ids if scenario_id not in active]
    missing = [f"{row.name} ({row.pk})" for row in active.values() if row.pk not in ids]
    said = []
    if twice:
        said.append(f"Named twice: {', '.join(map(str, twice))}.")
    if unknown:
        said.append(f"Not an active scenario: {', '.join(map(str, unknown))}.")
    if missing:
        said.append(f"Every active scenario must be named; missing: {', '.join(missing)}.")
    if said:
        raise Invalid(fields={"ids": said})
