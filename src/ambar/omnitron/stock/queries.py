"""Reads of stock lists and product stocks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ambar.omnitron import wire
from ambar.omnitron.stock.models import ProductStock, StockList


def figure(value: Decimal) -> int | float:
    """A quantity as a JSON number: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def stock_list_json(row: StockList) -> dict[str, Any]:
    """A stock list; `retail_store` is a key or null."""
    return {
        **wire.identity(row.pk),
        "name": row.name,
        "code": row.code,
        "retail_store": row.retail_store_id,
        "is_active": row.is_active,
        **wire.dates(row),
    }


def stock_json(row: ProductStock) -> dict[str, Any]:
    """The stock of a product in a list; relations are keys, the product's SKU beside."""
    return {
        **wire.identity(row.pk),
        "product": row.product_id,
        "sku": row.product.sku,
        "stock": figure(row.stock),
        "stock_list": row.stock_list_id,
        "unit_type": row.unit_type,
        "extra_field": row.extra_field,
        "sold_quantity_unreported": figure(row.sold_quantity_unreported),
        **wire.dates(row),
    }
