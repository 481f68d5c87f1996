"""Akinon OMS: Packed for Refund."""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.stock_effects import give_stock_back
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


def run(batch: Batch) -> None:
    """The package is closed for a refund: nothing of it is sent, its stock is free again, its order items are refunded."""
    give_stock_back(batch, batch.standing, reason="packed for refund")
    batch.move()


COMMAND = Command(
    code="PackagePackedForRefundCommand",
    kind="package",
    title="Packed for Refund",
    pairs=pairs([PackageStatus.WAITING, PackageStatus.OUT_OF_STOCK], [PackageStatus.PACKED_FOR_REFUND]),
    parameters=NoParameters,
    run=run,
)
