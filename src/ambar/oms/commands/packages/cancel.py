"""Cancel: what a package holds is not supplied any more, by nobody."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, cast

from pydantic import Field, StrictInt

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.cancelling import Act, Off, take_off
from ambar.oms.commands.registry import Command
from ambar.oms.orders import cancelling_store as store
from ambar.oms.orders import queries as orders
from ambar.oms.orders.domain.wishes import Wish
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


class CancelParameters(rest.Body):
    """`cancellation_reason`: id of an active cancellation reason; `reason`: what the floor adds to it, or says instead.

    Both stand on the log and on the cancellation request.
    """

    cancellation_reason: Annotated[StrictInt, Field(ge=1, lt=2**63)] | None = None
    reason: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")] = ""


def run(batch: Batch) -> None:
    """The items are cancelled for good, their stock is free again, upstream hears that they are Canceled."""
    reasons = _reasons(batch)
    _note(batch, reasons)
    take_off(
        [
            Off(
                order_item=item.order_item_id,
                quantity=item.quantity,
                package=package.id,
                package_item=item.id,
            )
            for package in batch.standing
            for item in package.items
        ],
        {package.id: package for package in batch.standing},
        Act(
            command_code=batch.transition.command_code,
            slug=batch.transition.slug,
            transition_id=batch.transition.id,
            user_id=batch.user_id,
            cause=batch.cause,
            now=batch.now,
            sync=batch.transition.parameters.get("sync_remote_order_status", True) is not False,
            attributes={i: {"reason": reason} for i, reason in reasons.items() if reason},
        ),
    )


def _reasons(batch: Batch) -> dict[int, str]:
    """Why, per package; packages with an unknown reason are refused."""
    given = {package.id: cast(CancelParameters, batch.parameters[package.id]) for package in batch.standing}
    wanted = {one.cancellation_reason for one in given.values() if one.cancellation_reason is not None}
    titles = orders.active_cancellation_reasons(wanted) if wanted else {}
    for package_id, one in given.items():
        if one.cancellation_reason is not None and one.cancellation_reason not in titles:
            problem = f"No active cancellation reason has the id {one.cancellation_reason}."
            batch.refuse(package_id, Invalid(fields={"cancellation_reason": [problem]}))
    return {
        package.id: ": ".join(
            text for text in (titles.get(wish.cancellation_reason or 0, ""), wish.reason) if text
        )
        for package in batch.standing
        if (wish := given[package.id])
    }


def _note(batch: Batch, reasons: Mapping[int, str]) -> None:
    """The cancellation requests that this call fulfils at once."""
    items = [(package, item) for package in batch.standing for item in package.items]
    requests = store.add_requests(
        [
            (
                None,
                package.order_id,
                "cancel",
                Wish(
                    item_id=item.order_item_id,
                    quantity=item.quantity,
                    open=item.quantity,
                    reason=reasons[package.id],
                ),
            )
            for package, item in items
        ],
        origin="command",
        user_id=batch.user_id,
        now=batch.now,
    )
    store.add_parts(
        [
            store.NewPart(
                request=request,
                package_item=item.id,
                package=package.id,
                location=package.location_id,
                quantity=item.quantity,
                status="taken",
                cause=batch.cause,
            )
            for request, (package, item) in zip(requests, items, strict=True)
        ],
        now=batch.now,
    )
    store.set_requests(dict.fromkeys(requests, ("completed", Decimal(0), "")), now=batch.now)


COMMAND = Command(
    code="CANCEL_PACKAGE",
    kind="package",
    title="Cancel",
    pairs=pairs(
        [
            PackageStatus.WAITING,
            PackageStatus.WAITING_REMOTE_ACTION,
            PackageStatus.PREPARING,
            PackageStatus.WAITING_FOR_TRANSFER,
            PackageStatus.READY_FOR_PACKAGING,
            PackageStatus.PACKED,
            PackageStatus.NEEDS_RESCHEDULING,
            PackageStatus.OUT_OF_STOCK,
        ],
        [PackageStatus.CANCELLED],
    ),
    parameters=CancelParameters,
    run=run,
)
