"""Reads of locations."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from ambar.oms.locations.models import StockLocation


def visible(principal: Any) -> QuerySet[StockLocation]:
    """The locations this caller may see: all, or those it is bound to."""
    rows = StockLocation.objects.all()
    if "location_ids" in principal.bounds:
        return rows.filter(pk__in=principal.bounds["location_ids"])
    return rows


def detailed(rows: QuerySet[StockLocation]) -> QuerySet[StockLocation]:
    """The same with quota and places in the one statement."""
    return rows.select_related("quota", "country", "city", "township", "district")


def ids_by_code(codes: list[str]) -> dict[str, int]:
    """`{erp_code: id}` of those that exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT erp_code, id FROM oms_locations_stocklocation WHERE erp_code = ANY(%s)", [codes]
        )
        return dict(cursor.fetchall())
