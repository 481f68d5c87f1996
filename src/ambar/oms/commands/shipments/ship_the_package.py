"""Akinon OMS: Ship The Package, and its basic form."""

from __future__ import annotations

from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.shipments.shipping import shipped
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs

_PAIRS = pairs([PackageStatus.PACKED], [PackageStatus.SHIPPED])

COMMAND = Command(
    code="ShipThePackageCommand",
    kind="package",
    title="Ship The Package",
    pairs=_PAIRS,
    parameters=NoParameters,
    run=shipped,
)
BASIC = Command(
    code="ShipThePackageBasicCommand",
    kind="package",
    title="Ship The Package, Basic",
    pairs=_PAIRS,
    parameters=NoParameters,
    run=shipped,
)
