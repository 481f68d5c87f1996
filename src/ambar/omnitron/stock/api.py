"""Endpoints of stock lists and product stocks; each also under `channel/{c}/`."""

from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.omnitron import filters, wire
from ambar.omnitron.channels.queries import channel_or_404
from ambar.omnitron.stock import queries, schemas
from ambar.omnitron.stock.actions.load_stocks import load_stocks
from ambar.omnitron.stock.models import ProductStock, StockList
from ambar.omnitron.stores.models import RetailStore

router = rest.Router()

LISTS = rest.Filters(
    {
        "name": filters.exact("name"),
        "retail_store": filters.keys("retail_store_id"),
        "retail_store__erp_code": filters.exact("retail_store__erp_code"),
        "is_active": filters.boolean("is_active"),
        **filters.common(),
    }
)
STOCKS = rest.Filters(
    {
        "stock_list": filters.keys("stock_list_id"),
        "stock_list__in": filters.keys("stock_list_id"),
        "stock_list__retail_store": filters.keys("stock_list__retail_store_id"),
        "stock_list__retail_store__erp_code": filters.exact("stock_list__retail_store__erp_code"),
        "product": filters.keys("product_id"),
        "product__pk__in": filters.keys("product_id"),
        "product__sku": filters.exact("product__sku"),
        "product__sku__in": filters.text_list("product__sku"),
        "unit_type": filters.exact("unit_type"),
        **filters.common(),
    }
)


def _one(model: Any, pk: int) -> Any:
    row = model.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return row


def _lists(request: Any) -> Any:
    return rest.page(
        request,
        StockList.objects.all(),
        lambda rows: [queries.stock_list_json(row) for row in rows],
        filters=LISTS,
        max_limit=wire.MAX_LIMIT,
        sort=filters.SORT,
    )


@router.get("/stock_lists/")
@rest.needs("stock:read")
def stock_lists(request: Any) -> Any:
    """Stock lists by page."""
    return _lists(request)


@router.get("/channel/{int:channel_id}/stock_lists/")
@rest.needs("stock:read")
def channel_stock_lists(request: Any, channel_id: int) -> Any:
    """Stock lists by page; 404 for an unknown channel. The same rows in every channel."""
    channel_or_404(channel_id)
    return _lists(request)


@router.post("/stock_lists/")
@rest.needs("stock:write")
def create_stock_list(request: Any, body: schemas.StockListIn) -> Any:
    """Adds a stock list, at most one per retail store: 201."""
    store = body.retail_store
    if store is not None and not RetailStore.objects.filter(pk=store).exists():
        raise Invalid(fields={"retail_store": [f'Invalid pk "{store}" - object does not exist.']})
    if store is not None and StockList.objects.filter(retail_store_id=store).exists():
        raise Invalid(fields={"retail_store": ["This store has a stock list already."]})
    now = clock.now()
    values = {"name": body.name, "code": body.code, "retail_store_id": store, "is_active": body.is_active}
    try:
        with transaction.atomic():
            row = StockList.objects.create(**values, created_at=now, modified_at=now)
    except IntegrityError as error:
        raise Invalid(fields={"name": ["stock list with this name already exists."]}) from error
    return rest.Raw(201, queries.stock_list_json(row))


@router.get("/stock_lists/{int:pk}/")
@rest.needs("stock:read")
def stock_list(request: Any, pk: int) -> Any:
    """One stock list."""
    return queries.stock_list_json(_one(StockList, pk))


def _stocks(request: Any) -> Any:
    return rest.page(
        request,
        ProductStock.objects.select_related("product"),
        lambda rows: [queries.stock_json(row) for row in rows],
        filters=STOCKS,
        max_limit=wire.MAX_LIMIT,
        sort={**filters.SORT, "product": "product_id", "stock_list": "stock_list_id"},
    )


@router.get("/product_stocks/")
@rest.needs("stock:read")
def product_stocks(request: Any) -> Any:
    """Stock figures by page, one row per product and stock list."""
    return _stocks(request)


@router.get("/channel/{int:channel_id}/product_stocks/")
@rest.needs("stock:read")
def channel_product_stocks(request: Any, channel_id: int) -> Any:
    """Stock figures by page, one row per product and stock list; 404 for an unknown channel. The same rows in every channel."""
    channel_or_404(channel_id)
    return _stocks(request)


@router.post("/product_stocks/")
@rest.needs("stock:write")
def create_product_stock(request: Any, body: schemas.StockBulkIn) -> Any:
    """Adds or replaces the figure of a product in a stock list: 201."""
    [verdict] = load_stocks([body.model_dump()], now=clock.now())
    if verdict["result"] == "refused":
        raise Invalid(fields=verdict["errors"])
    return rest.Raw(201, queries.stock_json(_one(ProductStock, verdict["id"])))


@router.post("/product_stocks/bulk/")
@rest.needs("stock:write")
def product_stocks_bulk(request: Any) -> Any:
    """`{"product_stocks": [...]}`: inserts or replaces by product and stock list, with a verdict per row."""
    return wire.verdicts(load_stocks(wire.rows_of(request, "product_stocks"), now=clock.now()))


@router.get("/product_stocks/{int:pk}/")
@rest.needs("stock:read")
def product_stock(request: Any, pk: int) -> Any:
    """One stock figure."""
    return queries.stock_json(_one(ProductStock, pk))


@router.patch("/product_stocks/{int:pk}/")
@rest.needs("stock:write")
def patch_product_stock(request: Any, pk: int, body: schemas.StockPatch) -> Any:
    """Changes the given fields of a stock figure; the others stay."""
    row = _one(ProductStock, pk)
    for name, value in body.model_dump(exclude_unset=True).items():
        setattr(row, name, value)
    row.modified_at = clock.now()
    row.save()
    return queries.stock_json(_one(ProductStock, pk))
