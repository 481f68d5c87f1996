"""Reads of places in the shapes of the commerce hub's lists."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ambar.seller_center.places.models import City, Country, District, Township


def _degrees(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def country_json(row: Country) -> dict[str, Any]:
    """`{id, pk, name, code, is_active}`."""
    return {"id": row.pk, "pk": row.pk, "name": row.name, "code": row.code, "is_active": row.is_active}


def _rest(row: City | Township | District) -> dict[str, Any]:
    return {
        "latitude": _degrees(row.latitude),
        "longitude": _degrees(row.longitude),
        "postcode": row.postcode,
        "is_active": row.is_active,
    }


def countries(rows: Iterable[Country]) -> list[dict[str, Any]]:
    """Countries on the wire."""
    return [country_json(row) for row in rows]


def cities(rows: Iterable[City]) -> list[dict[str, Any]]:
    """Cities; `country` is an id."""
    return [{"id": r.pk, "pk": r.pk, "name": r.name, "country": r.country_id, **_rest(r)} for r in rows]


def townships(rows: Iterable[Township]) -> list[dict[str, Any]]:
    """Townships; `city` is an id."""
    return [{"id": r.pk, "pk": r.pk, "name": r.name, "city": r.city_id, **_rest(r)} for r in rows]


def districts(rows: Iterable[District]) -> list[dict[str, Any]]:
    """Districts; `city` and `township` are ids."""
    return [
        {"id": r.pk, "pk": r.pk, "name": r.name, "city": r.city_id, "township": r.township_id, **_rest(r)}
        for r in rows
    ]
