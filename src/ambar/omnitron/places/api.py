"""Endpoints of places. Source: Akinon Omnitron OpenAPI, "Countries", "Cities", "Townships", "Districts"."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from ambar.kit import clock, rest
from ambar.kit.refusals import NotFound
from ambar.omnitron import filters, wire
from ambar.omnitron.channels.queries import channel_or_404
from ambar.omnitron.places import listing, queries, schemas
from ambar.omnitron.places.actions.import_places import import_places
from ambar.omnitron.places.actions.save_place import save_place
from ambar.omnitron.places.models import City, Country, District, Place, Township

router = rest.Router()


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of places: its path, its shapes and what its list can be filtered by."""

    path: str
    model: type[Any]
    related: tuple[str, ...]
    plain: Callable[[Any], dict[str, Any]]
    detailed: Callable[[Any], dict[str, Any]]
    body: type[Any]
    patch: type[Any]
    filters: dict[str, filters.Filter]


NAMES: dict[str, filters.Filter] = {
    "name": filters.exact("name"),
    "name__exact": filters.exact("name"),
    "name__iexact": filters.same_name(),
    "is_active": filters.boolean("is_active"),
    **filters.common(),
}
POSTCODE: dict[str, filters.Filter] = {"postcode": filters.exact("postcode")}

LEVELS = (
    Level(
        path="countries",
        model=Country,
        related=(),
        plain=queries.country_json,
        detailed=queries.country_json,
        body=schemas.CountryIn,
        patch=schemas.CountryPatch,
        filters={**NAMES, "code": filters.any_case("code"), "code__exact": filters.any_case("code")},
    ),
    Level(
        path="cities",
        model=City,
        related=("country",),
        plain=queries.city_json,
        detailed=queries.city_detailed,
        body=schemas.CityIn,
        patch=schemas.CityPatch,
        filters={**NAMES, **POSTCODE, "country": filters.keys("country_id"), "code": filters.exact("code")},
    ),
    Level(
        path="townships",
        model=Township,
        related=("city__country",),
        plain=queries.township_json,
        detailed=queries.township_detailed,
        body=schemas.TownshipIn,
        patch=schemas.TownshipPatch,
        filters={
            **NAMES,
            **POSTCODE,
            "country": filters.keys("city__country_id"),
            "city": filters.keys("city_id"),
        },
    ),
    Level(
        path="districts",
        model=District,
        related=("city__country", "township__city__country"),
        plain=queries.district_json,
        detailed=queries.district_detailed,
        body=schemas.DistrictIn,
        patch=schemas.DistrictPatch,
        filters={
            **NAMES,
            **POSTCODE,
            "country": filters.keys("city__country_id"),
            "city": filters.keys("city_id"),
            "township": filters.keys("township_id"),
        },
    ),
)
SORT = {**filters.SORT, "name": "name", "priority": "priority"}


def _found(level: Level, pk: int) -> Place:
    row = level.model.objects.select_related(*level.related).filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return row


def _listed(
    request: Any, level: Level, shape: Callable[[list[Any]], list[dict[str, Any]]], rows: QuerySet[Any]
) -> Any:
    sort = (
        SORT if level.model is City else {name: field for name, field in SORT.items() if name != "priority"}
    )
    return rest.page(
        request,
        rows,
        shape,
        filters=rest.Filters(level.filters),
        max_limit=wire.MAX_LIMIT,
        sort=sort,
    )


def _serve(level: Level) -> None:
    path = level.path

    @router.get(f"/{path}/", operation_id=f"{path}_list")
    @rest.needs("places:read")
    def listed(request: Any) -> Any:
        """Places of this level by page, parents as keys."""
        return _listed(request, level, listing.listed, level.model.objects.only("pk"))

    @router.get(f"/channel/{{int:channel_id}}/{path}/", operation_id=f"channel_{path}_list")
    @rest.needs("places:read")
    def listed_in_channel(request: Any, channel_id: int) -> Any:
        """Places of this level by page; 404 for an unknown channel. Places are the same in every channel."""
        channel_or_404(channel_id)
        return _listed(request, level, listing.listed, level.model.objects.only("pk"))

    @router.get(f"/{path}/count/", operation_id=f"{path}_count")
    @rest.needs("places:read")
    def counted(request: Any) -> Any:
        """How many places of this level there are: `{count}`."""
        return {"count": level.model.objects.count()}

    @router.get(f"/{path}/detailed/", operation_id=f"{path}_detailed_list")
    @rest.needs("places:read")
    def listed_detailed(request: Any) -> Any:
        """Places of this level by page, with their parents nested."""
        rows = level.model.objects.select_related(*level.related)
        return _listed(request, level, lambda page: [level.detailed(row) for row in page], rows)

    @router.get(f"/{path}/{{int:pk}}/", operation_id=f"{path}_read")
    @rest.needs("places:read")
    def read(request: Any, pk: int) -> Any:
        """One place, parents as keys."""
        return level.plain(_found(level, pk))

    @router.get(f"/{path}/{{int:pk}}/detailed/", operation_id=f"{path}_detailed")
    @rest.needs("places:read")
    def detailed(request: Any, pk: int) -> Any:
        """One place with its parents nested."""
        return level.detailed(_found(level, pk))

    @router.post(f"/{path}/", operation_id=f"{path}_create")
    @rest.needs("places:write")
    def create(request: Any, body: level.body) -> Any:  # type: ignore[name-defined]
        """Adds a place: 201."""
        place = save_place(level.model(), body.model_dump(exclude_unset=True), now=clock.now())
        return rest.Raw(201, level.plain(place))

    @router.patch(f"/{path}/{{int:pk}}/", operation_id=f"{path}_change")
    @rest.needs("places:write")
    def change(request: Any, pk: int, body: level.patch) -> Any:  # type: ignore[name-defined]
        """Changes the given fields of a place; the others stay."""
        place = save_place(_found(level, pk), body.model_dump(exclude_unset=True), now=clock.now())
        return level.plain(place)


for _level in LEVELS:
    _serve(_level)


@router.post("/places/import/")
@rest.needs("places:write")
def places_import(request: Any, body: schemas.ImportIn) -> Any:
    """Load the places that come with Omnitron; answers the rows inserted or corrected per level."""
    return asdict(import_places(districts_of=body.districts_of, now=clock.now()))
