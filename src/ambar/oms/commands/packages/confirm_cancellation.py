"""Confirm Cancellation: the location takes the goods out of a packed package and puts them back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ambar.kit.refusals import Conflict
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.cancelling import Act, Off, take_off
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.orders import cancelling_store as store
from ambar.oms.orders.cancelling_store import Part
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


class NothingToCancel(Conflict):
    """No cancellation waits for this package's location."""

    code = "no_cancellation_waiting"


def awaiting(batch: Batch) -> list[Part]:
    """The parts that wait for the standing packages; packages without any are refused."""
    parts = store.waiting_parts([package.id for package in batch.standing])
    known = {part.package_id for part in parts}
    for package in batch.standing:
        if package.id not in known:
            batch.refuse(package.id, NothingToCancel(f"Nothing of {package.number} waits to be cancelled."))
    return parts


def act_of(batch: Batch) -> Act:
    """The command as what cancels; upstream hears of it by the answer to its plan."""
    return Act(
        command_code=batch.transition.command_code,
        slug=batch.transition.slug,
        transition_id=batch.transition.id,
        user_id=batch.user_id,
        cause=batch.cause,
        now=batch.now,
    )


def run(batch: Batch) -> None:
    """The units asked for are cancelled; with nothing left the package is Cancelled, otherwise it is Packed again."""
    parts = awaiting(batch)
    if not parts:
        return
    ended = take_off(
        [
            Off(
                order_item=part.order_item_id,
                quantity=part.quantity,
                package=part.package_id,
                package_item=part.package_item_id,
            )
            for part in parts
        ],
        {package.id: package for package in batch.standing},
        act_of(batch),
        moves={package.id: int(PackageStatus.PACKED) for package in batch.standing},
    )
    batch.ended.update(ended)
    store.set_parts([part.id for part in parts], "taken", cause=batch.cause, now=batch.now)
    _settle(batch, parts)


def _settle(batch: Batch, parts: Sequence[Part]) -> None:
    """Requests nothing of which waits any more are completed, and plans all of whose requests are."""
    requests = sorted({part.request_id for part in parts})
    still: dict[int, Decimal] = {}
    for part in store.parts_of(requests, []):
        if part.status == "waiting":
            still[part.request_id] = still.get(part.request_id, Decimal(0)) + part.quantity
    store.set_requests(
        {
            request: ("waiting_approval", still[request], "Waiting for the location.")
            if request in still
            else ("completed", Decimal(0), "Confirmed by the location.")
            for request in requests
        },
        now=batch.now,
    )
    plans = store.completed_plans({part.plan_id for part in parts if part.plan_id is not None})
    store.set_plans(dict.fromkeys(plans, ("done", "completed", "")), now=batch.now)


COMMAND = Command(
    code="CONFIRM_CANCELLATION",
    kind="package",
    title="Confirm Cancellation",
    pairs=pairs([PackageStatus.CANCELLATION_WAITING], [PackageStatus.CANCELLED]),
    parameters=NoParameters,
    run=run,
)
