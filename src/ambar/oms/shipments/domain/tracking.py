"""New parcels and what is told about them, as values."""

from __future__ import annotations

from dataclasses import dataclass

CREATED = "shipment.created"
STATUS_UPDATED = "shipment.status.updated"
CANCELLED = "shipment.cancelled"
KIND = "shipment"


def of_state(state: str) -> str:
    """The event of a parcel that reached `state`."""
    return CANCELLED if state == "DELETED" else STATUS_UPDATED


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShipment:
    """A parcel to record; `carries` is the id of the package (or transfer) in it."""

    carries: int
    cargo_company: str | None = None
    awb_number: str | None = None
    query_number: str | None = None
    state: str = "SHIPPING"
