"""Long lists of places: one statement that answers wire forms, because clients copy 50 000 rows per page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection

from ambar.kit import clock
from ambar.omnitron.places.models import Place

FRONT = ("id", "id AS pk", "name", "is_active", "translations::text", "latitude::text", "longitude::text")
BACK = (
    "coordinates_estimated",
    f"{clock.iso_sql('created_at')} AS created_date",
    f"{clock.iso_sql('modified_at')} AS modified_date",
)
POSTCODE = "NULLIF(postcode, '') AS postcode"
OWN = {
    "country": ("code",),
    "city": ("country_id AS country", "code", "priority", POSTCODE),
    "township": ("city_id AS city", POSTCODE),
    "district": ("city_id AS city", "township_id AS township", POSTCODE, "NULLIF(zipcode, '') AS zipcode"),
}


def listed(rows: Sequence[Place]) -> list[dict[str, Any]]:
    """The listed shape (`queries.country_json` and its kin) of rows of one level, of which only the keys are used."""
    if not rows:
        return []
    table, own = rows[0]._meta.db_table, OWN[str(rows[0]._meta.model_name)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join((*FRONT, *BACK, *own))} FROM {table} WHERE id = ANY(%s::bigint[])",
            [[row.pk for row in rows]],
        )
        names = [column.name for column in cursor.description]
        found = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    for shape in found.values():
        text = shape["translations"]
        shape["translations"] = {} if text == "{}" else orjson.loads(text)
    return [found[row.pk] for row in rows if row.pk in found]
