"""Akinon OMS: Channel Based Complete Packaging (`ChannelBasedCompletePackingCommand`); how a channel decides is our own
definition (`docs/decisions/0038-pickup-returns-refunds.md`).
"""

from __future__ import annotations

from ambar.oms.commands import channel_packing
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.packages import complete_packaging
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.stock_effects import take_stock
from ambar.oms.shipments.actions.order_parcels import order_parcels


def run(batch: Batch) -> None:
    """Packed; a parcel is made and its carrier asked for the channels whose packages the settings say are shipped so."""
    take_stock(batch, reason="pack")
    shipped = channel_packing.with_shipment([package.id for package in batch.standing])
    order_parcels([package for package in batch.standing if package.id in shipped], now=batch.now)
    batch.move()


COMMAND = Command(
    code="ChannelBasedCompletePackingCommand",
    kind="package",
    title="Channel Based Complete Packaging",
    pairs=complete_packaging.COMMAND.pairs,
    parameters=NoParameters,
    run=run,
)
