"""Looking places up: by id at the source in one statement, and by name or alias for what that does not find."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from ambar.kit import prepared
from ambar.kit.text import turkish_fold
from ambar.oms.places.domain.naming import LEVELS, Asked, Found, Named, Unknown
from ambar.oms.places.models import City, Country, District, Place, Township
from ambar.oms.places.store import PARENTS

_BY_ID = """
    SELECT d.upstream_id, d.id, d.township_id, t.latitude, t.longitude, 'district' FROM oms_places_district d
      JOIN oms_places_township t ON t.id = d.township_id WHERE d.source = %(source)s AND d.upstream_id = ANY(%(district)s::bigint[])
    UNION ALL SELECT upstream_id, id, city_id, latitude, longitude, 'township' FROM oms_places_township
      WHERE source = %(source)s AND upstream_id = ANY(%(township)s::bigint[])
    UNION ALL SELECT upstream_id, id, country_id, NULL, NULL, 'city' FROM oms_places_city
      WHERE source = %(source)s AND upstream_id = ANY(%(city)s::bigint[])
    UNION ALL SELECT upstream_id, id, 0, NULL, NULL, 'country' FROM oms_places_country
      WHERE source = %(source)s AND upstream_id = ANY(%(country)s::bigint[])"""


def resolve(source: str, asked: Sequence[Asked]) -> list[Found]:
    """The places of each address, in the given order. One statement when all ids are known at `source`.

    A level is looked up by upstream id below the parent already found, then by folded name (or code), then by learned
    alias. `Found.unknown` names the first level that could not be found.
    """
    wanted: dict[str, set[int]] = {level: set() for level in LEVELS}
    for address in asked:
        for level in LEVELS:
            upstream_id = getattr(address, level).upstream_id
            if upstream_id is not None:
                wanted[level].add(upstream_id)
    with prepared.cursor() as cursor:
        cursor.execute(
            _BY_ID, {"source": source, **{level: prepared.numbers(ids) for level, ids in wanted.items()}}
        )
        known = {(level, upstream_id): row for upstream_id, *row, level in cursor.fetchall()}
    return [_one(source, address, known) for address in asked]


def _one(source: str, address: Asked, known: dict[tuple[str, int], list[Any]]) -> Found:
    ids: dict[str, int | None] = dict.fromkeys(LEVELS)
    latitude = longitude = None
    parent = 0
    for level in LEVELS:
        named: Named = getattr(address, level)
        if named.empty:
            if level == "district":
                break
            return Found(ids=ids, unknown=_unknown(level, parent, named))
        row = known.get((level, named.upstream_id)) if named.upstream_id is not None else None
        if row is None or row[1] != parent:
            row = _by_name(level, parent, named)
        if row is None:
            return Found(ids=ids, unknown=_unknown(level, parent, named))
        ids[level] = parent = row[0]
        if level == "township":
            latitude, longitude = row[2], row[3]
    return Found(ids=ids, latitude=latitude, longitude=longitude)


def _unknown(level: str, parent: int, named: Named) -> Unknown:
    name = named.name or named.code or ("" if named.upstream_id is None else f"#{named.upstream_id}")
    return Unknown(level=level, parent_id=parent, name=name, folded=turkish_fold(name))


def _by_name(level: str, parent: int, named: Named) -> list[Any] | None:
    folded = _unknown(level, parent, named).folded
    position = "p.latitude, p.longitude" if level == "township" else "NULL::numeric, NULL::numeric"
    above = f"p.{PARENTS[level]}_id" if PARENTS[level] else "0"
    table = f"oms_places_{level}"
    code = " OR (%(code)s <> '' AND upper(p.code) = upper(%(code)s))" if level == "country" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.id, {above}::bigint, {position}, 0 AS rank FROM {table} p
                WHERE {above} = %(parent)s AND (p.folded = %(folded)s{code})
                UNION ALL SELECT p.id, {above}::bigint, {position}, 1
                FROM oms_places_alias a JOIN {table} p ON p.id = a.target_id
                WHERE a.level = %(level)s AND a.parent_id = %(parent)s AND a.folded = %(folded)s
                ORDER BY rank, 1 LIMIT 1""",
            {"parent": parent, "folded": folded, "code": named.code or "", "level": level},
        )
        row = cursor.fetchone()
    return None if row is None else list(row)


def exists(level: str, place_id: int) -> bool:
    """Whether a place of that level and id is known here."""
    if level not in LEVELS:
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM oms_places_{level} WHERE id = %s", [place_id])
        return cursor.fetchone() is not None


def parent_of(level: str, place_id: int) -> int | None:
    """The id of the place one level above (0 for a country), or None when there is no such place."""
    above = f"{PARENTS[level]}_id" if PARENTS[level] else "0"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {above} FROM oms_places_{level} WHERE id = %s", [place_id])
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def names(wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The names of these places (level, id), one statement per level."""
    found: dict[tuple[str, int], str] = {}
    with connection.cursor() as cursor:
        for level in LEVELS:
            ids = [place_id for at, place_id in wanted if at == level]
            if ids:
                cursor.execute(f"SELECT id, name FROM oms_places_{level} WHERE id = ANY(%s)", [ids])
                found |= {(level, place_id): name for place_id, name in cursor.fetchall()}
    return found


def below(level: str, parent_id: int) -> list[tuple[int, str]]:
    """The places of a level below a place (0: all countries), by name."""
    where = f"{PARENTS[level]}_id = %s" if PARENTS[level] else "0 = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, name FROM oms_places_{level} WHERE {where} AND is_active ORDER BY folded, id",
            [parent_id],
        )
        return [(int(place_id), str(name)) for place_id, name in cursor.fetchall()]


def counts(source: str) -> dict[str, int]:
    """How many places of each level are known from `source`."""
    parts = " UNION ALL ".join(
        f"SELECT '{level}', count(*) FROM oms_places_{level} WHERE source = %(source)s" for level in LEVELS
    )
    with connection.cursor() as cursor:
        cursor.execute(parts, {"source": source})
        return {level: int(number) for level, number in cursor.fetchall()}


def country(place: Country | None) -> dict[str, Any] | None:
    """A country as events tell it."""
    return None if place is None else {**_place(place), "code": place.code}


def city(place: City | None) -> dict[str, Any] | None:
    """A city as events tell it; its country by `pk`."""
    return None if place is None else {**_place(place), "country": place.country_id}


def township(place: Township | None) -> dict[str, Any] | None:
    """A township as events tell it, its position in degrees; its city by `pk`."""
    if place is None:
        return None
    return {
        **_place(place),
        "city": place.city_id,
        "latitude": None if place.latitude is None else str(place.latitude),
        "longitude": None if place.longitude is None else str(place.longitude),
    }


def district(place: District | None, *, city_id: int | None) -> dict[str, Any] | None:
    """A district as events tell it; its township and city by `pk`."""
    return None if place is None else {**_place(place), "city": city_id, "township": place.township_id}


def _place(place: Place) -> dict[str, Any]:
    return {"pk": place.pk, "name": place.name, "is_active": place.is_active}
