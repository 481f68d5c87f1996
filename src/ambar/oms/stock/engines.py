"""Inventory engines: what of their answers is known, and writing down what they said.

Outside figures are counts: they are written to the balances before planning, so reservations work alike everywhere.
A service that does not answer leaves its figures *unknown*, never zero (`docs/decisions/0028-outside-engines.md`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any

from django.db import connection

RETRY = timedelta(seconds=5)
"""How long a failed question is not repeated."""

STAND = """
SELECT COALESCE(sum(xmin::text::bigint), 0), count(*) FILTER (WHERE is_active)
FROM oms_locations_stocklocation WHERE engine_id IS NOT NULL
"""
LOCATIONS = """
SELECT location.id, location.engine_id FROM oms_locations_stocklocation location
JOIN oms_stock_engine engine ON engine.id = location.engine_id
WHERE engine.kind = 'http' AND location.is_active ORDER BY location.id
"""
ANSWERS = """
SELECT location.id, wanted.product_id, answer.asked_at IS NULL OR answer.asked_at <= %s OR answer.failure = ''
FROM oms_locations_stocklocation location
JOIN oms_stock_engine engine ON engine.id = location.engine_id
CROSS JOIN unnest(%s::bigint[]) AS wanted (product_id)
LEFT JOIN oms_stock_engineanswer answer ON answer.engine_id = engine.id AND answer.product_id = wanted.product_id
WHERE engine.kind = 'http' AND location.is_active
  AND (answer.answered_at IS NULL OR answer.answered_at < %s - make_interval(secs => engine.max_age_seconds))
"""
NOTE = """
INSERT INTO oms_stock_engineanswer AS known (engine_id, product_id, asked_at, answered_at, failure)
SELECT %s, product_id, %s, CASE WHEN failure = '' THEN %s END, failure
FROM unnest(%s::bigint[], %s::text[]) AS row (product_id, failure) ORDER BY product_id
ON CONFLICT (engine_id, product_id) DO UPDATE SET asked_at = excluded.asked_at,
    answered_at = COALESCE(excluded.answered_at, known.answered_at), failure = excluded.failure
"""
PLANT = """
INSERT INTO oms_stock_engine (name, kind, config, timeout_seconds, max_age_seconds, fed_error, created_at, modified_at)
VALUES ('omnitron', 'omnitron', '{}', 10, 60, '', now(), now()) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleOrUnknown:
    """What is not known well enough of locations whose stock an outside service keeps.

    `missing`: every (location, product) without a figure young enough. `stale`: those of them worth asking for now (the
    others were asked in vain a moment ago). `unknown`: the locations of `missing`.
    """

    stale: frozenset[tuple[int, int]] = frozenset()
    missing: frozenset[tuple[int, int]] = frozenset()
    unknown: frozenset[int] = frozenset()


NOTHING = StaleOrUnknown()
_lock = Lock()
_kept: dict[str, tuple[tuple[int, int], dict[int, int]]] = {}


def engine_locations() -> dict[int, int]:
    """`{location: engine}` of active locations whose stock an outside service keeps; read again when one changed."""
    settings = connection.settings_dict
    database = f"{settings['HOST']}/{settings['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(STAND)
        stand = tuple(map(int, cursor.fetchone()))
        if stand[1] == 0:
            return {}
        kept = _kept.get(database)
        if kept is not None and kept[0] == stand:
            return kept[1]
        cursor.execute(LOCATIONS)
        found = dict(cursor.fetchall())
    with _lock:
        _kept[database] = ((stand[0], stand[1]), found)
    return found


def unknown_locations(product_ids: Collection[int], *, now: datetime) -> StaleOrUnknown:
    """Which figures of the products are not young enough at locations with an outside service."""
    if not product_ids or not engine_locations():
        return NOTHING
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, [now - RETRY, sorted(set(product_ids)), now])
        rows = cursor.fetchall()
    return StaleOrUnknown(
        stale=frozenset((row[0], row[1]) for row in rows if row[2]),
        missing=frozenset((row[0], row[1]) for row in rows),
        unknown=frozenset(row[0] for row in rows),
    )


def note_answers(engine_id: int, outcomes: Mapping[int, str], *, now: datetime) -> None:
    """Keep what became of asking: `{product: ""}` for an answer, else why there was none."""
    ordered = sorted(outcomes)
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [engine_id, now, now, ordered, [outcomes[key][:300] for key in ordered]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a service says lies at a location (its ERP code)."""

    erp_code: str
    on_hand: Decimal


def skus_of(product_ids: Iterable[int]) -> dict[int, str]:
    """`{product: SKU}`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sku FROM oms_catalogue_product WHERE id = ANY(%s) ORDER BY id", [list(product_ids)]
        )
        return dict(cursor.fetchall())


def codes_of(location_ids: Iterable[int]) -> dict[str, int]:
    """`{ERP code: location}`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT erp_code, id FROM oms_locations_stocklocation WHERE id = ANY(%s)", [list(location_ids)]
        )
        return dict(cursor.fetchall())


def kept_outside(location_ids: Iterable[int]) -> dict[int, str]:
    """`{location: its engine's name}` of those that point to an engine, whose figures nobody else sets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT location.id, engine.name FROM oms_locations_stocklocation location"
            " JOIN oms_stock_engine engine ON engine.id = location.engine_id WHERE location.id = ANY(%s)",
            [list(location_ids)],
        )
        return dict(cursor.fetchall())


def hold(engine_id: int) -> bool:
    """Whether the engine exists; it can't be deleted until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM oms_stock_engine WHERE id = %s FOR KEY SHARE", [engine_id])
        return cursor.fetchone() is not None


def plant_after_migrate(**_: Any) -> None:
    """The ready engine `omnitron` exists in every installation; locations may point to it."""
    if "oms_stock_engine" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(PLANT)
