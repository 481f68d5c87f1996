"""Writes of products: one statement per set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.kit import prepared

_UPSERT = """
INSERT INTO sc_catalogue_product AS p
       (sku, upstream_id, name, base_code, barcode, attributes, is_active, created_at, modified_at)
SELECT sku, upstream_id, name, base_code, barcode, attributes::jsonb, is_active, %s, %s
  FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[])
       AS t(sku, upstream_id, name, base_code, barcode, attributes, is_active)
ON CONFLICT (sku) DO UPDATE
   SET upstream_id = coalesce(excluded.upstream_id, p.upstream_id), name = excluded.name,
       base_code = excluded.base_code, barcode = excluded.barcode, attributes = excluded.attributes,
       is_active = excluded.is_active, modified_at = excluded.modified_at
RETURNING sku, id
"""
_ENSURE = """
INSERT INTO sc_catalogue_product
       (sku, upstream_id, name, base_code, barcode, attributes, is_active, created_at, modified_at)
SELECT t.sku, t.upstream_id, t.name, t.base_code, t.barcode, t.attributes::jsonb, true, %s::timestamptz,
       %s::timestamptz
  FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
       AS t(sku, upstream_id, name, base_code, barcode, attributes)
 WHERE NOT EXISTS (SELECT 1 FROM sc_catalogue_product p WHERE p.sku = t.sku)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """A product to be stored."""

    sku: str
    name: str
    upstream_id: int | None = None
    base_code: str = ""
    barcode: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    is_active: bool = True


def _columns(rows: Sequence[ProductRow]) -> list[object]:
    return [
        prepared.texts(r.sku for r in rows),
        [r.upstream_id for r in rows],
        prepared.texts(r.name for r in rows),
        prepared.texts(r.base_code for r in rows),
        prepared.texts(r.barcode for r in rows),
        prepared.texts(json.dumps(r.attributes) for r in rows),
    ]


def upsert(products: Sequence[ProductRow], *, now: datetime) -> dict[str, int]:
    """Insert or overwrite by SKU; the last row of a SKU wins. SKU → id."""
    unique = {row.sku: row for row in products}
    rows = [unique[sku] for sku in sorted(unique)]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [now, now, *_columns(rows), [r.is_active for r in rows]])
        return dict(cursor.fetchall())


def ensure(products: Sequence[ProductRow], *, now: datetime) -> None:
    """Insert the products whose SKU is not known yet; known ones stay as they are."""
    unique = {row.sku: row for row in products}
    rows = [unique[sku] for sku in sorted(unique)]
    if not rows:
        return
    with prepared.cursor() as cursor:
        cursor.execute(_ENSURE, [now, now, *_columns(rows)])
