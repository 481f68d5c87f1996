"""Reads of places: wire shapes, nested shapes, and resolving what an address names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from ambar.kit.text import turkish_fold
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


class Nested:
    """Places of a set of addresses, read once per level: the short shapes inside a detailed order."""

    def __init__(
        self,
        *,
        countries: Collection[int],
        cities: Collection[int],
        townships: Collection[int],
        districts: Collection[int],
    ) -> None:
        self.countries = {
            row.pk: {**_short(row), "code": row.code, "is_active": row.is_active}
            for row in Country.objects.filter(pk__in=set(countries))
        }
        self.cities = {
            row.pk: {**_short(row), "country": self.countries.get(row.country_id), "is_active": row.is_active}
            for row in City.objects.filter(pk__in=set(cities))
        }
        self.townships = {
            row.pk: {
                **_short(row),
                "city": row.city_id,
                "is_active": row.is_active,
                "latitude": wire.coordinate(row.latitude),
                "longitude": wire.coordinate(row.longitude),
            }
            for row in Township.objects.filter(pk__in=set(townships))
        }
        self.districts = {
            row.pk: {
                **_short(row),
                "city": row.city_id,
                "township": row.township_id,
                "is_active": row.is_active,
            }
            for row in District.objects.filter(pk__in=set(districts))
        }


def _short(row: Place) -> Named:
    return {**wire.identity(row.pk), "name": row.name}


def resolve(wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, int | None] | dict[str, str]]:
    """Finds the places that addresses name, by key or by name, each level inside the one above.

    :param wanted: per address `country`, `city`, `township`, `district`: key, name, or nothing. A country may be
        given by code; without one the only country with that city is taken.
    :returns: per address either the four keys, or `{"<level>": "<what is wrong>"}`.
    """
    names = [{level: _name(address.get(level)) for level in LEVELS} for address in wanted]
    found = _candidates(names)
    return [_placed(address, found) for address in names]


LEVELS = ("country", "city", "township", "district")
COLUMNS = {
    "country": "SELECT id, folded, name, NULL, lower(code) FROM omnitron_places_country",
    "city": "SELECT id, folded, name, country_id, NULL FROM omnitron_places_city",
    "township": "SELECT id, folded, name, city_id, NULL FROM omnitron_places_township",
    "district": "SELECT id, folded, name, township_id, NULL FROM omnitron_places_district",
}
Row = tuple[int, str, str, int | None, str | None]


def _name(value: Any) -> int | str | None:
    if isinstance(value, Mapping):
        value = value.get("pk") or value.get("id") or value.get("name")
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else (text or None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _candidates(names: Iterable[Mapping[str, int | str | None]]) -> dict[str, list[Row]]:
    rows = list(names)
    found: dict[str, list[Row]] = {}
    with connection.cursor() as cursor:
        for level in LEVELS:
            keys = sorted({row[level] for row in rows if isinstance(row[level], int)})  # type: ignore[type-var]
            texts = sorted({turkish_fold(str(row[level])) for row in rows if isinstance(row[level], str)})
            codes = " OR lower(code) = ANY(%(texts)s)" if level == "country" else ""
            found[level] = []
            if keys or texts:
                cursor.execute(
                    f"{COLUMNS[level]} WHERE id = ANY(%(keys)s::bigint[]) OR folded = ANY(%(texts)s){codes} ORDER BY id",
                    {"keys": keys, "texts": texts},
                )
                found[level] = cursor.fetchall()
    return found


def _placed(
    address: Mapping[str, int | str | None], found: Mapping[str, list[Row]]
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


def _matching(rows: Sequence[Row], value: int | str, above: int | None) -> list[Row]:
    if isinstance(value, int):
        same = [row for row in rows if row[0] == value]
    else:
        folded = turkish_fold(value)
        same = [row for row in rows if folded in (row[1], row[4])]
    inside = [row for row in same if above is None or row[3] is None or row[3] == above]
    exact = [row for row in inside if row[2] == value]
    return exact if len(inside) > 1 and exact else inside
