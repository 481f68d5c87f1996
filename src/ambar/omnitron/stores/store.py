"""Writing retail stores as a set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.omnitron.catalogue.store import as_json

FIELDS = {
    "name": "text",
    "township_id": "bigint",
    "district_id": "bigint",
    "address": "text",
    "postcode": "text",
    "phone_number": "text",
    "fax_phone_number": "text",
    "image": "text",
    "store_hours": "jsonb",
    "latitude": "numeric",
    "longitude": "numeric",
    "is_active": "boolean",
    "click_and_collect": "boolean",
    "kapida_enabled": "boolean",
    "fast_delivery": "boolean",
    "is_return_accepted": "boolean",
    "store_type_id": "bigint",
    "group_id": "bigint",
    "sort_order": "int",
    "config": "jsonb",
    "channels": "jsonb",
    "translations": "jsonb",
}
COLUMNS = ", ".join(FIELDS)
UPSERT = f"""
    INSERT INTO omnitron_stores_retailstore AS s (erp_code, {COLUMNS}, sequence, created_at, modified_at)
    SELECT r.erp_code, {", ".join(f"r.{name}" for name in FIELDS)}, 1, %(now)s, %(now)s
    FROM jsonb_to_recordset(%(rows)s::jsonb)
        AS r(erp_code text, {", ".join(f"{name} {kind}" for name, kind in FIELDS.items())})
    ORDER BY r.erp_code
    ON CONFLICT (erp_code) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in FIELDS)},
        sequence = s.sequence + 1, modified_at = excluded.modified_at
    RETURNING erp_code, id, (xmax = 0)
"""


def save(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> dict[str, tuple[int, bool]]:
    """Inserts or replaces stores by ERP code and counts their sequence up; `{erp_code: (key, created)}`."""
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, {"rows": as_json(rows), "now": now})
        return {code: (key, created) for code, key, created in cursor.fetchall()}
