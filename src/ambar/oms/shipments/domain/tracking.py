"""New parcels and what is told about them, as values."""

from __future__ import annotations

from dataclasses import dataclass

CREATED = "shipment.created"
STATUS_UPDATED = "shipment.status.updated"
KIND = "shipment"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShipment:
    """A parcel to record for a package."""

    package_id: int
    cargo_company: str | None = None
    awb_number: str | None = None
    query_number: str | None = None
    state: str = "SHIPPING"
