"""Writes of places: one statement per set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from ambar.kit import prepared
from ambar.seller_center.places.domain.records import Place

_COUNTRIES = """
INSERT INTO sc_places_country (upstream_id, name, code, folded, is_active)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::boolean[])
ON CONFLICT (upstream_id) DO UPDATE
   SET name = excluded.name, code = excluded.code, folded = excluded.folded, is_active = excluded.is_active
 WHERE (sc_places_country.name, sc_places_country.code, sc_places_country.is_active)
       IS DISTINCT FROM (excluded.name, excluded.code, excluded.is_active)
"""
_KEEP = """
   SET name = excluded.name, folded = excluded.folded, is_active = excluded.is_active,
       latitude = coalesce(excluded.latitude, {table}.latitude),
       longitude = coalesce(excluded.longitude, {table}.longitude),
       postcode = coalesce(excluded.postcode, {table}.postcode)
 WHERE ({table}.name, {table}.is_active,
        coalesce(excluded.latitude, {table}.latitude), coalesce(excluded.longitude, {table}.longitude),
        coalesce(excluded.postcode, {table}.postcode))
       IS DISTINCT FROM ({table}.name, {table}.is_active, {table}.latitude, {table}.longitude, {table}.postcode)
    OR {table}.name <> excluded.name OR {table}.is_active <> excluded.is_active
"""
_COMMON = "name, folded, latitude, longitude, postcode, is_active"
_VALUES = "t.name, t.folded, t.latitude, t.longitude, t.postcode, t.is_active"
_ARRAYS = "%s::text[], %s::text[], %s::numeric[], %s::numeric[], %s::text[], %s::boolean[]"
_COLUMNS = "name, folded, latitude, longitude, postcode, is_active"
_CITIES = f"""
INSERT INTO sc_places_city (upstream_id, country_id, {_COMMON})
SELECT t.upstream_id, c.id, {_VALUES}
  FROM unnest(%s::bigint[], %s::bigint[], {_ARRAYS}) AS t(upstream_id, country, {_COLUMNS})
  JOIN sc_places_country c ON c.upstream_id = t.country
ON CONFLICT (upstream_id) DO UPDATE {_KEEP.format(table="sc_places_city")}
"""
_TOWNSHIPS = f"""
INSERT INTO sc_places_township (upstream_id, city_id, {_COMMON})
SELECT t.upstream_id, c.id, {_VALUES}
  FROM unnest(%s::bigint[], %s::bigint[], {_ARRAYS}) AS t(upstream_id, city, {_COLUMNS})
  JOIN sc_places_city c ON c.upstream_id = t.city
ON CONFLICT (upstream_id) DO UPDATE {_KEEP.format(table="sc_places_township")}
"""
_DISTRICTS = f"""
INSERT INTO sc_places_district (upstream_id, city_id, township_id, {_COMMON})
SELECT t.upstream_id, c.id, w.id, {_VALUES}
  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], {_ARRAYS})
       AS t(upstream_id, city, township, {_COLUMNS})
  JOIN sc_places_city c ON c.upstream_id = t.city
  JOIN sc_places_township w ON w.upstream_id = t.township
ON CONFLICT (upstream_id) DO UPDATE {_KEEP.format(table="sc_places_district")}
"""
_TABLES = {
    "countries": "sc_places_country",
    "cities": "sc_places_city",
    "townships": "sc_places_township",
    "districts": "sc_places_district",
}


def _shared(rows: Sequence[Place]) -> list[list[object]]:
    return [
        [r.name for r in rows],
        [r.folded for r in rows],
        [r.latitude for r in rows],
        [r.longitude for r in rows],
        [r.postcode for r in rows],
        [r.is_active for r in rows],
    ]


def upsert(places: Iterable[Place]) -> None:
    """Insert or refresh places of any kinds, parents first; a place whose parent is unknown is left out.

    One statement per kind, rows in key order, so that two copiers never deadlock.
    """
    by_kind: dict[str, dict[int, Place]] = {kind: {} for kind in _TABLES}
    for item in places:
        by_kind[item.kind][item.upstream_id] = item
    with connection.cursor() as cursor:
        for kind, found in by_kind.items():
            rows = [found[key] for key in sorted(found)]
            if not rows:
                continue
            ids = [r.upstream_id for r in rows]
            shared = _shared(rows)
            if kind == "countries":
                codes = [r.code for r in rows]
                cursor.execute(_COUNTRIES, [ids, shared[0], codes, shared[1], shared[5]])
            elif kind == "cities":
                cursor.execute(_CITIES, [ids, [r.country for r in rows], *shared])
            elif kind == "townships":
                cursor.execute(_TOWNSHIPS, [ids, [r.city for r in rows], *shared])
            else:
                parents = [[r.city for r in rows], [r.township for r in rows]]
                cursor.execute(_DISTRICTS, [ids, *parents, *shared])


_OWN_IDS = " UNION ALL ".join(
    f"SELECT '{kind}', upstream_id, id FROM {table} WHERE upstream_id = ANY(%s::bigint[])"
    for kind, table in _TABLES.items()
)


def own_ids(wanted: Mapping[str, Iterable[int]]) -> dict[str, dict[int, int]]:
    """Kind → upstream id → own id, of the places that are known."""
    found: dict[str, dict[int, int]] = {kind: {} for kind in wanted}
    with prepared.cursor() as cursor:
        cursor.execute(_OWN_IDS, [prepared.numbers(sorted(wanted.get(kind, ()))) for kind in _TABLES])
        for kind, upstream_id, own_id in cursor.fetchall():
            found[kind][upstream_id] = own_id
    return found
