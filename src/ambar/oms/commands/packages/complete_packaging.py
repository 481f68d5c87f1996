"""Akinon OMS: Complete Packaging without Shipment."""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.stock_effects import take_stock
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


def run(batch: Batch) -> None:
    """Packed, without a shipment record; stock leaves the books unless Deallocate took it already."""
    take_stock(batch, reason="pack")
    batch.move()


COMMAND = Command(
    code="CompletePackagingWithoutShipmentCommand",
    kind="package",
    title="Complete Packaging without Shipment",
    pairs=pairs(
        [PackageStatus.WAITING, PackageStatus.PREPARING, PackageStatus.READY_FOR_PACKAGING],
        [PackageStatus.PACKED],
    ),
    parameters=NoParameters,
    run=run,
)
