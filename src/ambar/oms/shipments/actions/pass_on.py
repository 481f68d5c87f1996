"""Hand a person's question about a parcel to its carrier and answer as the carrier does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ambar.kit.refusals import Conflict
from ambar.kit.vault import CannotOpen
from ambar.oms.shipments.gateways.adapters import adapter_of
from ambar.oms.shipments.gateways.shipment_flow import CarrierFailed
from ambar.oms.shipments.models import Shipment

Answer = dict[str, Any]


class NotAtACarrier(Conflict):
    """No connected carrier knows this parcel."""

    code = "shipment_not_at_a_carrier"


class CarrierSaysNo(Conflict):
    """The carrier did not do it."""

    code = "carrier_failed"


def appointment_dates(parcel: Shipment, body: Mapping[str, Any]) -> Answer:
    """When the carrier could come (Akinon: search-appointment-dates). Raises `NotAtACarrier`, `CarrierSaysNo`."""
    return _asked(parcel, lambda adapter, ref: adapter.appointment_dates({**body, "shipmentId": ref}))


def easy_return(parcel: Shipment, method: str, body: Mapping[str, Any] | None = None) -> Answer:
    """Let the carrier fetch the goods back (POST), look how that stands (GET), call it off (DELETE) (Akinon: easy-return).

    Raises `NotAtACarrier`, `CarrierSaysNo`.
    """
    return _asked(parcel, lambda adapter, ref: adapter.easy_return(method, ref, body))


def _asked(parcel: Shipment, call: Callable[[Any, str], Answer]) -> Answer:
    if parcel.carrier is None or parcel.talk not in ("known", "ended"):
        raise NotAtACarrier()
    try:
        return call(adapter_of(parcel.carrier), str(parcel.reference))
    except (CarrierFailed, CannotOpen) as failure:
        raise CarrierSaysNo(f"The carrier did not do it: {failure}.") from None
