"""Akinon OMS: Shipment Order."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field

from ambar.kit import rest
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.commands.shipments.shipping import shipped
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs

Number = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]+$")]
Company = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]


class ShipmentParameters(rest.Body):
    """What is known of the parcel; the carrier itself is not asked."""

    tracking_number: Number | None = None
    query_number: Number | None = None
    shipping_company: Company | None = None


def parcel_of(batch: Batch, package: LockedPackage) -> NewShipment:
    """What the request tells of the package's parcel."""
    given = cast(ShipmentParameters, batch.parameters[package.id])
    return NewShipment(
        carries=package.id,
        cargo_company=given.shipping_company,
        awb_number=given.tracking_number,
        query_number=given.query_number,
    )


def run(batch: Batch) -> None:
    """Record the parcel and move to Shipped; nothing is sent to the carrier."""
    shipped(batch, lambda package: parcel_of(batch, package))


COMMAND = Command(
    code="SHIPMENT_ORDER",
    kind="package",
    title="Shipment Order",
    pairs=pairs([PackageStatus.PACKED], [PackageStatus.SHIPPED]),
    parameters=ShipmentParameters,
    run=run,
)
