"""Endpoints of retail stores. Source: Akinon Omnitron, "Retail Stores"."""

from typing import Any

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.omnitron import filters, wire
from ambar.omnitron.channels.queries import channel_or_404
from ambar.omnitron.stores import queries, schemas
from ambar.omnitron.stores.actions.change_store import change_store
from ambar.omnitron.stores.actions.load_stores import load_stores
from ambar.omnitron.stores.models import RetailStore

router = rest.Router()

FILTERS = rest.Filters(
    {
        "erp_code": filters.exact("erp_code"),
        "erp_code__exact": filters.exact("erp_code"),
        "erp_code__in": filters.text_list("erp_code"),
        "name": filters.exact("name"),
        "township": filters.keys("township_id"),
        "city": filters.keys("township__city_id"),
        "is_active": filters.boolean("is_active"),
        "click_and_collect": filters.boolean("click_and_collect"),
        **filters.common(),
    }
)
SORT = {**filters.SORT, "name": "name", "sort_order": "sort_order", "erp_code": "erp_code"}


def _plain(rows: list[RetailStore]) -> list[dict[str, Any]]:
    return [queries.store_json(row) for row in rows]


def _listed(request: Any, rows: Any, shape: Any) -> Any:
    return rest.page(request, rows, shape, filters=FILTERS, max_limit=wire.MAX_LIMIT, sort=SORT)


def _one(pk: int) -> RetailStore:
    row: RetailStore | None = queries.with_places([pk]).first()
    if row is None:
        raise NotFound()
    return row


@router.get("/retail_stores/")
@rest.needs("stores:read")
def retail_stores(request: Any) -> Any:
    """Retail stores by page, places as keys."""
    return _listed(request, RetailStore.objects.all(), _plain)


@router.get("/channel/{int:channel_id}/retail_stores/")
@rest.needs("stores:read")
def channel_retail_stores(request: Any, channel_id: int) -> Any:
    """Retail stores by page, places as keys; 404 for an unknown channel. The same rows in every channel."""
    channel_or_404(channel_id)
    return _listed(request, RetailStore.objects.all(), _plain)


@router.get("/retail_stores/detailed/")
@rest.needs("stores:read")
def retail_stores_detailed(request: Any) -> Any:
    """Retail stores by page with their places nested."""
    return _listed(request, queries.with_places(), queries.detailed)


@router.get("/retail_stores/count/")
@rest.needs("stores:read")
def retail_stores_count(request: Any) -> Any:
    """How many retail stores there are: `{count}`."""
    return {"count": RetailStore.objects.count()}


@router.post("/retail_stores/")
@rest.needs("stores:write")
def create_retail_store(request: Any, body: schemas.StoreIn) -> Any:
    """Adds a retail store: 201. An ERP code that is taken is refused with 400."""
    if RetailStore.objects.filter(erp_code=body.erp_code).exists():
        raise Invalid(fields={"erp_code": ["retail store with this erp code already exists."]})
    [verdict] = load_stores([body.model_dump()], now=clock.now())
    if verdict["result"] == "refused":
        raise Invalid(fields=verdict["errors"])
    return rest.Raw(201, queries.store_json(_one(verdict["id"])))


@router.post("/retail_stores/bulk/")
@rest.needs("stores:write")
def retail_stores_bulk(request: Any) -> Any:
    """`{"retail_stores": [...]}`: inserts or replaces by ERP code, with a verdict per row."""
    return wire.verdicts(load_stores(wire.rows_of(request, "retail_stores"), now=clock.now()))


@router.get("/retail_stores/{int:pk}/")
@rest.needs("stores:read")
def retail_store(request: Any, pk: int) -> Any:
    """One retail store, places as keys."""
    return queries.store_json(_one(pk))


@router.get("/retail_stores/{int:pk}/detailed/")
@rest.needs("stores:read")
def retail_store_detailed(request: Any, pk: int) -> Any:
    """One retail store with its places nested."""
    return queries.detailed([_one(pk)])[0]


@router.patch("/retail_stores/{int:pk}/")
@rest.needs("stores:write")
def patch_retail_store(request: Any, pk: int, body: schemas.StorePatch) -> Any:
    """Changes the given fields of a retail store; the others stay."""
    return queries.store_json(change_store(pk, body.model_dump(exclude_unset=True), now=clock.now()))
