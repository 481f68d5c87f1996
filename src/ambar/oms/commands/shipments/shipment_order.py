"""Akinon OMS: Shipment Order."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field

from ambar.kit import rest
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain import events
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.shipments import store as shipments
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs

Number = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]+$")]


class ShipmentParameters(rest.Body):
    """What is known of the parcel; the carrier itself is not asked."""

    tracking_number: Number | None = None
    query_number: Number | None = None
    shipping_company: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")] | None = None


def run(batch: Batch) -> None:
    """Record the parcel and move to Shipped; nothing is sent to the carrier."""

    def given(package: LockedPackage) -> ShipmentParameters:
        return cast(ShipmentParameters, batch.parameters[package.id])

    standing = batch.standing
    companies = {p.id: company for p in standing if (company := given(p).shipping_company)}
    packages.set_shipping_company(companies, now=batch.now)
    shipments.create(
        [
            NewShipment(
                package_id=package.id,
                cargo_company=companies.get(package.id, package.shipping_company),
                awb_number=given(package).tracking_number,
                query_number=given(package).query_number,
            )
            for package in standing
        ],
        now=batch.now,
    )
    batch.move(besides=lambda package: (events.AWB_NUMBER,) if given(package).tracking_number else ())


COMMAND = Command(
    code="SHIPMENT_ORDER",
    kind="package",
    title="Shipment Order",
    pairs=pairs([PackageStatus.PACKED], [PackageStatus.SHIPPED]),
    parameters=ShipmentParameters,
    run=run,
)
