"""Wire shapes of channels and products."""

from collections.abc import Iterable
from typing import Any

from ambar.kit import clock
from ambar.oms.catalogue.models import Channel, Product


def channels(rows: Iterable[Channel]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "omnitron_id": row.upstream_id,
            "name": row.name,
            "channel_type": row.channel_type,
            "source": row.source,
            "is_active": row.is_active,
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]


def products(rows: Iterable[Product]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "omnitron_id": row.upstream_id,
            "sku": row.sku,
            "name": row.name,
            "barcode": row.barcode,
            "attributes": row.attributes,
            "weight": None if row.weight is None else str(row.weight),
            "unit_type": row.unit,
            "image": row.image_url or None,
            "is_active": row.is_active,
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]
