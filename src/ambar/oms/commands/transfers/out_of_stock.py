"""Akinon OMS: Transfer Out Of Stock (`TRANSFER_OUT_OF_STOCK`)."""

from __future__ import annotations

from ambar.oms.commands.registry import Command
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.commands.transfers.giving_up import MissingParameters, give_up
from ambar.oms.states.domain.codes import TransferStatus
from ambar.oms.states.domain.fits import pairs


def run(batch: TransferBatch) -> None:
    """The transfer and the named items are out of stock; all items are planned anew, the named ones never from here."""
    give_up(batch, reason="out of stock for transfer")


COMMAND = Command(
    code="TRANSFER_OUT_OF_STOCK",
    kind="transfer",
    title="Transfer Out Of Stock",
    pairs=pairs([TransferStatus.WAITING], [TransferStatus.OUT_OF_STOCK]),
    parameters=MissingParameters,
    run=run,
)
