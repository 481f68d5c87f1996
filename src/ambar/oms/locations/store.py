"""Writes to locations and quota. Global lock order: orders, packages, balances (stock), quota (last, shortest)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from ambar.kit import clock, outbox, prepared
from ambar.oms.locations import announcing
from ambar.oms.locations.domain import events
from ambar.oms.locations.domain.quota import QuotaExceeded, fits

LOCK_QUOTA = """
SELECT quota.location_id, quota.used, location.max_quota
FROM oms_locations_quotaused quota JOIN oms_locations_stocklocation location ON location.id = quota.location_id
WHERE quota.location_id = ANY(%s)
ORDER BY quota.location_id FOR UPDATE OF quota
"""
ENSURE_QUOTA = """
INSERT INTO oms_locations_quotaused (location_id, used)
SELECT id, 0 FROM oms_locations_stocklocation WHERE id = ANY(%s) ORDER BY id ON CONFLICT DO NOTHING
"""
MOVE_QUOTA = """
UPDATE oms_locations_quotaused quota SET used = quota.used + change.delta
FROM (
    SELECT change.location_id, change.delta
    FROM unnest(%s::bigint[], %s::int[]) AS change (location_id, delta)
    JOIN oms_locations_quotaused locked USING (location_id)
    ORDER BY change.location_id FOR UPDATE OF locked
) change
WHERE quota.location_id = change.location_id
"""


def lock_quota(location_ids: Iterable[int]) -> dict[int, tuple[int, int | None]]:
    """`{location: (used, max_quota)}`, rows locked in key order until the transaction ends."""
    wanted = sorted(set(location_ids))
    with connection.cursor() as cursor:
        cursor.execute(LOCK_QUOTA, [wanted])
        found = {location_id: (used, max_quota) for location_id, used, max_quota in cursor.fetchall()}
        if len(found) < len(wanted):
            cursor.execute(ENSURE_QUOTA, [wanted])
            cursor.execute(LOCK_QUOTA, [wanted])
            found = {location_id: (used, max_quota) for location_id, used, max_quota in cursor.fetchall()}
    return found


def move_quota(deltas: Mapping[int, int], *, guarded: Iterable[int] = ()) -> None:
    """Add `deltas` to the used quota of the locations, in one transaction with the caller's.

    Raises `QuotaExceeded` naming the `guarded` locations that would pass their `max_quota`; nothing is written then.
    """
    moved = {location_id: delta for location_id, delta in deltas.items() if delta}
    if not moved:
        return
    checked = set(guarded) & {location_id for location_id, delta in moved.items() if delta > 0}
    keys = sorted(moved)
    with transaction.atomic(savepoint=bool(checked)):
        if checked:
            rows = lock_quota(keys)
            full = [
                key
                for key in checked
                if not fits(used=rows[key][0], change=moved[key], max_quota=rows[key][1])
            ]
            if full:
                raise QuotaExceeded(full)
        with prepared.cursor() as cursor:
            arguments = [prepared.numbers(keys), prepared.numbers(moved[key] for key in keys)]
            cursor.execute(MOVE_QUOTA, arguments)
            if cursor.rowcount == len(keys):
                return
            raise LookupError(f"no quota row for some of the locations {keys}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRow:
    """A retail store as upstream tells it. Absent values (`None`) never overwrite what is known here."""

    erp_code: str
    name: str
    upstream_id: int | None = None
    source: str = "omnitron"
    stock_location_type: str = "store"
    country_id: int | None = None
    city_id: int | None = None
    township_id: int | None = None
    district_id: int | None = None
    line: str = ""
    postcode: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    phone: str = ""
    email: str = ""
    is_active: bool = True
    is_pickup_location: bool | None = None
    is_delivery_location: bool | None = None
    is_fulfillment_center: bool | None = None
    is_return_available: bool | None = None
    is_fast_delivery_available: bool | None = None
    priority: int | None = None
    max_quota: int | None = None
    tags: tuple[str, ...] | None = None
    conf: dict[str, Any] | None = None


FLAGS = (
    ("is_fulfillment_center", True),
    ("is_pickup_location", False),
    ("is_delivery_location", False),
    ("is_return_available", False),
    ("is_fast_delivery_available", False),
)
_OPTIONAL = ("country_id", "city_id", "township_id", "district_id", "latitude", "longitude", "max_quota")
_TEXT = ("line", "postcode", "email")


def _upsert_statement() -> str:
    """One statement for all rows; `COALESCE` keeps what upstream does not tell."""
    typed = {
        **dict.fromkeys(("country_id", "city_id", "township_id", "district_id"), "bigint"),
        "latitude": "numeric",
        "longitude": "numeric",
        "max_quota": "int",
    }
    columns = [
        ("erp_code", "text", "excluded.erp_code"),
        ("source", "text", "excluded.source"),
        ("upstream_id", "bigint", "COALESCE(excluded.upstream_id, old.upstream_id)"),
        ("name", "text", "excluded.name"),
        ("stock_location_type", "text", "excluded.stock_location_type"),
        ("daytime_phone", "text", "COALESCE(NULLIF(excluded.daytime_phone, ''), old.daytime_phone)"),
        ("is_active", "boolean", "excluded.is_active"),
    ]
    columns += [(n, typed[n], f"COALESCE(excluded.{n}, old.{n})") for n in _OPTIONAL]
    columns += [(n, "text", f"COALESCE(NULLIF(excluded.{n}, ''), old.{n})") for n in _TEXT]
    names = [name for name, _, _ in columns]
    kept = ["priority", *(flag for flag, _ in FLAGS), "tags", "conf"]
    defaults = {
        "priority": ("int", "100"),
        "tags": ("jsonb", "'[]'::jsonb"),
        "conf": ("jsonb", "'{}'::jsonb"),
    }
    defaults |= {flag: ("boolean", "TRUE" if given else "FALSE") for flag, given in FLAGS}
    arrays = [f"%s::{kind}[]" for _, kind, _ in columns] + [f"%s::{defaults[name][0]}[]" for name in kept]
    aliases = ", ".join(names + kept)
    return f"""
    WITH row AS (SELECT * FROM unnest({", ".join(arrays)}) AS row ({aliases})),
    told AS (
        INSERT INTO oms_locations_stocklocation AS old ({aliases}, is_transfer_location, is_shipper_location,
            evening_phone, fax_number, created_at, modified_at)
        SELECT {", ".join(f"row.{name}" for name in names)},
            {", ".join(f"COALESCE(row.{name}, known.{name}, {defaults[name][1]})" for name in kept)},
            TRUE, TRUE, '', '', now(), now()
        FROM row LEFT JOIN oms_locations_stocklocation known ON known.erp_code = row.erp_code
        ORDER BY row.erp_code
        ON CONFLICT (erp_code) DO UPDATE SET
            {", ".join(f"{name} = {rule}" for name, _, rule in columns if name != "erp_code")},
            {", ".join(f"{name} = excluded.{name}" for name in kept)}, modified_at = now()
        RETURNING erp_code, id
    ),
    quota AS (
        INSERT INTO oms_locations_quotaused (location_id, used)
        SELECT id, 0 FROM told ORDER BY id ON CONFLICT DO NOTHING
    )
    SELECT erp_code, id FROM told"""


UPSERT = _upsert_statement()
ADOPT_NEW_CODES = """
UPDATE oms_locations_stocklocation location SET erp_code = row.erp_code, modified_at = now()
FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS row (source, upstream_id, erp_code)
WHERE location.source = row.source AND location.upstream_id = row.upstream_id AND location.erp_code <> row.erp_code
  AND NOT EXISTS (SELECT 1 FROM oms_locations_stocklocation taken WHERE taken.erp_code = row.erp_code)
"""


def upsert_stores(rows: Sequence[StoreRow]) -> dict[str, int]:
    """Write stores as upstream tells them; answers `{erp_code: location id}`.

    A store is known by (source, upstream id) first, so a changed ERP code renames it, then by ERP code. Of several
    rows with one ERP code the last counts. What people set here (priority, flags, quota) stays unless upstream tells.
    Source: "Akinon OMS: Basic Setup" (Retail Stores).
    """
    by_code = {row.erp_code: row for row in rows}
    if not by_code:
        return {}
    values = list(by_code.values())
    known = [row for row in values if row.upstream_id is not None]
    arguments: list[list[Any]] = [
        [row.erp_code for row in values],
        [row.source for row in values],
        [row.upstream_id for row in values],
        [row.name for row in values],
        [row.stock_location_type for row in values],
        [row.phone for row in values],
        [row.is_active for row in values],
    ]
    arguments += [[getattr(row, name) for row in values] for name in (*_OPTIONAL, *_TEXT, "priority")]
    arguments += [[getattr(row, flag) for row in values] for flag, _ in FLAGS]
    arguments.append([None if row.tags is None else Jsonb(list(row.tags)) for row in values])
    arguments.append([None if row.conf is None else Jsonb(row.conf) for row in values])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            ADOPT_NEW_CODES,
            [[r.source for r in known], [r.upstream_id for r in known], [r.erp_code for r in known]],
        )
        before = _before(cursor, list(by_code)) if outbox.wanted(*events.ALL) else None
        cursor.execute(UPSERT, arguments)
        ids = dict(cursor.fetchall())
        if before is not None:
            _announce(before, ids.values())
        return ids


def _before(cursor: Any, codes: Sequence[str]) -> dict[int, dict[str, Any]]:
    cursor.execute("SELECT id FROM oms_locations_stocklocation WHERE erp_code = ANY(%s)", [list(codes)])
    return announcing.payloads(row[0] for row in cursor.fetchall())


def _announce(before: Mapping[int, Mapping[str, Any]], ids: Iterable[int]) -> None:
    """Tell of what is new and of what really differs; every import writes all of them."""
    after, now = announcing.payloads(ids), clock.now()
    new = [record for location_id, record in after.items() if location_id not in before]
    differs = [after[location_id] for location_id in announcing.changed(before, after)]
    announcing.announce(events.CREATED, new, now=now)
    announcing.announce(events.UPDATED, differs, now=now)
