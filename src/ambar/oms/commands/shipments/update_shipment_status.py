"""Akinon OMS: Update The Package's Shipment Status."""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.shipments import store as shipments
from ambar.oms.states.domain.codes import PackageStatus, ShipmentStatus
from ambar.oms.states.domain.fits import pairs


def run(batch: Batch) -> None:
    """Delivered: the parcels of the package and the package itself."""
    shipments.set_state(
        {package.id: str(ShipmentStatus.DELIVERED) for package in batch.standing}, now=batch.now
    )
    batch.move()


COMMAND = Command(
    code="UpdatePackageShipmentStatusCommand",
    kind="package",
    title="Update The Package's Shipment Status",
    pairs=pairs(
        [PackageStatus.SHIPPED, PackageStatus.ATTEMPTED_DELIVERY, PackageStatus.DELIVERY_FAILED],
        [PackageStatus.DELIVERED],
    ),
    parameters=NoParameters,
    run=run,
)
