"""Run one transition on one transfer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambar.oms.commands.actions.run_transfer_commands import run_transfer_commands
from ambar.oms.commands.domain.transfer_verdicts import TransferVerdict


def run_transfer_command(
    transfer_id: int,
    *,
    slug: str | None = None,
    transition_id: int | None = None,
    parameters: Mapping[str, Any] | None = None,
    location_ids: Sequence[int] | None = None,
    user_id: int | None = None,
    now: datetime,
) -> TransferVerdict:
    """As `run_transfer_commands` for one transfer; raises its refusal: `Invalid` (state, parameters), `Conflict`, `NotFound`."""
    verdict = run_transfer_commands(
        slug,
        [transfer_id],
        transition_id=transition_id,
        parameters={transfer_id: parameters or {}},
        location_ids=location_ids,
        user_id=user_id,
        now=now,
    )[0]
    if verdict.refusal is not None:
        raise verdict.refusal
    return verdict
