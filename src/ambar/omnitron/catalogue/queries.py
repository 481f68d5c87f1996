"""Reads of the catalogue: wire shapes as the public pages name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ambar.omnitron import wire
from ambar.omnitron.catalogue.models import Catalog, PriceList, Product, ProductImage, ProductPrice

Shape = dict[str, Any]


def _images(keys: Iterable[int]) -> dict[int, list[Shape]]:
    found: dict[int, list[Shape]] = {}
    for row in ProductImage.objects.filter(product_id__in=list(keys)).order_by("order", "id"):
        found.setdefault(row.product_id, []).append(
            {**wire.identity(row.pk), "status": row.status, "image": row.image, "order": row.order}
        )
    return found


def products_json(rows: Sequence[Product]) -> list[Shape]:
    """Products as listed, their images read once."""
    images = _images(row.pk for row in rows)
    return [
        {
            **product_short(row, images.get(row.pk, [])),
            "product_type": row.product_type,
            "is_active": row.is_active,
            "parent": row.parent_id,
            "category": row.category,
            "weight": None if row.weight is None else str(row.weight),
            "attribute_set": row.attribute_set,
            "productization_date": wire.moment(row.productization_date),
            **wire.dates(row),
        }
        for row in rows
    ]


def product_short(row: Product, images: list[Shape]) -> Shape:
    """A product as embedded in an order item."""
    return {
        **wire.identity(row.pk),
        "sku": row.sku,
        "base_code": row.base_code,
        "name": row.name,
        "barcode": row.barcode,
        "attributes": row.attributes,
        "productimage_set": images,
    }


def short_sql(key: str) -> str:
    """SQL of a product as embedded in order items; `key` is SQL too."""
    images = {**wire.IDENTITY_SQL, "status": "status", "image": "image", "order": '"order"'}
    names = ("sku", "base_code", "name", "barcode", "attributes")
    return wire.record_sql(
        {
            **wire.IDENTITY_SQL,
            **{name: name for name in names},
            "productimage_set": wire.records_sql(
                images,
                'FROM omnitron_catalogue_productimage WHERE product_id = product.id ORDER BY "order", id',
            ),
        },
        f"FROM omnitron_catalogue_product product WHERE id = {key}",
    )


def price_list_json(row: PriceList) -> Shape:
    """A price list as listed."""
    return {
        **wire.identity(row.pk),
        "name": row.name,
        "code": row.code,
        "currency": row.currency,
        "is_active": row.is_active,
        **wire.dates(row),
    }


def price_json(row: ProductPrice) -> Shape:
    """A product price as listed; relations are keys."""
    return {
        **wire.identity(row.pk),
        "product": row.product_id,
        "price": wire.price(row.price),
        "price_list": row.price_list_id,
        "currency_type": row.currency_type,
        "tax_rate": wire.price(row.tax_rate),
        "retail_price": wire.price(row.retail_price),
        "extra_field": row.extra_field,
        "discount_percentage": wire.price(row.discount_percentage),
        "price_type": row.price_type,
        **wire.dates(row),
    }


def catalog_json(row: Catalog) -> Shape:
    """A catalogue: the price list and the stock list a channel sells from."""
    return {
        **wire.identity(row.pk),
        "name": row.name,
        "price_list": row.price_list_id,
        "stock_list": row.stock_list_id,
        **wire.dates(row),
    }
