"""Ask a carrier about a parcel now instead of at its next turn."""

from __future__ import annotations

from datetime import datetime

from ambar.kit import work
from ambar.kit.refusals import Conflict
from ambar.oms.shipments.actions.order_parcels import ASK_LOOP
from ambar.oms.shipments.models import Shipment

POLL_LOOP = "shipments_poll"


class NothingToPoll(Conflict):
    """The carrier of this parcel has nothing more to tell, or no connected carrier takes it."""

    code = "shipment_nothing_to_poll"


def poll_now(shipment_id: int, *, now: datetime) -> None:
    """Make the parcel due; its carrier is asked by the background loops. Raises `NothingToPoll`."""
    open_parcels = Shipment.objects.filter(pk=shipment_id, talk__in=("to_ask", "known"))
    if not open_parcels.update(due_at=now):
        raise NothingToPoll()
    work.wake(ASK_LOOP)
    work.wake(POLL_LOOP)
