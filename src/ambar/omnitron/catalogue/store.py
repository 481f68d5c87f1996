"""Loading products and prices as sets: one statement per table, rows in key order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

PRODUCTS = """
    WITH incoming AS (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(name text, base_code text, sku text, barcode text,
            product_type text, is_active boolean, parent bigint, category text, weight numeric, attributes jsonb,
            attribute_set bigint, productization_date timestamptz)
    )
    INSERT INTO omnitron_catalogue_product AS p (name, base_code, sku, barcode, product_type, is_active, parent_id,
        category, weight, attributes, attribute_set, productization_date, created_at, modified_at)
    SELECT name, base_code, sku, barcode, product_type, is_active, parent, category, weight, attributes,
        attribute_set, productization_date, %(now)s, %(now)s
    FROM incoming ORDER BY sku
    ON CONFLICT (sku) DO UPDATE SET name = excluded.name, base_code = excluded.base_code, barcode = excluded.barcode,
        product_type = excluded.product_type, is_active = excluded.is_active, parent_id = excluded.parent_id,
        category = excluded.category, weight = excluded.weight, attributes = excluded.attributes,
        attribute_set = excluded.attribute_set, productization_date = excluded.productization_date,
        modified_at = excluded.modified_at
    RETURNING sku, id, (xmax = 0)
"""
IMAGES = """
    INSERT INTO omnitron_catalogue_productimage (product_id, image, "order", status, created_at, modified_at)
    SELECT product, image, position, 'active', %(now)s, %(now)s
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(product bigint, image text, position int)
    ORDER BY product, position
    ON CONFLICT (product_id, image) DO UPDATE SET "order" = excluded."order", modified_at = excluded.modified_at
"""
PRICES = """
    INSERT INTO omnitron_catalogue_productprice AS p (product_id, price_list_id, price, retail_price, currency_type,
        tax_rate, discount_percentage, price_type, extra_field, created_at, modified_at)
    SELECT product, price_list, price, retail_price, currency_type, tax_rate, discount_percentage, price_type,
        extra_field, %(now)s, %(now)s
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(product bigint, price_list bigint, price numeric,
        retail_price numeric, currency_type text, tax_rate numeric, discount_percentage numeric, price_type text,
        extra_field jsonb)
    ORDER BY product, price_list, price_type
    ON CONFLICT (product_id, price_list_id, price_type) DO UPDATE SET price = excluded.price,
        retail_price = excluded.retail_price, currency_type = excluded.currency_type, tax_rate = excluded.tax_rate,
        discount_percentage = excluded.discount_percentage, extra_field = excluded.extra_field,
        modified_at = excluded.modified_at
    RETURNING product_id, price_list_id, price_type, id, (xmax = 0)
"""


def as_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as one JSON parameter; decimals and times as strings."""
    return orjson.dumps(list(rows), default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def save_products(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> dict[str, tuple[int, bool]]:
    """Inserts or replaces products; answers `{sku: (key, created)}`. Each SKU at most once."""
    with connection.cursor() as cursor:
        cursor.execute(PRODUCTS, {"rows": as_json(rows), "now": now})
        saved = {sku: (key, created) for sku, key, created in cursor.fetchall()}
        images = [
            {"product": saved[row["sku"]][0], "image": image, "position": position}
            for row in rows
            for position, image in enumerate(dict.fromkeys(row.get("images", ())))
        ]
        if images:
            cursor.execute(IMAGES, {"rows": as_json(images), "now": now})
    return saved


def save_prices(
    rows: Sequence[Mapping[str, Any]], *, now: datetime
) -> dict[tuple[int, int, str], tuple[int, bool]]:
    """Inserts or replaces prices; answers `{(product, price list, type): (key, created)}`."""
    with connection.cursor() as cursor:
        cursor.execute(PRICES, {"rows": as_json(rows), "now": now})
        return {
            (product, price_list, kind): (key, made)
            for product, price_list, kind, key, made in cursor.fetchall()
        }


def product_keys(*, keys: Iterable[int], skus: Iterable[str]) -> tuple[set[int], dict[str, int]]:
    """Which of these keys exist, and the key of each known SKU: one read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sku FROM omnitron_catalogue_product WHERE id = ANY(%s::bigint[]) OR sku = ANY(%s::text[])",
            [sorted(set(keys)), sorted(set(skus))],
        )
        found = cursor.fetchall()
    return {key for key, _ in found}, {sku: key for key, sku in found}
