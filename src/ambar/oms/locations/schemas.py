"""Wire shapes of stock locations (Akinon OMS: "Stock Location Services")."""

from collections.abc import Iterable
from datetime import time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from ambar.kit import clock, rest
from ambar.oms.locations.domain.calendar import read_calendar
from ambar.oms.locations.models import StockLocation

Small = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Phone = Annotated[str, Field(max_length=32)]
Latitude = Annotated[Decimal, Field(ge=-90, le=90, max_digits=9, decimal_places=6)]
Longitude = Annotated[Decimal, Field(ge=-180, le=180, max_digits=9, decimal_places=6)]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=100)]
Calendar = Annotated[dict[str, Any], AfterValidator(read_calendar)]

FLAGS = (
    "is_fulfillment_center", "is_pickup_location", "is_delivery_location", "is_transfer_location",
    "is_shipper_location", "is_return_available", "is_fast_delivery_available", "is_active",
)  # fmt: skip
PLAIN = (
    "name", "erp_code", "stock_location_type", "priority", "max_quota", "tags", "conf", "calendar", "daytime_phone",
    "evening_phone", "fax_number", "email", "targeted_packaging_minutes", *FLAGS,
)  # fmt: skip
PLACES = ("country", "city", "township", "district")


class LocationPatch(rest.Body):
    """Fields to change."""

    name: Name | None = None
    erp_code: Code | None = None
    stock_location_type: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    country: rest.Id | None = None
    city: rest.Id | None = None
    township: rest.Id | None = None
    district: rest.Id | None = None
    line: str | None = None
    postcode: Annotated[str, Field(max_length=16)] | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    daytime_phone: Phone | None = None
    evening_phone: Phone | None = None
    fax_number: Phone | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    priority: Small | None = None
    max_quota: Count | None = None
    is_fulfillment_center: bool | None = None
    is_pickup_location: bool | None = None
    is_delivery_location: bool | None = None
    is_transfer_location: bool | None = None
    is_shipper_location: bool | None = None
    is_return_available: bool | None = None
    is_fast_delivery_available: bool | None = None
    is_active: bool | None = None
    tags: Tags | None = None
    conf: dict[str, Any] | None = None
    engine: rest.Id | None = None
    exit_time: time | None = None
    targeted_packaging_minutes: Count | None = None
    calendar: Calendar | None = None


class LocationBody(LocationPatch):
    """A location to create."""

    name: Name
    erp_code: Code


NULLABLE = frozenset(
    {
        "country",
        "city",
        "township",
        "district",
        "latitude",
        "longitude",
        "max_quota",
        "engine",
        "exit_time",
        "targeted_packaging_minutes",
    }
)


def quota_of(row: StockLocation) -> int:
    """Packages that count now; 0 while the row beside the location is not there yet."""
    found = getattr(row, "quota", None)
    return 0 if found is None else found.used


def stocklocations(rows: Iterable[StockLocation]) -> list[dict[str, Any]]:
    """Locations as answered; `quota` is what counts now, `available_quota` null without a `max_quota`."""
    return [
        {
            "id": row.pk,
            "omnitron_id": row.upstream_id,
            **{name: getattr(row, name) for name in PLAIN},
            "address": {
                "line": row.line,
                "postcode": row.postcode or None,
                **{name: _place(getattr(row, name)) for name in PLACES},
                "latitude": None if row.latitude is None else str(row.latitude),
                "longitude": None if row.longitude is None else str(row.longitude),
            },
            "engine": row.engine_id,
            "exit_time": None if row.exit_time is None else row.exit_time.strftime("%H:%M:%S"),
            "quota": quota_of(row),
            "available_quota": None if row.max_quota is None else row.max_quota - quota_of(row),
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]


def _place(place: Any) -> dict[str, Any] | None:
    return None if place is None else {"id": place.pk, "name": place.name}


def simple(rows: Iterable[StockLocation]) -> list[dict[str, Any]]:
    """The short form, for reports and choices."""
    return [
        {
            "id": row.pk,
            "omnitron_id": row.upstream_id,
            "name": row.name,
            "erp_code": row.erp_code,
            "stock_location_type": row.stock_location_type,
            "is_active": row.is_active,
        }
        for row in rows
    ]
