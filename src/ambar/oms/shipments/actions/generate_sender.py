"""Make a location known to a carrier, and keep the id that the carrier gives it (Akinon, "Shipment Flows": generate-address)."""

from __future__ import annotations

from datetime import datetime

from ambar.kit.refusals import Conflict, Invalid
from ambar.kit.vault import CannotOpen
from ambar.oms.locations.models import StockLocation
from ambar.oms.shipments.actions.pass_on import CarrierSaysNo
from ambar.oms.shipments.gateways.adapters import adapter_of
from ambar.oms.shipments.gateways.shipment_flow import CarrierFailed
from ambar.oms.shipments.models import Carrier, SenderAddress
from ambar.oms.shipments.request_body import address_of


class NoAddress(Conflict):
    """The location has no address line to tell."""

    code = "location_without_address"


def generate_sender(location_id: int, carrier_id: int, *, now: datetime) -> SenderAddress:
    """The sender address with the carrier's `origin_id` of the location as it is now; a former one is replaced, and
    parcels asked for from now on name the new one.

    The carrier is asked outside of any transaction. Raises `Invalid` for an unknown location or carrier, `NoAddress`,
    `CarrierSaysNo`.
    """
    location = StockLocation.objects.filter(pk=location_id).first()
    if location is None:
        raise Invalid(fields={"stock_location": ["No such location."]})
    carrier = Carrier.objects.filter(pk=carrier_id).first()
    if carrier is None:
        raise Invalid(fields={"carrier": ["No such carrier."]})
    if not location.line.strip():
        raise NoAddress(f"{location.name} has no address line.")
    address = address_of(location_id)
    try:
        origin_id = adapter_of(carrier).generate_address(address)
    except (CarrierFailed, CannotOpen) as failure:
        raise CarrierSaysNo(f"The carrier did not do it: {failure}.") from None
    made, _ = SenderAddress.objects.update_or_create(
        location_id=location_id,
        carrier_id=carrier_id,
        defaults={"origin_id": origin_id, "address": address, "modified_at": now},
        create_defaults={
            "origin_id": origin_id,
            "address": address,
            "created_at": now,
            "modified_at": now,
        },
    )
    return made
