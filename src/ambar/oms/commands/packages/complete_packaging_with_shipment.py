"""Akinon OMS: Complete Packaging with Shipment."""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.packages import complete_packaging
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.stock_effects import take_stock
from ambar.oms.shipments.actions.order_parcels import order_parcels


def run(batch: Batch) -> None:
    """Packed, with a parcel each; the carrier is asked after the commit (`docs/decisions/0035-carriers.md`)."""
    take_stock(batch, reason="pack")
    order_parcels(batch.standing, now=batch.now)
    batch.move()


COMMAND = Command(
    code="CompletePackingCommand",
    kind="package",
    title="Complete Packaging with Shipment",
    pairs=complete_packaging.COMMAND.pairs,
    parameters=NoParameters,
    run=run,
)
