"""Run one transition on one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.domain.verdicts import Verdict
from ambar.oms.commands.kinds import PACKAGES, Kind


def run_command(
    record_id: int,
    *,
    kind: Kind = PACKAGES,
    slug: str | None = None,
    transition_id: int | None = None,
    parameters: Mapping[str, Any] | None = None,
    location_ids: Sequence[int] | None = None,
    user_id: int | None = None,
    now: datetime,
) -> Verdict:
    """As `run_many` for one record; raises its refusal: `Invalid` (state, parameters), `Conflict`, `NotFound`."""
    verdict = run_many(
        slug,
        [record_id],
        kind=kind,
        transition_id=transition_id,
        parameters={record_id: parameters or {}},
        location_ids=location_ids,
        user_id=user_id,
        now=now,
    )[0]
    if verdict.refusal is not None:
        raise verdict.refusal
    return verdict
