"""Akinon OMS: `SelfServicePackageDeliveryCommand`, named among the commands with parameters; what it does is our own
decision (`docs/decisions/0038-pickup-returns-refunds.md`).
"""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.packages import pickup_codes
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


class SelfServiceParameters(rest.Body):
    """`pickup_code`: the code the customer showed; capitals, blanks and dashes don't matter."""

    pickup_code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")] | None = None


def run(batch: Batch) -> None:
    """The customer has collected the package. One that was made ready with a code is handed over against that code only."""
    codes = pickup_codes.read([package.id for package in batch.standing])
    for package in batch.standing:
        code = codes.get(package.id)
        shown = cast(SelfServiceParameters, batch.parameters[package.id]).pickup_code
        if code is None:
            continue
        if shown is None:
            batch.refuse(package.id, Invalid(fields={"pickup_code": ["This field is required."]}))
        elif not pickup_codes.same(shown, code):
            problem = f"This is not the code of package {package.number}."
            batch.refuse(package.id, Invalid(fields={"pickup_code": [problem]}))
    batch.move()


COMMAND = Command(
    code="SelfServicePackageDeliveryCommand",
    kind="package",
    title="Self Service Package Delivery",
    pairs=pairs([PackageStatus.READY_FOR_CUSTOMER_PICKUP], [PackageStatus.DELIVERED]),
    parameters=SelfServiceParameters,
    run=run,
)
