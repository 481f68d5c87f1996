"""Akinon OMS: package state transition (`PKG_STATE_TRANSITION`)."""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.domain.verdicts import TransfersUnderWay
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs
from ambar.oms.transfers import queries as transfers

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
    """Only moves the state; a package does not leave Waiting for Transfer while goods are still to come."""
    if batch.transition.source == str(int(PackageStatus.WAITING_FOR_TRANSFER)):
        awaited = transfers.open_of_packages([package.id for package in batch.standing])
        for package_id, numbers in awaited.items():
            said = f"Still on the way: {', '.join(numbers)}. The package goes on by itself with the last of them."
            batch.refuse(package_id, TransfersUnderWay(said, transfers=numbers))
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
