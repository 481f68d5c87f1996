"""Digests of the four dictionaries, for a seller's OMS to compare its copy with."""

from __future__ import annotations

from typing import Any

from django.db import connection

from ambar.kit import digests

_STATEMENTS = {
    "country": digests.per_bucket("sc_places_country", "id", ("0", "name", "code", "is_active")),
    "city": digests.per_bucket("sc_places_city", "id", ("country_id", "name", "''", "is_active")),
    "township": digests.per_bucket("sc_places_township", "id", ("city_id", "name", "''", "is_active")),
    "district": digests.per_bucket("sc_places_district", "id", ("township_id", "name", "''", "is_active")),
}


def of_every_level() -> dict[str, list[dict[str, Any]]]:
    """Level → its buckets `{"bucket", "count", "digest"}`; one pass over each table."""
    found = {}
    with connection.cursor() as cursor:
        for level, statement in _STATEMENTS.items():
            cursor.execute(statement)
            found[level] = [
                {"bucket": bucket, "count": count, "digest": digest}
                for bucket, count, digest in cursor.fetchall()
            ]
    return found
