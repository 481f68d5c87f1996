"""Akinon OMS: Transfer Ready for Dispatch."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field

from ambar.kit import rest
from ambar.oms.commands.registry import Command
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.shipments.actions.order_parcels import order
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.shipments.store import Carried
from ambar.oms.states.domain.codes import ShipmentStatus, TransferStatus
from ambar.oms.states.domain.fits import pairs
from ambar.oms.transfers import store as transfers


class CompanyParameters(rest.Body):
    """`shipping_company`: who will fetch the goods; a connected carrier is told. Not given: a courier or an own van."""

    shipping_company: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")] | None = None


def run(batch: TransferBatch) -> None:
    """The source has the goods ready; from now on they can't be reported missing any more. With a shipping company there
    is a parcel, which its carrier is asked for after the commit."""
    given = {t.id: cast(CompanyParameters, batch.parameters[t.id]).shipping_company for t in batch.standing}
    companies = {i: company for i, company in given.items() if company is not None}
    transfers.set_carrier({i: (company, None) for i, company in companies.items()}, now=batch.now)
    order(
        [
            NewShipment(carries=i, cargo_company=company, state=str(ShipmentStatus.CREATED))
            for i, company in sorted(companies.items())
        ],
        of=Carried.TRANSFERS,
        now=batch.now,
    )
    batch.move()


COMMAND = Command(
    code="TransferReadyForDispatchCommand",
    kind="transfer",
    title="Transfer Ready for Dispatch",
    pairs=pairs([TransferStatus.WAITING], [TransferStatus.READY_TO_SHIPMENT]),
    parameters=CompanyParameters,
    run=run,
)
