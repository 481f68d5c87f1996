"""Make a parcel for each package at packing and let its carrier be asked after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambar.kit import work
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.shipments import carrier_store, store
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.states.domain.codes import ShipmentStatus

ASK_LOOP = "shipments_ask"


def order_parcels(packages: Sequence[LockedPackage], *, now: datetime) -> dict[int, int]:
    """A parcel in CREATED for each package, raising `shipment.created`; {package id: shipment id}.

    Runs in the caller's transaction, which holds the packages' locks. Nothing is asked here: a parcel whose cargo company
    is a connected carrier is due for the loop `shipments_ask` once the transaction has committed. Source: "Akinon OMS:
    Shipments" (at Packed a shipment record is made).
    """
    made = store.create(
        [
            NewShipment(
                package_id=package.id,
                cargo_company=package.shipping_company,
                state=str(ShipmentStatus.CREATED),
            )
            for package in packages
        ],
        now=now,
    )
    if made:
        carrier_store.start_talking(list(made.values()), now=now)
        work.wake(ASK_LOOP)
    return made
