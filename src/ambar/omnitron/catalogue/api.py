"""Endpoints of products, price lists, prices and catalogues; each also under `channel/{c}/`."""

from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.omnitron import filters, wire
from ambar.omnitron.catalogue import queries, schemas
from ambar.omnitron.catalogue.actions.change_product import change_product
from ambar.omnitron.catalogue.actions.load_prices import load_prices
from ambar.omnitron.catalogue.actions.load_products import load_products
from ambar.omnitron.catalogue.models import Catalog, PriceList, Product, ProductPrice
from ambar.omnitron.channels.queries import channel_or_404

router = rest.Router()

PRODUCTS = rest.Filters(
    {
        "sku": filters.exact("sku"),
        "sku__exact": filters.exact("sku"),
        "sku__in": filters.text_list("sku"),
        "base_code": filters.exact("base_code"),
        "barcode": filters.exact("barcode"),
        "name": filters.exact("name"),
        "name__icontains": rest.contains("name"),
        "product_type": filters.exact("product_type"),
        "category": filters.exact("category"),
        "parent": filters.keys("parent_id"),
        "is_active": filters.boolean("is_active"),
        **filters.common(),
    }
)
PRICES = rest.Filters(
    {
        "product": filters.keys("product_id"),
        "product__pk__in": filters.keys("product_id"),
        "product__sku": filters.exact("product__sku"),
        "price_list": filters.keys("price_list_id"),
        "currency_type": filters.exact("currency_type"),
        "price_type": filters.exact("price_type"),
        **filters.common(),
    }
)


def _one(model: Any, pk: int) -> Any:
    row = model.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return row


def _products(request: Any) -> Any:
    return rest.page(
        request,
        Product.objects.all(),
        queries.products_json,
        filters=PRODUCTS,
        max_limit=wire.MAX_LIMIT,
        sort={**filters.SORT, "sku": "sku", "name": "name"},
    )


@router.get("/products/")
@rest.needs("catalogue:read")
def products(request: Any) -> Any:
    """Products by page; filters `sku`, `base_code`, `barcode`, `name`, `category`, `parent`, `is_active`, dates."""
    return _products(request)


@router.get("/channel/{int:channel_id}/products/")
@rest.needs("catalogue:read")
def channel_products(request: Any, channel_id: int) -> Any:
    """Products by page; filters `sku`, `base_code`, `barcode`, `name`, `category`, `parent`, `is_active`, dates; 404 for an unknown channel. The same rows in every channel."""
    channel_or_404(channel_id)
    return _products(request)


@router.post("/products/")
@rest.needs("catalogue:write")
def create_product(request: Any, body: schemas.ProductIn) -> Any:
    """Adds one product: 201. A SKU that exists already is refused with 400."""
    product = change_product(Product(), body.model_dump(exclude_unset=True), now=clock.now())
    return rest.Raw(201, queries.products_json([product])[0])


@router.post("/products/bulk/")
@rest.needs("catalogue:write")
def products_bulk(request: Any) -> Any:
    """`{"products": [...]}`: inserts or replaces by SKU, with a verdict per row."""
    return wire.verdicts(load_products(wire.rows_of(request, "products"), now=clock.now()))


@router.get("/products/{int:pk}/")
@rest.needs("catalogue:read")
def product(request: Any, pk: int) -> Any:
    """One product with its attributes."""
    return queries.products_json([_one(Product, pk)])[0]


@router.get("/channel/{int:channel_id}/products/{int:pk}/")
@rest.needs("catalogue:read")
def channel_product(request: Any, channel_id: int, pk: int) -> Any:
    """One product with its attributes; 404 for an unknown channel."""
    channel_or_404(channel_id)
    return queries.products_json([_one(Product, pk)])[0]


@router.patch("/products/{int:pk}/")
@rest.needs("catalogue:write")
def patch_product(request: Any, pk: int, body: schemas.ProductPatch) -> Any:
    """Changes the given fields of a product; the others stay."""
    row = change_product(_one(Product, pk), body.model_dump(exclude_unset=True), now=clock.now())
    return queries.products_json([row])[0]


def _prices(request: Any) -> Any:
    return rest.page(
        request,
        ProductPrice.objects.all(),
        lambda rows: [queries.price_json(row) for row in rows],
        filters=PRICES,
        max_limit=wire.MAX_LIMIT,
        sort={**filters.SORT, "product": "product_id"},
    )


@router.get("/product_prices/")
@rest.needs("catalogue:read")
def product_prices(request: Any) -> Any:
    """Prices by page; filters `product`, `product__sku`, `price_list`, `currency_type`, `price_type`, dates."""
    return _prices(request)


@router.get("/channel/{int:channel_id}/product_prices/")
@rest.needs("catalogue:read")
def channel_product_prices(request: Any, channel_id: int) -> Any:
    """Prices by page; filters `product`, `product__sku`, `price_list`, `currency_type`, `price_type`, dates; 404 for an unknown channel. The same rows in every channel."""
    channel_or_404(channel_id)
    return _prices(request)


@router.post("/product_prices/bulk/")
@rest.needs("catalogue:write")
def product_prices_bulk(request: Any) -> Any:
    """`{"product_prices": [...]}`: inserts or replaces by product, price list and type, with a verdict per row."""
    return wire.verdicts(load_prices(wire.rows_of(request, "product_prices"), now=clock.now()))


@router.post("/product_prices/")
@rest.needs("catalogue:write")
def create_price(request: Any, body: schemas.PriceBulkIn) -> Any:
    """Adds or replaces the price of a product in a price list: 201."""
    [verdict] = load_prices([body.model_dump()], now=clock.now())
    if verdict["result"] == "refused":
        raise Invalid(fields=verdict["errors"])
    return rest.Raw(201, queries.price_json(_one(ProductPrice, verdict["id"])))


@router.get("/product_prices/{int:pk}/")
@rest.needs("catalogue:read")
def product_price(request: Any, pk: int) -> Any:
    """One price."""
    return queries.price_json(_one(ProductPrice, pk))


@router.patch("/product_prices/{int:pk}/")
@rest.needs("catalogue:write")
def patch_price(request: Any, pk: int, body: schemas.PricePatch) -> Any:
    """Changes the given fields of a price; the others stay."""
    row = _one(ProductPrice, pk)
    for name, value in body.model_dump(exclude_unset=True).items():
        setattr(row, name, value)
    row.modified_at = clock.now()
    row.save()
    return queries.price_json(_one(ProductPrice, pk))


def _named(model: Any, values: dict[str, Any], shape: Any) -> Any:
    now = clock.now()
    try:
        with transaction.atomic():
            row = model.objects.create(**values, created_at=now, modified_at=now)
    except IntegrityError as error:
        raise Invalid(fields={"name": ["This name is taken, or a relation does not exist."]}) from error
    return rest.Raw(201, shape(row))


NAMED_FILTERS = rest.Filters({"name": filters.exact("name"), **filters.common()})


def _named_list(request: Any, model: Any, shape: Any) -> Any:
    return rest.page(
        request,
        model.objects.all(),
        lambda rows: [shape(row) for row in rows],
        filters=NAMED_FILTERS,
        max_limit=wire.MAX_LIMIT,
        sort=filters.SORT,
    )


@router.get("/price_lists/")
@rest.needs("catalogue:read")
def price_lists(request: Any) -> Any:
    """Price lists by page."""
    return _named_list(request, PriceList, queries.price_list_json)


@router.get("/channel/{int:channel_id}/price_lists/")
@rest.needs("catalogue:read")
def channel_price_lists(request: Any, channel_id: int) -> Any:
    """Price lists by page; 404 for an unknown channel. The same rows in every channel."""
    channel_or_404(channel_id)
    return _named_list(request, PriceList, queries.price_list_json)


@router.post("/price_lists/")
@rest.needs("catalogue:write")
def create_price_list(request: Any, body: schemas.PriceListIn) -> Any:
    """Adds a price list: 201. A name that is taken is refused with 400."""
    return _named(PriceList, body.model_dump(), queries.price_list_json)


@router.get("/price_lists/{int:pk}/")
@rest.needs("catalogue:read")
def price_list(request: Any, pk: int) -> Any:
    """One price list."""
    return queries.price_list_json(_one(PriceList, pk))


@router.get("/catalogs/")
@rest.needs("catalogue:read")
def catalogs(request: Any) -> Any:
    """Catalogues by page."""
    return _named_list(request, Catalog, queries.catalog_json)


@router.post("/catalogs/")
@rest.needs("catalogue:write")
def create_catalog(request: Any, body: schemas.CatalogIn) -> Any:
    """Adds a catalogue naming its price list and stock list: 201."""
    if body.price_list is not None and not PriceList.objects.filter(pk=body.price_list).exists():
        raise Invalid(fields={"price_list": [f'Invalid pk "{body.price_list}" - object does not exist.']})
    values = {"name": body.name, "price_list_id": body.price_list, "stock_list_id": body.stock_list}
    return _named(Catalog, values, queries.catalog_json)


@router.get("/catalogs/{int:pk}/")
@rest.needs("catalogue:read")
def catalog(request: Any, pk: int) -> Any:
    """One catalogue."""
    return queries.catalog_json(_one(Catalog, pk))
