"""Reads of places: wire shapes, nested shapes, and resolving what an address names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from ambar.kit.text import is_digits, turkish_fold
from ambar.omnitron import wire
from ambar.omnitron.places.models import City, Country, District, Place, Township

Named = dict[str, Any]


def _shared(row: Place) -> Named:
    return {
        **wire.identity(row.pk),
        "name": row.name,
        "is_active": row.is_active,
        "translations": row.translations,
        "latitude": wire.coordinate(row.latitude),
        "longitude": wire.coordinate(row.longitude),
        "coordinates_estimated": row.coordinates_estimated,
        **wire.dates(row),
    }


def country_json(row: Country) -> Named:
    """A country as listed."""
    return {**_shared(row), "code": row.code}


def city_json(row: City) -> Named:
    """A city as listed; `country` is a key."""
    return {
        **_shared(row),
        "country": row.country_id,
        "code": row.code,
        "priority": row.priority,
        "postcode": row.postcode or None,
    }


def township_json(row: Township) -> Named:
    """A township as listed; `city` is a key."""
    return {**_shared(row), "city": row.city_id, "postcode": row.postcode or None}


def district_json(row: District) -> Named:
    """A district as listed; `city` and `township` are keys."""
    return {
        **_shared(row),
        "city": row.city_id,
        "township": row.township_id,
        "postcode": row.postcode or None,
        "zipcode": row.zipcode or None,
    }


def city_detailed(row: City) -> Named:
    """A city with its country nested."""
    return {**city_json(row), "country": country_json(row.country)}


def township_detailed(row: Township) -> Named:
    """A township with city and country nested."""
    return {**township_json(row), "city": city_detailed(row.city)}


def district_detailed(row: District) -> Named:
    """A district with township, city and country nested."""
    return {
        **district_json(row),
        "city": city_detailed(row.city),
        "township": township_detailed(row.township),
    }


def nested_sql(address: str) -> dict[str, str]:
    """SQL of the places of an address as detailed orders nest them, by level.

    :param address: the alias under which the address stands in the statement.
    """
    country = {**_SHORT, "code": "code", "is_active": "is_active"}
    return {
        "country": wire.record_sql(country, f"FROM omnitron_places_country WHERE id = {address}.country_id"),
        "city": wire.record_sql(
            {
                **_SHORT,
                "country": wire.record_sql(
                    country, "FROM omnitron_places_country WHERE id = city.country_id"
                ),
                "is_active": "is_active",
            },
            f"FROM omnitron_places_city city WHERE id = {address}.city_id",
        ),
        "township": wire.record_sql(
            {
                **_SHORT,
                "city": "city_id",
                "is_active": "is_active",
                "latitude": "latitude::text",
                "longitude": "longitude::text",
            },
            f"FROM omnitron_places_township WHERE id = {address}.township_id",
        ),
        "district": wire.record_sql(
            {**_SHORT, "city": "city_id", "township": "township_id", "is_active": "is_active"},
            f"FROM omnitron_places_district WHERE id = {address}.district_id",
        ),
    }


_SHORT = {**wire.IDENTITY_SQL, "name": "name"}


def resolve(wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, int | None] | dict[str, str]]:
    """Finds the places that addresses name, by key or by name, each level inside the one above.

    :param wanted: per address `country`, `city`, `township`, `district`: key, name, or nothing. A country may be
        given by code; without one the only country with that city is taken.
    :returns: per address either the four keys, or `{"<level>": "<what is wrong>"}`.
    """
    names = [{level: _name(address.get(level)) for level in LEVELS} for address in wanted]
    found = _candidates(names)
    known: dict[tuple[int | str | None, ...], dict[str, int | None] | dict[str, str]] = {}
    for address in names:
        key = tuple(address[level] for level in LEVELS)
        if key not in known:
            known[key] = _placed(address, found)
    return [known[tuple(address[level] for level in LEVELS)] for address in names]


LEVELS = ("country", "city", "township", "district")
COLUMNS = {
    "country": "SELECT id, folded, name, NULL, lower(code) FROM omnitron_places_country",
    "city": "SELECT id, folded, name, country_id, NULL FROM omnitron_places_city",
    "township": "SELECT id, folded, name, city_id, NULL FROM omnitron_places_township",
    "district": "SELECT id, folded, name, township_id, NULL FROM omnitron_places_district",
}
NAMED = {
    "country": "folded = ANY(%(texts)s) OR lower(code) = ANY(%(texts)s)",
    "city": "folded = ANY(%(texts)s)",
    "township": "folded = ANY(%(texts)s) AND city_id = ANY(%(above)s::bigint[])",
    "district": "folded = ANY(%(texts)s) AND township_id = ANY(%(above)s::bigint[])",
}
Row = tuple[int, str, str, int | None, str | None]


def _name(value: Any) -> int | str | None:
    if isinstance(value, Mapping):
        value = value.get("pk") or value.get("id") or value.get("name")
    if isinstance(value, str):
        text = value.strip()
        return int(text) if is_digits(text) and len(text) < 19 else (text or None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class _Level:
    """Places of one level that may be meant, by key and by folded name (or code)."""

    by_key: dict[int, Row] = field(default_factory=dict)
    by_name: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        self.by_key[row[0]] = row
        for name in {row[1], row[4]} - {None}:
            self.by_name.setdefault(str(name), []).append(row)


def _candidates(names: Iterable[Mapping[str, int | str | None]]) -> dict[str, _Level]:
    rows = list(names)
    found: dict[str, _Level] = {}
    above: list[int] = []
    with connection.cursor() as cursor:
        for level in LEVELS:
            keys = sorted({row[level] for row in rows if isinstance(row[level], int)})  # type: ignore[type-var]
            texts = sorted({turkish_fold(str(row[level])) for row in rows if isinstance(row[level], str)})
            found[level] = _Level()
            if keys or texts:
                # Only what is asked for: an OR of nothing has all places read.
                either = ["id = ANY(%(keys)s::bigint[])"] * bool(keys) + [f"({NAMED[level]})"] * bool(texts)
                cursor.execute(
                    f"{COLUMNS[level]} WHERE {' OR '.join(either)} ORDER BY id",
                    {"keys": keys, "texts": texts, "above": above},
                )
                for row in cursor.fetchall():
                    found[level].add(row)
            above = list(found[level].by_key)
    return found


def _placed(
    address: Mapping[str, int | str | None], found: Mapping[str, _Level]
) -> dict[str, int | None] | dict[str, str]:
    placed: dict[str, int | None] = dict.fromkeys(LEVELS)
    above: int | None = None
    for level in LEVELS:
        value = address[level]
        if value is None:
            if level == "city":
                return {level: "This field is required."}
            continue
        rows = _matching(found[level], value, above)
        if not rows:
            return {
                level: f'"{value}" is not known' + ("." if above is None else " inside the place above it.")
            }
        if len(rows) > 1:
            return {level: f'"{value}" names more than one place.'}
        placed[level] = above = rows[0][0]
        if level == "city" and placed["country"] is None:
            placed["country"] = rows[0][3]
    if placed["district"] is not None and placed["township"] is None:
        return {"township": "This field is required with a district."}
    return placed


def _matching(level: _Level, value: int | str, above: int | None) -> list[Row]:
    if isinstance(value, int):
        same = [level.by_key[value]] if value in level.by_key else []
    else:
        same = level.by_name.get(turkish_fold(value), [])
    inside = [row for row in same if above is None or row[3] is None or row[3] == above]
    exact = [row for row in inside if row[2] == value]
    return exact if len(inside) > 1 and exact else inside
