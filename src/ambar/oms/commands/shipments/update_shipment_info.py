"""Akinon OMS: Update Shipment Info of Package."""

from __future__ import annotations

from typing import cast

from pydantic import model_validator

from ambar.kit.refusals import Conflict
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.commands.shipments.shipment_order import ShipmentParameters, parcel_of
from ambar.oms.packages import registry as listeners
from ambar.oms.packages import store as packages
from ambar.oms.shipments import carrier_store, queries
from ambar.oms.shipments import store as shipments
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import same_state_pairs


class InfoParameters(ShipmentParameters):
    """What changed of the parcel; at least one of the three."""

    @model_validator(mode="after")
    def _something(self) -> InfoParameters:
        if not (self.tracking_number or self.query_number or self.shipping_company):
            raise ValueError("Give tracking_number, query_number or shipping_company.")
        return self


class NoParcel(Conflict):
    """The package has no parcel whose data could be changed."""

    code = "package_without_shipment"


def run(batch: Batch) -> None:
    """The state stays; the parcel has the new data from now on, and its label is drawn anew with them."""
    held = queries.living_parcels([package.id for package in batch.standing])
    for package in batch.standing:
        if package.id not in held:
            batch.refuse(package.id, NoParcel())
    parcels = [parcel_of(batch, package) for package in batch.standing]
    if not parcels:
        return
    companies = {one.carries: one.cargo_company for one in parcels if one.cargo_company}
    packages.set_shipping_company(companies, now=batch.now)
    shipments.set_info(parcels, now=batch.now)
    carrier_store.announce_numbers([one.carries for one in parcels if one.awb_number], now=batch.now)
    listeners.changed_within_a_state([one.carries for one in parcels], now=batch.now)
    batch.note(
        attributes=lambda package: cast(ShipmentParameters, batch.parameters[package.id]).model_dump(
            exclude_none=True
        )
    )


COMMAND = Command(
    code="UpdateShipmentInfoOfThePackageCommand",
    kind="package",
    title="Update Shipment Info of Package",
    pairs=same_state_pairs(
        [
            PackageStatus.PACKED,
            PackageStatus.SHIPPED,
            PackageStatus.ATTEMPTED_DELIVERY,
            PackageStatus.DELIVERED,
        ]
    ),
    parameters=InfoParameters,
    run=run,
)
