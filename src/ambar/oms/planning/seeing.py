"""What a planning pass sees: locations, stock, quota, products, channels. One statement per set, no locks."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.db import connection

from ambar.kit import prepared
from ambar.oms.planning.domain.values import Location, View
from ambar.oms.scenarios.domain.rules import Rules
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.queries import state_id

LOCATION_COLUMNS = (
    "id", "upstream_id", "erp_code", "name", "stock_location_type", "tags", "priority", "country_id", "city_id",
    "township_id", "targeted_packaging_minutes", "exit_time", "max_quota", "latitude", "longitude", "is_active",
    "is_fulfillment_center", "is_pickup_location", "is_delivery_location", "is_transfer_location",
    "is_shipper_location", "is_return_available", "is_fast_delivery_available", "calendar",
)  # fmt: skip
LOCATIONS_STAND = "SELECT count(*), COALESCE(sum(xmin::text::bigint), 0) FROM oms_locations_stocklocation"
LOCATIONS = f"""
SELECT xmin::text::bigint, jsonb_build_object({", ".join(f"'{name}', {name}" for name in LOCATION_COLUMNS)})::text
FROM oms_locations_stocklocation ORDER BY id
"""
STOCK = "SELECT product_id, locations, available FROM oms_planning_stock(%s::bigint[])"
USED = "SELECT location_id, used FROM oms_locations_quotaused"
PRODUCTS = (
    "SELECT id, sku, name, barcode, weight, attributes::text FROM oms_catalogue_product WHERE id = ANY(%s)"
)
CHANNELS = "SELECT id, name, channel_type FROM oms_catalogue_channel WHERE id = ANY(%s)"
RELIABILITY = """
SELECT package.location_id, count(refused.object_id), count(*)
FROM oms_packages_package package
LEFT JOIN (
    SELECT DISTINCT object_id FROM oms_states_transitionlog
    WHERE kind = 'package' AND new_state_id = %(refused)s AND created_at >= %(since)s
      AND attributes->>'command.slug' = 'REFUSE_WITH_DENIAL_REASON'
) refused ON refused.object_id = package.id
WHERE package.created_at >= %(since)s GROUP BY package.location_id
"""
HISTORY = timedelta(days=90)
FLOOR_ZONE = ZoneInfo("Europe/Istanbul")
"""The time on the wall of the locations."""
KEEP_RELIABILITY = 300.0
"""Seconds for which a process goes on with the reliability figures it read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Every location with the hash of their content; `by_upstream` finds a retail store by its id upstream."""

    hash: str
    locations: Mapping[int, Location]
    by_upstream: Mapping[int, int]
    source: bytes


_lock = Lock()
_kept_places: dict[str, tuple[tuple[int, int], Places]] = {}
_kept_reliability: dict[str, tuple[float, dict[int, tuple[int, int]]]] = {}


def _database() -> str:
    settings: dict[str, Any] = connection.settings_dict
    return f"{settings['HOST']}/{settings['NAME']}"


def places() -> Places:
    """All locations as committed now; read again only when one of the rows changed."""
    with prepared.cursor() as cursor:
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


def view(known: Places, product_ids: Collection[int], rules: Rules, *, now: datetime) -> View:
    """What the locations have of the products now, without locks: reserving checks again under them.

    Refusals are read when a rule asks about them.
    """
    return View(
        hash=known.hash,
        locations=known.locations,
        stock={},
        thousandths=stock(product_ids),
        used=quota(),
        reliability=reliability(now) if asks_reliability(rules) else {},
    )


def known(
    figures: Mapping[int, Mapping[int, int]], missing: Collection[tuple[int, int]]
) -> Mapping[int, Mapping[int, int]]:
    """The figures without those of `missing`, `(location, product)`: the last word of a service that does not answer any
    more is too old to send goods by.
    """
    out: dict[int, set[int]] = {}
    for location_id, product_id in missing:
        out.setdefault(product_id, set()).add(location_id)
    fresh = {
        product_id: {place: have for place, have in figures[product_id].items() if place not in places}
        for product_id, places in out.items()
        if product_id in figures
    }
    return {**figures, **fresh}


def stock(product_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """`{product: {location: available x 1000}}` where there is any."""
    with prepared.cursor() as cursor:
        cursor.execute(STOCK, [list(product_ids)])
        rows = cursor.fetchall()
    known: dict[str, tuple[int, ...]] = {}
    found = {}
    for product_id, where, figures in rows:
        at = known.get(where)
        if at is None:
            at = known[where] = tuple(map(int, where.split(",")))
        found[product_id] = dict(zip(at, _thousandths(figures), strict=True))
    return found


def _thousandths(figures: str) -> Sequence[int]:
    """Quantities have three decimals, always, and are more than none: `12.500,0.001` without the points is 12500 and 1."""
    whole = figures.replace(".", "")
    if figures.startswith("0.") or ",0." in figures:
        # JSON knows no numbers that begin with a nought.
        return [int(one) for one in whole.split(",")]
    return orjson.loads(f"[{whole}]")  # type: ignore[no-any-return]


def quota() -> dict[int, int]:
    """`{location: quota in use}`."""
    with prepared.cursor() as cursor:
        cursor.execute(USED)
        return dict(cursor.fetchall())


def reliability(now: datetime) -> dict[int, tuple[int, int]]:
    """`{location: (packages refused, packages)}` of the last 90 days; some minutes old at most."""
    kept = _kept_reliability.get(_database())
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    with connection.cursor() as cursor:
        refused = state_id("PackageStatus", PackageStatus.NEEDS_RESCHEDULING)
        cursor.execute(RELIABILITY, {"refused": refused, "since": now - HISTORY})
        found = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    with _lock:
        _kept_reliability[_database()] = (time.monotonic() + KEEP_RELIABILITY, found)
    return found


def _selectors(rules: Rules) -> Iterable[str]:
    for scenario in (*rules.scenarios, *rules.transfers):
        for rule in scenario.rules:
            yield from rule.selectors


def asks_reliability(rules: Rules) -> bool:
    """Whether any rule compares locations by their refusals."""
    return "SELECT_BY_RELIABILITY" in _selectors(rules)


def asks_products(rules: Rules) -> bool:
    """Whether any rule looks at products: at their properties, or at their weight for the cost."""
    asked = any(
        rule.product_mode != "all" for one in (*rules.scenarios, *rules.transfers) for rule in one.rules
    )
    return asked or "SELECT_BY_COST" in _selectors(rules)


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
