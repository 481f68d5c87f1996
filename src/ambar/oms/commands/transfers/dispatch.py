"""Akinon OMS: Transfer Dispatch."""

from __future__ import annotations

from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.states.domain.codes import TransferStatus
from ambar.oms.states.domain.fits import pairs


def run(batch: TransferBatch) -> None:
    """The goods leave the source. Until they are received the books show them there, reserved for the transfer item."""
    batch.move()


COMMAND = Command(
    code="TransferDispatchCommand",
    kind="transfer",
    title="Transfer Dispatch",
    pairs=pairs(
        [TransferStatus.WAITING, TransferStatus.READY_TO_SHIPMENT],
        [TransferStatus.IN_TRANSIT],
    ),
    parameters=NoParameters,
    run=run,
)
