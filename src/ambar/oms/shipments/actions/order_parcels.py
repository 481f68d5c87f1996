"""Make parcels for packages at packing, and for transfers, and let their carriers be asked after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambar.kit import work
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.shipments import carrier_store, store
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.states.domain.codes import ShipmentStatus

ASK_LOOP = "shipments_ask"


def order_parcels(packages: Sequence[LockedPackage], *, now: datetime) -> list[int]:
    """A parcel in CREATED for each package, raising `shipment.created`; the ids of the shipments.

    Runs in the caller's transaction, which holds the packages' locks. Nothing is asked here: a parcel whose cargo company
    is a connected carrier is due for the loop `shipments_ask` once the transaction has committed. Source: "Akinon OMS:
    Shipments" (at Packed a shipment record is made).
    """
    return order(
        [new_parcel(package, cargo_company=package.shipping_company) for package in packages], now=now
    )


def new_parcel(package: LockedPackage, *, cargo_company: str | None) -> NewShipment:
    """A parcel of the package that nobody has taken yet."""
    return NewShipment(carries=package.id, cargo_company=cargo_company, state=str(ShipmentStatus.CREATED))


def order(
    shipments: Sequence[NewShipment], *, of: store.Carried = store.Carried.PACKAGES, now: datetime
) -> list[int]:
    """As `order_parcels`, for parcels as they are given."""
    made = store.create(shipments, of=of, now=now)
    if made:
        carrier_store.start_talking(made, now=now)
        work.wake(ASK_LOOP)
    return made
