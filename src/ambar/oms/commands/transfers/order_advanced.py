"""Akinon OMS: Transfer Order Advanced."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field

from ambar.kit import rest
from ambar.oms.commands.registry import Command
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.shipments import store as shipments
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.shipments.store import Carried
from ambar.oms.states.domain.codes import ShipmentStatus, TransferStatus
from ambar.oms.states.domain.fits import pairs
from ambar.oms.transfers import store as transfers


class CarrierParameters(rest.Body):
    """Who carries the goods and under which number; the carrier itself is not told."""

    shipping_company: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
    tracking_number: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]+$")]


def run(batch: TransferBatch) -> None:
    """Ready for Shipment, with a parcel of the carrier and tracking number given from outside."""
    given = {t.id: cast(CarrierParameters, batch.parameters[t.id]) for t in batch.standing}
    transfers.set_carrier(
        {i: (carrier.shipping_company, carrier.tracking_number) for i, carrier in given.items()},
        now=batch.now,
    )
    shipments.create(
        [
            NewShipment(
                carries=i,
                cargo_company=carrier.shipping_company,
                awb_number=carrier.tracking_number,
                state=str(ShipmentStatus.CREATED),
            )
            for i, carrier in sorted(given.items())
        ],
        of=Carried.TRANSFERS,
        now=batch.now,
    )
    batch.move()


COMMAND = Command(
    code="TransferOrderAdvancedCommand",
    kind="transfer",
    title="Transfer Order Advanced",
    pairs=pairs([TransferStatus.WAITING], [TransferStatus.READY_TO_SHIPMENT]),
    parameters=CarrierParameters,
    run=run,
)
