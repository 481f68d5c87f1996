"""Ask a carrier again for a parcel it did not make."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ambar.kit import work
from ambar.kit.refusals import Conflict
from ambar.oms.shipments import carrier_store
from ambar.oms.shipments.actions.order_parcels import ASK_LOOP
from ambar.oms.shipments.models import Shipment


class NothingToRetry(Conflict):
    """The carrier of this parcel has answered, or no connected carrier takes it."""

    code = "shipment_nothing_to_retry"


def retry(shipment_id: int, *, now: datetime) -> None:
    """Make a parcel due that was given up, or whose carrier was connected after it was made. Raises `NothingToRetry`."""
    with transaction.atomic():
        parcel = Shipment.objects.select_for_update().get(pk=shipment_id)
        if parcel.talk == "error":
            Shipment.objects.filter(pk=shipment_id).update(talk="to_ask", attempts=0, problem="", due_at=now)
        elif parcel.talk == "" and parcel.state == "CREATED":
            carrier_store.start_talking([shipment_id], now=now)
        talk = Shipment.objects.values_list("talk", flat=True).get(pk=shipment_id)
        if talk != "to_ask":
            raise NothingToRetry()
        work.wake(ASK_LOOP)
