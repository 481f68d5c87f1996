"""Akinon OMS: package state transition (`PKG_STATE_TRANSITION`)."""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs

BEFORE_PACKING = (
    PackageStatus.WAITING,
    PackageStatus.WAITING_REMOTE_ACTION,
    PackageStatus.PREPARING,
    PackageStatus.WAITING_FOR_TRANSFER,
    PackageStatus.READY_FOR_PACKAGING,
)
AFTER_PACKING = (
    PackageStatus.PACKED,
    PackageStatus.SHIPPED,
    PackageStatus.READY_FOR_CUSTOMER_PICKUP,
    PackageStatus.ATTEMPTED_DELIVERY,
    PackageStatus.DELIVERY_FAILED,
    PackageStatus.DELIVERED,
    PackageStatus.RETURNED,
)


def run(batch: Batch) -> None:
    """Only moves the state."""
    batch.move()


# Packing, blocking and cancelling have effects of their own: a plain transition never crosses them.
COMMAND = Command(
    code="PKG_STATE_TRANSITION",
    kind="package",
    title="State Transition",
    pairs=pairs(BEFORE_PACKING, BEFORE_PACKING) | pairs(AFTER_PACKING, AFTER_PACKING),
    parameters=NoParameters,
    run=run,
)
