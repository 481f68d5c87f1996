"""Basic Setup, Retail Stores: Omnitron's stores become stock locations (Akinon OMS: Basic Setup).

The stores' place ids are Omnitron's, while places here came from the Seller Center: places are found by name.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from ambar.oms.locations import store as locations
from ambar.oms.locations.models import StockLocation
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.places import queries as places
from ambar.oms.places.domain.naming import NOTHING, Asked, Found, Named
from ambar.oms.setup.steps import Needed, Progress, Step


def is_required(client: Client) -> Needed:
    """True when Omnitron has more stores than locations were made from them."""
    here = StockLocation.objects.filter(source=client.source("retail_stores")).count()
    upstream = client.count("retail_stores")
    return Needed(is_required=here < upstream, detail={"here": here, "upstream": upstream})


def run(client: Client, progress: Progress) -> dict[str, Any]:
    """Copy every store by its id and ERP code; a store whose place is unknown is copied without it, and told."""
    source = client.source("retail_stores")
    written, malformed = 0, []
    unplaced: dict[str, str] = {}
    for page in client.pages("retail_stores_detailed", {"sort": "id"}):
        rows = [row for row in page if _usable(row)]
        malformed += [row.get("pk") for row in page if isinstance(row, dict) and not _usable(row)]
        found = places.resolve(source, [_asked(row, client) for row in rows])
        stores = [_store(row, place, source) for row, place in zip(rows, found, strict=True)]
        unplaced |= {
            row["erp_code"]: f"unknown {place.unknown.level}: {place.unknown.name}"
            for row, place in zip(rows, found, strict=True)
            if place.unknown is not None
        }
        written += len(locations.upsert_stores(stores))
        progress(len(page), None)
    return {"written": written, "malformed": malformed, "without_place": unplaced}


def _usable(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    code, name, pk = row.get("erp_code"), row.get("name"), row.get("pk", row.get("id"))
    return (
        isinstance(code, str)
        and 0 < len(code) <= 64
        and isinstance(name, str)
        and bool(name)
        and isinstance(pk, int)
    )


def _asked(row: dict[str, Any], client: Client) -> Asked:
    """The store's places; their ids only count when the dictionaries came from Omnitron too."""
    same = client.source("townships") == client.source("retail_stores")
    township = _nested(row, "township")
    city = _nested(township, "city")
    country = _nested(city, "country")
    district = _nested(row, "district")
    return Asked(
        country=_named(country, same),
        city=_named(city, same),
        township=_named(township, same),
        district=_named(district, same),
    )


def _nested(holder: dict[str, Any], name: str) -> dict[str, Any]:
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def _named(place: dict[str, Any], same: bool) -> Named:
    if not place:
        return NOTHING
    pk = place.get("pk", place.get("id"))
    return Named(
        upstream_id=pk if same and isinstance(pk, int) else None,
        name=place.get("name"),
        code=place.get("code"),
    )


def _degrees(value: Any) -> Decimal | None:
    try:
        degrees = Decimal(str(value))
    except InvalidOperation:
        return None
    return degrees if degrees.is_finite() and abs(degrees) <= 180 else None


def _store(row: dict[str, Any], place: Found, source: str) -> locations.StoreRow:
    latitude, longitude = _degrees(row.get("latitude")), _degrees(row.get("longitude"))
    given = latitude is not None and longitude is not None
    limit = (row.get("config") or {}).get("capacity_limit")
    return locations.StoreRow(
        erp_code=row["erp_code"],
        name=row["name"][:255],
        upstream_id=row.get("pk", row.get("id")),
        source=source,
        country_id=place.ids.get("country"),
        city_id=place.ids.get("city"),
        township_id=place.ids.get("township"),
        district_id=place.ids.get("district"),
        line=str(row.get("address") or ""),
        postcode=str(row.get("postcode") or "")[:16],
        latitude=latitude if given else place.latitude,
        longitude=longitude if given else place.longitude,
        phone=str(row.get("phone_number") or "")[:32],
        is_active=row.get("is_active") is not False,
        is_pickup_location=bool(row.get("click_and_collect")),
        is_return_available=bool(row.get("is_return_accepted", False)),
        is_fast_delivery_available=bool(row.get("fast_delivery")),
        max_quota=limit if isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0 else None,
    )


STEP = Step(name="stock_locations", path="stock_locations", is_required=is_required, run=run)
