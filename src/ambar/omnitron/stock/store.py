"""Loading stock as a set, rows in key order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.omnitron.catalogue.store import as_json

STOCKS = """
    INSERT INTO omnitron_stock_productstock AS s (product_id, stock_list_id, stock, unit_type,
        sold_quantity_unreported, extra_field, created_at, modified_at)
    SELECT product, stock_list, stock, unit_type, 0, extra_field, %(now)s, %(now)s
    FROM jsonb_to_recordset(%(rows)s::jsonb)
        AS r(product bigint, stock_list bigint, stock numeric, unit_type text, extra_field jsonb)
    ORDER BY product, stock_list
    ON CONFLICT (product_id, stock_list_id) DO UPDATE SET stock = excluded.stock, unit_type = excluded.unit_type,
        extra_field = excluded.extra_field, modified_at = excluded.modified_at
    RETURNING product_id, stock_list_id, id, (xmax = 0)
"""


def save_stocks(
    rows: Sequence[Mapping[str, Any]], *, now: datetime
) -> dict[tuple[int, int], tuple[int, bool]]:
    """Inserts or replaces stocks; `{(product, stock list): (key, created)}`."""
    with connection.cursor() as cursor:
        cursor.execute(STOCKS, {"rows": as_json(rows), "now": now})
        return {(product, listed): (key, created) for product, listed, key, created in cursor.fetchall()}


def stock_list_keys(*, keys: Iterable[int], erp_codes: Iterable[str]) -> tuple[set[int], dict[str, int]]:
    """Which of these lists exist, and the list of each store with one: one read."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.id, s.erp_code FROM omnitron_stock_stocklist l
            LEFT JOIN omnitron_stores_retailstore s ON s.id = l.retail_store_id
            WHERE l.id = ANY(%s::bigint[]) OR s.erp_code = ANY(%s::text[])
            """,
            [sorted(set(keys)), sorted(set(erp_codes))],
        )
        found = cursor.fetchall()
    return {key for key, _ in found}, {code: key for key, code in found if code is not None}
