"""Reads of retail stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ambar.omnitron import wire
from ambar.omnitron.places.queries import district_json, township_detailed
from ambar.omnitron.stores.models import RetailStore

Shape = dict[str, Any]


def store_json(row: RetailStore) -> Shape:
    """A store as listed; `township` and `district` are keys, also under their newer names `…_id`."""
    return {
        **wire.identity(row.pk),
        "name": row.name,
        "erp_code": row.erp_code,
        "township": row.township_id,
        "township_id": row.township_id,
        "district": row.district_id,
        "district_id": row.district_id,
        "address": row.address,
        "postcode": row.postcode,
        "phone_number": row.phone_number,
        "fax_phone_number": row.fax_phone_number,
        "image": row.image or None,
        "store_hours": row.store_hours,
        "latitude": wire.coordinate(row.latitude),
        "longitude": wire.coordinate(row.longitude),
        "is_active": row.is_active,
        "click_and_collect": row.click_and_collect,
        "kapida_enabled": row.kapida_enabled,
        "fast_delivery": row.fast_delivery,
        "is_return_accepted": row.is_return_accepted,
        "store_type_id": row.store_type_id,
        "group_id": row.group_id,
        "sort_order": row.sort_order,
        "config": row.config,
        "channels": row.channels,
        "translations": row.translations,
        **wire.dates(row),
    }


def detailed(rows: Sequence[RetailStore]) -> list[Shape]:
    """Stores with township > city > country nested; the rows must carry their places."""
    return [
        {
            **store_json(row),
            "township": township_detailed(row.township),
            "district": district_json(row.district) if row.district else None,
        }
        for row in rows
    ]


def with_places(keys: Iterable[int] | None = None) -> Any:
    """Stores with their places in the same read; all of them, or those with these keys."""
    rows = RetailStore.objects.select_related("township__city__country", "district").order_by("id")
    return rows if keys is None else rows.filter(pk__in=set(keys))
