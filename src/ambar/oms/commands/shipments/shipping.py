"""What every command does that hands a package to its carrier."""

from __future__ import annotations

from collections.abc import Callable

from ambar.oms.commands.batch import Batch
from ambar.oms.packages.domain import events
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.shipments import store as shipments
from ambar.oms.shipments.domain.tracking import NewShipment

Parcel = Callable[[LockedPackage], NewShipment]


def bare(package: LockedPackage) -> NewShipment:
    """A parcel of which nothing new is known."""
    return NewShipment(carries=package.id)


def shipped(batch: Batch, parcel: Parcel = bare) -> None:
    """The parcel made at packing is on its way (or one is recorded now), and the package moves. No carrier is asked."""
    parcels = {package.id: parcel(package) for package in batch.standing}
    companies = {i: company for i, known in parcels.items() if (company := known.cargo_company)}
    leaving = [
        NewShipment(
            carries=package.id,
            cargo_company=parcels[package.id].cargo_company or package.shipping_company,
            awb_number=parcels[package.id].awb_number,
            query_number=parcels[package.id].query_number,
        )
        for package in batch.standing
    ]
    without = shipments.ship(leaving, now=batch.now)
    shipments.create([one for one in leaving if one.carries in without], now=batch.now)
    batch.move(
        besides=lambda package: (events.AWB_NUMBER,) if parcels[package.id].awb_number else (),
        carriers=companies,
    )
