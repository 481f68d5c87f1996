"""Akinon OMS: Unblock the Package For Action."""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.domain.verdicts import OtherFormerState
from ambar.oms.commands.packages.block import BLOCKABLE
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


def run(batch: Batch) -> None:
    """Back to the state it was blocked from; any other outcome is refused."""
    for package in batch.standing:
        if str(package.previous_state) != batch.transition.destination:
            batch.refuse(
                package.id,
                OtherFormerState(
                    f"{package.number} was blocked from {package.previous_state}; it returns there only.",
                    former_state=str(package.previous_state),
                ),
            )
    batch.move()


COMMAND = Command(
    code="UNBLOCK_THE_PACKAGE",
    kind="package",
    title="Unblock the Package For Action",
    pairs=pairs([PackageStatus.BLOCKED], BLOCKABLE),
    parameters=NoParameters,
    run=run,
)
