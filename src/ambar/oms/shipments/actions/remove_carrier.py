"""Forget a carrier."""

from __future__ import annotations

from ambar.kit.refusals import Conflict, NotFound
from ambar.oms.shipments.models import Carrier, SenderAddress, Shipment


class CarrierInUse(Conflict):
    """Parcels or sender addresses name this carrier; switch it off instead (`is_active`)."""

    code = "carrier_in_use"


def remove_carrier(carrier_id: int) -> Carrier:
    """Delete a carrier nothing refers to; the row that was. Raises `NotFound`, `CarrierInUse`."""
    found = Carrier.objects.filter(pk=carrier_id).first()
    if found is None:
        raise NotFound("Not found.")
    named = (
        Shipment.objects.filter(carrier=found).exists()
        or SenderAddress.objects.filter(carrier=found).exists()
    )
    if named:
        raise CarrierInUse()
    found.delete()
    return found
