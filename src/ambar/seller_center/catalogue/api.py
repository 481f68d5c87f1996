"""`/api/v1/catalogue/products/`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.seller_center.catalogue import store
from ambar.seller_center.catalogue.actions.save_products import save_products
from ambar.seller_center.catalogue.models import Product
from ambar.seller_center.catalogue.schemas import ProductsIn

router = rest.Router()

FILTERS = rest.Filters(
    {
        "sku": rest.exact("sku"),
        "barcode": rest.exact("barcode"),
        "base_code": rest.exact("base_code"),
        "name__icontains": rest.contains("name"),
        "sku__icontains": rest.contains("sku"),
        "is_active": rest.boolean("is_active"),
        "id__in": rest.id_list("id__in"),
    }
)


def product_json(row: Product) -> dict[str, Any]:
    """A product on the wire."""
    return {
        "id": row.pk,
        "pk": row.pk,
        "sku": row.sku,
        "upstream_id": row.upstream_id,
        "name": row.name,
        "base_code": row.base_code,
        "barcode": row.barcode,
        "attributes": row.attributes,
        "is_active": row.is_active,
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
    }


@router.get("/catalogue/products/", tags=["catalogue"])
@rest.needs("products:read")
def list_products(request: HttpRequest) -> Any:
    """The marketplace catalogue, the same for every seller."""
    return rest.page(
        request,
        Product.objects.all(),
        lambda rows: [product_json(row) for row in rows],
        filters=FILTERS,
        sort=("id", "sku", "name", "modified_at"),
        cursor=True,
    )


@router.post("/catalogue/products/", tags=["catalogue"])
@rest.needs("products:write")
def post_products(request: HttpRequest, body: ProductsIn) -> Any:
    """Insert or overwrite up to 5 000 products by SKU; answers their ids."""
    rows = [store.ProductRow(**product.model_dump()) for product in body.products]
    saved = save_products(rows, now=clock.now())
    return {"saved": len(saved), "products": [{"sku": sku, "id": pk} for sku, pk in sorted(saved.items())]}
