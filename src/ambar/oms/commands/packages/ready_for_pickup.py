"""Akinon OMS: `ReadyForPickupCommand`, named among the commands with parameters; what it does is our own decision
(`docs/decisions/0038-pickup-returns-refunds.md`).
"""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field

from ambar.kit import rest
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.packages import pickup_codes
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


class ReadyForPickupParameters(rest.Body):
    """`pickup_code`: what the customer was told to show; one is made when it is left out."""

    pickup_code: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{6,32}$")] | None = None


def run(batch: Batch) -> None:
    """The customer may collect the package, against its code."""
    pickup_codes.keep(
        {
            package.id: cast(ReadyForPickupParameters, batch.parameters[package.id]).pickup_code
            or pickup_codes.new()
            for package in batch.standing
        }
    )
    batch.move()


COMMAND = Command(
    code="ReadyForPickupCommand",
    kind="package",
    title="Ready for Pickup",
    pairs=pairs([PackageStatus.PACKED, PackageStatus.SHIPPED], [PackageStatus.READY_FOR_CUSTOMER_PICKUP]),
    parameters=ReadyForPickupParameters,
    run=run,
)
