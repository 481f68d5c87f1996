"""Parcels of transfers go with them (`docs/decisions/0058-parcels-of-transfers.md`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ambar.oms.shipments import store
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.shipments.store import Carried
from ambar.oms.states.domain.codes import ShipmentStatus, TransferStatus

_ENDS: Mapping[str, str] = {
    TransferStatus.TRANSFERRED: ShipmentStatus.DELIVERED,
    TransferStatus.CANCELLED: ShipmentStatus.DELETED,
    TransferStatus.OUT_OF_STOCK: ShipmentStatus.DELETED,
}


def follow(states: Mapping[int, str], now: datetime) -> None:
    """A transfer that left has its parcels on their way; one that arrived has them delivered; one called off has them
    withdrawn, at their carrier too. Transfers without a parcel (a courier, an own van) get none."""
    leaving = [i for i, state in states.items() if state == TransferStatus.IN_TRANSIT]
    store.ship([NewShipment(carries=i) for i in sorted(leaving)], of=Carried.TRANSFERS, now=now)
    ended = {i: str(_ENDS[state]) for i, state in states.items() if state in _ENDS}
    store.set_state(ended, of=Carried.TRANSFERS, now=now)
