"""Akinon OMS: Refuse with Denial Reason."""

from __future__ import annotations

from typing import Annotated, Any, cast

from pydantic import Field, StrictInt

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.commands.stock_effects import give_stock_back
from ambar.oms.orders import store as orders
from ambar.oms.packages import queries as packages
from ambar.oms.packages.domain import events
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.planning import store as planning
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


class RefuseParameters(rest.Body):
    """`denial_reason`: id of an active package denial reason; `note`: what the floor adds to it."""

    denial_reason: Annotated[StrictInt, Field(ge=1, lt=2**63)]
    note: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")] = ""


def run(batch: Batch) -> None:
    """The location does not make this package: its stock is free again, it never gets these items again, planning goes on."""
    given = {package.id: cast(RefuseParameters, batch.parameters[package.id]) for package in batch.standing}
    titles = packages.active_denial_reasons({wish.denial_reason for wish in given.values()})
    for package_id, wish in given.items():
        if wish.denial_reason not in titles:
            problem = f"No active denial reason has the id {wish.denial_reason}."
            batch.refuse(package_id, Invalid(fields={"denial_reason": [problem]}))
    refused = batch.standing
    if not refused:
        return
    give_stock_back(batch, refused, reason="refused")
    planning.exclude(
        [
            (item.order_item_id, package.location_id, f"refused: {titles[given[package.id].denial_reason]}")
            for package in refused
            for item in package.items
        ],
        now=batch.now,
    )

    def why(package: LockedPackage) -> dict[str, Any]:
        wish = given[package.id]
        reason = {"id": wish.denial_reason, "title": titles[wish.denial_reason], "note": wish.note}
        return {"denial_reason": reason}

    batch.move(attributes=why, besides=lambda package: (events.REFUSED,))
    orders.request_planning(sorted({package.order_id for package in refused}), batch.now)


COMMAND = Command(
    code="REFUSE_WITH_DENIAL_REASON",
    kind="package",
    title="Refuse with Denial Reason",
    pairs=pairs(
        [PackageStatus.WAITING, PackageStatus.WAITING_REMOTE_ACTION, PackageStatus.PREPARING],
        [PackageStatus.NEEDS_RESCHEDULING],
    ),
    parameters=RefuseParameters,
    run=run,
)
