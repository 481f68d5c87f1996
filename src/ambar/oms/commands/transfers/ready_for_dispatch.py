"""Akinon OMS: Transfer Ready for Dispatch."""

from __future__ import annotations

from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.states.domain.codes import TransferStatus
from ambar.oms.states.domain.fits import pairs


def run(batch: TransferBatch) -> None:
    """The source has the goods ready; from now on they can't be reported missing any more."""
    batch.move()


COMMAND = Command(
    code="TransferReadyForDispatchCommand",
    kind="transfer",
    title="Transfer Ready for Dispatch",
    pairs=pairs([TransferStatus.WAITING], [TransferStatus.READY_TO_SHIPMENT]),
    parameters=NoParameters,
    run=run,
)
