"""Stock locations over REST (Akinon OMS: "Stock Location Services")."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.locations import queries, schemas
from ambar.oms.locations.actions.save_location import save_location
from ambar.oms.locations.models import StockLocation

router = rest.Router()

FILTERS = rest.Filters(
    {
        "id": rest.id_list("id__in"),
        "id__in": rest.id_list("id__in"),
        "omnitron_id": rest.id_list("upstream_id__in"),
        "erp_code": rest.exact("erp_code"),
        "name": rest.exact("name"),
        "stock_location_type": rest.exact("stock_location_type"),
        "city": rest.id_list("city_id__in"),
        "tag": rest.exact("tags__contains"),
        **{flag: rest.boolean(flag) for flag in schemas.FLAGS},
        **{f"modified_date__{op}": rest.datetime(f"modified_at__{op}") for op in ("gt", "gte", "lt", "lte")},
    }
)
SORT = {
    "id": "id",
    "name": "name",
    "erp_code": "erp_code",
    "priority": "priority",
    "modified_date": "modified_at",
}


@router.get("/stocklocations/")
@rest.needs("locations:read")
def list_locations(request: HttpRequest) -> dict[str, Any]:
    """Locations with their quota; a location operator sees the own ones."""
    rows = queries.detailed(queries.visible(request.principal))
    return rest.page(request, rows, schemas.stocklocations, filters=FILTERS, sort=SORT)


@router.get("/stocklocations/list-simple/")
@rest.needs("locations:read")
def list_simple(request: HttpRequest) -> dict[str, Any]:
    """Names and codes only, for reports."""
    rows = queries.visible(request.principal)
    return rest.page(request, rows, schemas.simple, filters=FILTERS, sort=SORT, default_limit=100)


@router.post("/stocklocations/")
@rest.needs("locations:write")
@rest.idempotent
def create_location(request: HttpRequest, body: schemas.LocationBody) -> rest.Raw:
    """Create a location."""
    _may_write_all(request)
    made = save_location(_given(body))
    accounts.audit(
        request.principal, "location.created", "stock_location", made.pk, {"erp_code": made.erp_code}
    )
    return rest.Raw(201, _answer(request, made.pk))


@router.get("/stocklocations/{int:location_id}/")
@rest.needs("locations:read")
def read_location(request: HttpRequest, location_id: int) -> dict[str, Any]:
    """One location."""
    return _answer(request, location_id)


@router.patch("/stocklocations/{int:location_id}/")
@rest.needs("locations:write")
def change_location(request: HttpRequest, location_id: int, body: schemas.LocationPatch) -> dict[str, Any]:
    """Change a location; planning uses it from the next order on."""
    if location_id not in request.principal.bounds.get("location_ids", (location_id,)):
        accounts.note_foreign(request.principal, StockLocation.objects.all(), location_id)
    _may_write_all(request)
    given = _given(body)
    save_location(given, location_id=location_id)
    accounts.audit(
        request.principal, "location.changed", "stock_location", location_id, {"fields": sorted(given)}
    )
    return _answer(request, location_id)


def _may_write_all(request: HttpRequest) -> None:
    if "location_ids" in request.principal.bounds:
        raise NotFound("Not found.")


def _given(body: schemas.LocationPatch) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True)
    empty = sorted(name for name, value in given.items() if value is None and name not in schemas.NULLABLE)
    if empty:
        raise Invalid(fields={name: ["This field may not be null."] for name in empty})
    return given


def _answer(request: HttpRequest, location_id: int) -> dict[str, Any]:
    found = queries.detailed(queries.visible(request.principal)).filter(pk=location_id).first()
    if found is None:
        accounts.note_foreign(request.principal, StockLocation.objects.all(), location_id)
        raise NotFound("Not found.")
    return schemas.stocklocations([found])[0]
