"""What a planning pass reads and writes, one statement per set. Runs inside the caller's transaction.

Lock order: orders (claimed before), balances, quota.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from threading import Lock
from typing import Any

import orjson
from django.db import connection

from ambar.oms.planning.domain.values import Location, View
from ambar.oms.scenarios.domain.rules import Rules

LOCATION_COLUMNS = (
    "id", "upstream_id", "erp_code", "name", "stock_location_type", "tags", "priority", "country_id", "city_id",
    "township_id", "targeted_packaging_minutes", "exit_time", "calendar", "max_quota", "latitude", "longitude", "is_active",
    "is_fulfillment_center", "is_pickup_location", "is_delivery_location", "is_transfer_location",
    "is_shipper_location", "is_return_available", "is_fast_delivery_available",
)  # fmt: skip
LOCATIONS_STAND = "SELECT count(*), COALESCE(sum(xmin::text::bigint), 0) FROM oms_locations_stocklocation"
LOCATIONS = f"""
SELECT xmin::text::bigint, jsonb_build_object({", ".join(f"'{name}', {name}" for name in LOCATION_COLUMNS)})::text
FROM oms_locations_stocklocation ORDER BY id
"""
STOCK = """
SELECT product_id, array_agg(location_id), array_agg(trim_scale(on_hand - reserved)) FROM oms_stock_balance
WHERE product_id = ANY(%s) AND on_hand > reserved GROUP BY product_id
"""
USED = "SELECT location_id, used FROM oms_locations_quotaused"
PRODUCTS = (
    "SELECT id, sku, name, barcode, weight, attributes::text FROM oms_catalogue_product WHERE id = ANY(%s)"
)
CHANNELS = "SELECT id, name, channel_type FROM oms_catalogue_channel WHERE id = ANY(%s)"
KNOWN_SNAPSHOTS = "SELECT hash FROM oms_planning_snapshot WHERE hash = ANY(%s)"
SNAPSHOT = """
INSERT INTO oms_planning_snapshot (hash, kind, body, created_at) VALUES (%s, %s, %s::jsonb, %s) ON CONFLICT DO NOTHING
"""
DECISIONS = """
INSERT INTO oms_planning_decision
    (order_id, at, outcome, scenario_id, order_hash, rules_hash, view_hash, asked, record)
SELECT order_id, %s, outcome, scenario_id, order_hash, %s, %s, asked, record
FROM json_to_recordset(%s::json) AS row
    (order_id bigint, outcome text, scenario_id bigint, order_hash text, asked jsonb, record jsonb)
RETURNING order_id, id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Every location with the hash of their content; `by_upstream` finds a retail store by its id upstream."""

    hash: str
    locations: Mapping[int, Location]
    by_upstream: Mapping[int, int]
    source: bytes


_lock = Lock()
_kept_places: dict[str, tuple[tuple[int, int], Places]] = {}


def _database() -> str:
    settings: dict[str, Any] = connection.settings_dict
    return f"{settings['HOST']}/{settings['NAME']}"


def places() -> Places:
    """All locations as committed now; read again only when one of the rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(LOCATIONS_STAND)
        stand = tuple(map(int, cursor.fetchone()))
        kept = _kept_places.get(_database())
        if kept is not None and kept[0] == stand:
            return kept[1]
        cursor.execute(LOCATIONS)
        rows = cursor.fetchall()
    found = read_places([orjson.loads(row[1]) for row in rows])
    stand = (len(rows), sum(row[0] for row in rows))
    with _lock:
        _kept_places[_database()] = (stand, found)
    return found


def read_places(rows: Sequence[Mapping[str, Any]]) -> Places:
    """Locations from their stored form (a snapshot's body)."""
    source = orjson.dumps(rows, option=orjson.OPT_SORT_KEYS)
    return Places(
        hash=sha256(source).hexdigest()[:32],
        locations={row["id"]: _location(row) for row in rows},
        by_upstream={row["upstream_id"]: row["id"] for row in rows if row["upstream_id"] is not None},
        source=source,
    )


def _location(row: Mapping[str, Any]) -> Location:
    return Location(
        id=row["id"],
        priority=row["priority"],
        is_active=row["is_active"],
        is_fulfillment_center=row["is_fulfillment_center"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        max_quota=row["max_quota"],
        properties=row,
    )


def view(known: Places, product_ids: Collection[int]) -> View:
    """What the locations have of the products now, without locks: reserving checks again under them."""
    stock: dict[int, dict[int, Decimal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(STOCK, [list(product_ids)])
        for product_id, location_ids, available in cursor.fetchall():
            stock[product_id] = dict(zip(location_ids, available, strict=True))
        cursor.execute(USED)
        used = dict(cursor.fetchall())
    return View(hash=known.hash, locations=known.locations, stock=stock, used=used)


def products(product_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What product conditions ask, by product id."""
    with connection.cursor() as cursor:
        cursor.execute(PRODUCTS, [list(product_ids)])
        return {
            row[0]: {
                "sku": row[1],
                "name": row[2],
                "barcode": row[3],
                "weight": None if row[4] is None else str(row[4]),
                **{f"attributes.{name}": value for name, value in orjson.loads(row[5]).items()},
            }
            for row in cursor.fetchall()
        }


def channels(channel_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """`{id: (name, type)}`."""
    with connection.cursor() as cursor:
        cursor.execute(CHANNELS, [list(channel_ids)])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def keep_snapshots(rules: Rules, known: Places, *, now: datetime) -> None:
    """Store the rules and the locations once per content."""
    bodies = {rules.hash: ("rules", orjson.dumps(rules.source)), known.hash: ("locations", known.source)}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_SNAPSHOTS, [list(bodies)])
        for (name,) in cursor.fetchall():
            del bodies[name]
        for name, (kind, body) in bodies.items():
            cursor.execute(SNAPSHOT, [name, kind, body.decode(), now])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision to store; `asked` and `record` are JSON."""

    order_id: int
    outcome: str
    scenario_id: int | None
    asked: bytes
    record: bytes


def add_decisions(
    rows: Sequence[NewDecision], *, rules_hash: str, view_hash: str, now: datetime
) -> dict[int, int]:
    """Store decisions; answers `{order id: decision id}`."""
    with connection.cursor() as cursor:
        cursor.execute(
            DECISIONS,
            [
                now,
                rules_hash,
                view_hash,
                orjson.dumps([_decision(row) for row in rows]).decode(),
            ],
        )
        return dict(cursor.fetchall())


def _decision(row: NewDecision) -> dict[str, Any]:
    return {
        "order_id": row.order_id,
        "outcome": row.outcome,
        "scenario_id": row.scenario_id,
        "order_hash": sha256(row.asked).hexdigest()[:32],
        "asked": orjson.Fragment(row.asked),
        "record": orjson.Fragment(row.record),
    }
