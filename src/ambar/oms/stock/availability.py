"""The availability question: one statement over the balances of the asked SKUs, the locations remembered.

Locations change rarely and are asked for thousands of times a second: the statement brings a fingerprint of their
rows, and they are read again only when it changed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from django.db import connection

from ambar.kit import clock, prepared
from ambar.oms.stock.engines import unknown_locations

FITTING = """
SELECT (SELECT (count(*), sum(xmin::text::bigint), count(engine_id))::text FROM oms_locations_stocklocation),
    array_to_string(ARRAY(
        SELECT balance.location_id
        FROM (
            SELECT * FROM unnest(%s::text[], %s::numeric[]) AS asked (sku, quantity) LIMIT %s::bigint
        ) wanted
        JOIN oms_catalogue_product product ON product.sku = wanted.sku
        JOIN oms_stock_balance balance ON balance.product_id = product.id
        WHERE balance.on_hand - balance.reserved >= wanted.quantity
        GROUP BY balance.location_id HAVING count(*) = %s::bigint
    ), ',')
"""
"""The limit cuts nothing off: it makes the statement look small, so that PostgreSQL keeps one plan instead of planning anew."""
LOCATIONS = """
SELECT id, erp_code, ARRAY(SELECT jsonb_array_elements_text(tags)), engine_id IS NOT NULL
FROM oms_locations_stocklocation WHERE is_active ORDER BY erp_code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    id: int
    code: str
    tags: frozenset[str]
    is_outside: bool


_lock = Lock()
_kept: dict[str, tuple[str, tuple[_Place, ...]]] = {}


def fitting_locations(
    wanted: Mapping[str, int],
    *,
    erp_codes: Sequence[str],
    tags: Sequence[str],
    own: Collection[int] | None = None,
) -> tuple[dict[str, bool], list[str]]:
    """`{ERP code: all wanted units are there}` for active locations, and the codes of those with figures too old.

    :param wanted: units per SKU.
    :param erp_codes: only these; one that is no active location is answered False. Empty = all.
    :param tags: only locations with one of them. Empty = all.
    :param own: only these locations exist for the caller; None = all.
    """
    with prepared.cursor() as cursor:
        count = str(len(wanted))
        cursor.execute(FITTING, [prepared.texts(wanted), prepared.numbers(wanted.values()), count, count])
        stand, found = cursor.fetchone()
    fits = set(map(int, found.split(","))) if found else set()
    marks = frozenset(tags)
    codes = frozenset(erp_codes)
    places = [
        place
        for place in _places(stand)
        if (not codes or place.code in codes)
        and (not marks or place.tags & marks)
        and (own is None or place.id in own)
    ]
    answer = {place.code: place.id in fits for place in places}
    for code in codes:
        answer.setdefault(code, False)
    return answer, _stale(places, wanted)


def _places(stand: str) -> tuple[_Place, ...]:
    settings = connection.settings_dict
    database = f"{settings['HOST']}/{settings['NAME']}"
    kept = _kept.get(database)
    if kept is not None and kept[0] == stand:
        return kept[1]
    with connection.cursor() as cursor:
        cursor.execute(LOCATIONS)
        found = tuple(
            _Place(id=row[0], code=row[1], tags=frozenset(row[2]), is_outside=row[3])
            for row in cursor.fetchall()
        )
    with _lock:
        _kept[database] = (stand, found)
    return found


def _stale(places: Sequence[_Place], wanted: Mapping[str, int]) -> list[str]:
    outside = {place.id: place.code for place in places if place.is_outside}
    if not outside:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM oms_catalogue_product WHERE sku = ANY(%s)", [list(wanted)])
        products = [row[0] for row in cursor.fetchall()]
    unknown = unknown_locations(products, now=clock.now()).unknown
    return sorted(code for place, code in outside.items() if place in unknown)
