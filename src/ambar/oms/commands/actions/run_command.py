"""Run one transition on one package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.domain.verdicts import Verdict


def run_command(
    package_id: int,
    *,
    slug: str | None = None,
    transition_id: int | None = None,
    parameters: Mapping[str, Any] | None = None,
    location_ids: Sequence[int] | None = None,
    user_id: int | None = None,
    now: datetime,
) -> Verdict:
    """As `run_many` for one package; raises its refusal: `Invalid` (state, parameters), `Conflict`, `NotFound`."""
    verdict = run_many(
        slug,
        [package_id],
        transition_id=transition_id,
        parameters={package_id: parameters or {}},
        location_ids=location_ids,
        user_id=user_id,
        now=now,
    )[0]
    if verdict.refusal is not None:
        raise verdict.refusal
    return verdict
