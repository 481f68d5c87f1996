"""Reads of locations."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from ambar.oms.locations.models import StockLocation
from ambar.oms.places.queries import city, country, district, township


def visible(principal: Any) -> QuerySet[StockLocation]:
    """The locations this caller may see: all, or those it is bound to."""
    rows = StockLocation.objects.all()
    if "location_ids" in principal.bounds:
        return rows.filter(pk__in=principal.bounds["location_ids"])
    return rows


def detailed(rows: QuerySet[StockLocation]) -> QuerySet[StockLocation]:
    """The same with quota and places in the one statement."""
    return rows.select_related("quota", "country", "city", "township", "district")


def address(row: StockLocation) -> dict[str, Any]:
    """Where a location is, as events tell it; of a row of :func:`detailed`. It bears the location's own id.

    Source: public page "Package Event Example", `stock_location.address`.
    """
    return {
        "id": row.pk,
        "title": row.name,
        "line": row.line,
        "country": country(row.country),
        "city": city(row.city),
        "township": township(row.township),
        "district": district(row.district, city_id=row.city_id),
        "latitude": None if row.latitude is None else str(row.latitude),
        "longitude": None if row.longitude is None else str(row.longitude),
        "postcode": row.postcode,
        "notes": "",
        "mapping": None,
        "is_active": row.is_active,
    }


def ids_by_code(codes: list[str]) -> dict[str, int]:
    """`{erp_code: id}` of those that exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT erp_code, id FROM oms_locations_stocklocation WHERE erp_code = ANY(%s)", [codes]
        )
        return dict(cursor.fetchall())
