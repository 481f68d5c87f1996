"""Refuse Cancellation: the location sends a packed package all the same."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field

from ambar.kit import rest
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.cancelling_off import call_off
from ambar.oms.commands.packages.confirm_cancellation import act_of, awaiting
from ambar.oms.commands.registry import Command
from ambar.oms.orders import cancelling_store as store
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


class RefuseCancellationParameters(rest.Body):
    """`reason`: why the goods are sent all the same, as upstream is told."""

    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


def run(batch: Batch) -> None:
    """The package is Packed again; every cancellation that wanted units of it is refused as a whole."""
    parts = awaiting(batch)
    if not parts:
        return
    reasons = {
        package.id: cast(RefuseCancellationParameters, batch.parameters[package.id]).reason
        for package in batch.standing
    }
    batch.move(attributes=lambda package: {"reason": reasons[package.id]}, sync=False)
    own = [package.id for package in batch.standing]
    answers: dict[str, tuple[set[int], set[int]]] = {}
    for part in parts:
        plans, requests = answers.setdefault(reasons[part.package_id or 0], (set(), set()))
        plans.update([part.plan_id] if part.plan_id is not None else [])
        requests.add(part.request_id)
    for reason, (plans, requests) in answers.items():
        call_off(
            sorted(plans), sorted(requests), status="rejected", answer=reason, act=act_of(batch), besides=own
        )
        store.set_plans(dict.fromkeys(plans, ("refused", "rejected", reason)), now=batch.now)


COMMAND = Command(
    code="REFUSE_CANCELLATION",
    kind="package",
    title="Refuse Cancellation",
    pairs=pairs([PackageStatus.CANCELLATION_WAITING], [PackageStatus.PACKED]),
    parameters=RefuseCancellationParameters,
    run=run,
)
