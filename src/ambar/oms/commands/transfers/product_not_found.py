"""Akinon OMS: Product for Transfer Not Found & Wrong Product."""

from __future__ import annotations

from ambar.oms.commands.registry import Command
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.commands.transfers.giving_up import MissingParameters, give_up
from ambar.oms.states.domain.codes import TransferStatus
from ambar.oms.states.domain.fits import pairs


def run(batch: TransferBatch) -> None:
    """The transfer is cancelled and its package planned anew; what was not found is never asked of this source again."""
    give_up(batch, reason="not found for transfer")


COMMAND = Command(
    code="TransferProductNotFoundCommand",
    kind="transfer",
    title="Product for Transfer Not Found & Wrong Product",
    pairs=pairs([TransferStatus.WAITING], [TransferStatus.CANCELLED]),
    parameters=MissingParameters,
    run=run,
)
