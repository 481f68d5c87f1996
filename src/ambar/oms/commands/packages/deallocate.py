"""Akinon OMS: DeAllocate Package Reservations."""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.stock_effects import take_stock
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


def run(batch: Batch) -> None:
    """Preparing begins: the reserved goods leave the shelf and the books."""
    take_stock(batch, reason="deallocate")
    batch.move()


COMMAND = Command(
    code="PKG_DEALLOCATE_RESERVATIONS",
    kind="package",
    title="DeAllocate Package Reservations",
    pairs=pairs([PackageStatus.WAITING], [PackageStatus.PREPARING]),
    parameters=NoParameters,
    run=run,
)
