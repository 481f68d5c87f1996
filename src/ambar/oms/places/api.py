"""Places as the OMS knows them; ids are the OMS's own, `omnitron_id` is the id at the source."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import rest
from ambar.kit.text import turkish_fold
from ambar.oms.places.models import City, Country, District, Township

router = rest.Router()


def _name(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(folded__in=[turkish_fold(value) for value in values])


def _name_contains(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(folded__contains=turkish_fold(values[0]))


def _code(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(code__in=[cased for value in values for cased in (value.lower(), value.upper())])


_SHARED = {
    "name": _name,
    "name__iexact": _name,
    "name__icontains": _name_contains,
    "omnitron_id": rest.id_list("upstream_id__in"),
    "id__in": rest.id_list("id__in"),
    "is_active": rest.boolean("is_active"),
    "source": rest.exact("source"),
}


def _shared(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "pk": row.pk,
        "omnitron_id": row.upstream_id,
        "source": row.source,
        "name": row.name,
        "is_active": row.is_active,
    }


def _degrees(value: Any) -> str | None:
    return None if value is None else f"{value:.6f}"


def _township(row: Township) -> dict[str, Any]:
    return {
        **_shared(row),
        "city": row.city_id,
        "latitude": _degrees(row.latitude),
        "longitude": _degrees(row.longitude),
        "coordinates_estimated": row.coordinates_estimated,
    }


def _page(request: HttpRequest, model: Any, serialize: Any, more: dict[str, Any]) -> Any:
    return rest.page(
        request,
        model.objects.all(),
        lambda rows: [serialize(row) for row in rows],
        filters=rest.Filters({**_SHARED, **more}),
        sort=("id", "name"),
    )


@router.get("/countries/")
@rest.needs("places:read")
def list_countries(request: HttpRequest) -> Any:
    """Countries."""
    return _page(request, Country, lambda row: {**_shared(row), "code": row.code}, {"code": _code})


@router.get("/cities/")
@rest.needs("places:read")
def list_cities(request: HttpRequest) -> Any:
    """Cities; filter `country`."""
    return _page(
        request,
        City,
        lambda row: {**_shared(row), "country": row.country_id},
        {"country": rest.id_list("country_id__in")},
    )


@router.get("/townships/")
@rest.needs("places:read")
def list_townships(request: HttpRequest) -> Any:
    """Townships with their centres; filter `city`."""
    return _page(request, Township, _township, {"city": rest.id_list("city_id__in")})


@router.get("/districts/")
@rest.needs("places:read")
def list_districts(request: HttpRequest) -> Any:
    """Districts; filter `township`."""
    return _page(
        request,
        District,
        lambda row: {**_shared(row), "township": row.township_id},
        {"township": rest.id_list("township_id__in")},
    )
