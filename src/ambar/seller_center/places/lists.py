"""The four place lists and their counts, mounted by the own API and by the OMS application API alike."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from ambar.kit import rest
from ambar.kit.text import turkish_fold
from ambar.seller_center.places import queries
from ambar.seller_center.places.models import City, Country, District, Township


def _code(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    wanted = Q()
    for value in values:
        wanted |= Q(code__iexact=value)
    return queryset.filter(wanted)


def _folded(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    return queryset.filter(folded__in=[turkish_fold(value) for value in values])


_NAMES = {
    "id__in": rest.id_list("id__in"),
    "pk__in": rest.id_list("id__in"),
    "id__gt": rest.integer("id__gt"),
    "pk__gt": rest.integer("id__gt"),
    "name": rest.exact("name"),
    "name__exact": rest.exact("name"),
    "name__iexact": _folded,
    "is_active": rest.boolean("is_active"),
}
_FILTERS = {
    "countries": rest.Filters({**_NAMES, "code": _code, "code__exact": _code, "code__iexact": _code}),
    "cities": rest.Filters({**_NAMES, "country": rest.id_list("country_id__in")}),
    "townships": rest.Filters(
        {**_NAMES, "city": rest.id_list("city_id__in"), "country": rest.id_list("city__country_id__in")}
    ),
    "districts": rest.Filters(
        {
            **_NAMES,
            "township": rest.id_list("township_id__in"),
            "city": rest.id_list("city_id__in"),
            "country": rest.id_list("city__country_id__in"),
        }
    ),
}
_MODELS = {"countries": Country, "cities": City, "townships": Township, "districts": District}
_SHAPES = {
    "countries": queries.countries,
    "cities": queries.cities,
    "townships": queries.townships,
    "districts": queries.districts,
}


def _listed(kind: str, request: HttpRequest) -> Any:
    return rest.page(
        request,
        _MODELS[kind].objects.all(),
        _SHAPES[kind],
        filters=_FILTERS[kind],
        max_limit=1000,
        sort={"id": "id", "pk": "id", "name": "folded"},
    )


def add_to(router: Any, *, scope: str) -> None:
    """Add `countries/`, `countries/count/` and so on to a router; readers need `scope`."""
    for kind in _MODELS:
        _add_kind(router, kind, scope)


def _add_kind(router: Any, kind: str, scope: str) -> None:
    def list_places(request: HttpRequest) -> Any:
        return _listed(kind, request)

    def count_places(request: HttpRequest) -> dict[str, int]:
        return {"count": _MODELS[kind].objects.count()}

    for act, path, title in (
        (list_places, f"/{kind}/", f"{kind.capitalize()}, paged"),
        (count_places, f"/{kind}/count/", f"How many {kind} there are"),
    ):
        act.__name__ = f"{act.__name__}_{kind}"
        act.__doc__ = title
        router.get(path, tags=["places"], summary=title)(rest.needs(scope)(act))
