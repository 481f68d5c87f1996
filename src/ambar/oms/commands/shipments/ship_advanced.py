"""Akinon OMS: Package Advanced Shipment."""

from __future__ import annotations

from ambar.oms.commands.registry import Command
from ambar.oms.commands.shipments.shipment_order import Company, Number, ShipmentParameters, run
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


class AdvancedParameters(ShipmentParameters):
    """The carrier and its number as some other system has them; the carrier itself is not told."""

    tracking_number: Number
    shipping_company: Company


COMMAND = Command(
    code="ShipThePackageAdvancedCommand",
    kind="package",
    title="Package Advanced Shipment",
    pairs=pairs([PackageStatus.PACKED], [PackageStatus.SHIPPED]),
    parameters=AdvancedParameters,
    run=run,
)
