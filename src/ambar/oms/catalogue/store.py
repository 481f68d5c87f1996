"""Products and channels created on first sight, race safe and set-based."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """What a feed or an order says about a product; empty values never overwrite known ones."""

    sku: str
    name: str = ""
    barcode: str = ""
    upstream_id: int | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    weight: Any = None
    image_url: str = ""


ENSURE_PRODUCTS = """
INSERT INTO oms_catalogue_product
    (sku, name, barcode, upstream_id, attributes, weight, unit, image_url, is_active, created_at, modified_at)
SELECT sku, name, barcode, upstream_id, attributes, weight, 'quantity', image_url, TRUE, now(), now()
FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::jsonb[], %s::numeric[], %s::text[])
    AS row (sku, name, barcode, upstream_id, attributes, weight, image_url)
ORDER BY sku
ON CONFLICT (sku) DO UPDATE SET
    name = COALESCE(NULLIF(excluded.name, ''), oms_catalogue_product.name),
    barcode = COALESCE(NULLIF(excluded.barcode, ''), oms_catalogue_product.barcode),
    upstream_id = COALESCE(excluded.upstream_id, oms_catalogue_product.upstream_id),
    attributes = oms_catalogue_product.attributes || excluded.attributes,
    weight = COALESCE(excluded.weight, oms_catalogue_product.weight),
    image_url = COALESCE(NULLIF(excluded.image_url, ''), oms_catalogue_product.image_url),
    modified_at = now()
WHERE (NULLIF(excluded.name, '') IS NOT NULL AND excluded.name <> oms_catalogue_product.name)
   OR (NULLIF(excluded.barcode, '') IS NOT NULL AND excluded.barcode <> oms_catalogue_product.barcode)
   OR (excluded.upstream_id IS NOT NULL AND excluded.upstream_id IS DISTINCT FROM oms_catalogue_product.upstream_id)
   OR NOT oms_catalogue_product.attributes @> excluded.attributes
   OR (excluded.weight IS NOT NULL AND excluded.weight IS DISTINCT FROM oms_catalogue_product.weight)
   OR (NULLIF(excluded.image_url, '') IS NOT NULL AND excluded.image_url <> oms_catalogue_product.image_url)
"""

ENSURE_CHANNEL = """
INSERT INTO oms_catalogue_channel (source, upstream_id, name, channel_type, is_active, created_at, modified_at)
VALUES (%s, %s, %s, %s, TRUE, now(), now())
ON CONFLICT (source, upstream_id) DO UPDATE SET
    name = COALESCE(NULLIF(excluded.name, ''), oms_catalogue_channel.name),
    channel_type = COALESCE(NULLIF(excluded.channel_type, ''), oms_catalogue_channel.channel_type),
    modified_at = now()
RETURNING id
"""


def ensure_products(rows: Iterable[ProductRow | tuple[Any, ...]]) -> dict[str, int]:
    """`{sku: id}` for every row, creating what is not known. Tuples are read as
    `(sku, name, barcode, attributes[, upstream_id, weight, image_url])`. Rows that say nothing new write nothing.
    """
    by_sku: dict[str, ProductRow] = {}
    for row in rows:
        product = row if isinstance(row, ProductRow) else _from_tuple(row)
        by_sku[product.sku] = product
    if not by_sku:
        return {}
    values = list(by_sku.values())
    with connection.cursor() as cursor:
        cursor.execute(
            ENSURE_PRODUCTS,
            [
                [row.sku for row in values],
                [row.name[:512] for row in values],
                [row.barcode[:128] for row in values],
                [row.upstream_id for row in values],
                [Jsonb(row.attributes or {}) for row in values],
                [row.weight for row in values],
                [row.image_url[:1024] for row in values],
            ],
        )
        cursor.execute("SELECT sku, id FROM oms_catalogue_product WHERE sku = ANY(%s)", [list(by_sku)])
        return dict(cursor.fetchall())


def _from_tuple(row: tuple[Any, ...]) -> ProductRow:
    names = ("sku", "name", "barcode", "attributes", "upstream_id", "weight", "image_url")
    given = {name: value for name, value in zip(names, row, strict=False) if value is not None}
    return ProductRow(**given)


def ensure_channel(source: str, upstream_id: int, name: str = "", channel_type: str = "") -> int:
    """The id of the channel, created on first sight. A known one that says the same is only read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name, channel_type FROM oms_catalogue_channel WHERE source = %s AND upstream_id = %s",
            [source, upstream_id],
        )
        found = cursor.fetchone()
        if found and name in ("", found[1]) and channel_type in ("", found[2]):
            return int(found[0])
        cursor.execute(ENSURE_CHANNEL, [source, upstream_id, name[:255], channel_type[:64]])
        return int(cursor.fetchone()[0])
