"""Loading places as sets: COPY into a temporary table, one statement per level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.kit.text import turkish_fold
from ambar.omnitron.places.data import DistrictRow, Province, TownshipRow

UPSERT_CITIES = """
    INSERT INTO omnitron_places_city AS c (country_id, code, name, folded, latitude, longitude,
        coordinates_estimated, postcode, priority, translations, is_active, created_at, modified_at)
    SELECT %(country)s, code, name, folded, latitude, longitude, false, '', 0, '{}', true, %(now)s, %(now)s
    FROM incoming ORDER BY code
    ON CONFLICT (country_id, name) DO UPDATE SET code = excluded.code, folded = excluded.folded,
        latitude = excluded.latitude, longitude = excluded.longitude, modified_at = excluded.modified_at
    WHERE (c.code, c.folded, c.latitude, c.longitude)
        IS DISTINCT FROM (excluded.code, excluded.folded, excluded.latitude, excluded.longitude)
"""
UPSERT_TOWNSHIPS = """
    INSERT INTO omnitron_places_township AS t (city_id, name, folded, latitude, longitude,
        coordinates_estimated, postcode, priority, translations, is_active, created_at, modified_at)
    SELECT c.id, i.name, i.folded, i.latitude, i.longitude, i.estimated, i.postcode, 0, '{}', true, %(now)s, %(now)s
    FROM incoming i JOIN omnitron_places_city c ON c.country_id = %(country)s AND c.code = i.code
    ORDER BY c.code, i.position
    ON CONFLICT (city_id, name) DO UPDATE SET folded = excluded.folded, latitude = excluded.latitude,
        longitude = excluded.longitude, coordinates_estimated = excluded.coordinates_estimated,
        postcode = excluded.postcode, modified_at = excluded.modified_at
    WHERE (t.folded, t.latitude, t.longitude, t.coordinates_estimated, t.postcode) IS DISTINCT FROM
        (excluded.folded, excluded.latitude, excluded.longitude, excluded.coordinates_estimated, excluded.postcode)
"""
UPSERT_DISTRICTS = """
    INSERT INTO omnitron_places_district AS d (city_id, township_id, name, folded, latitude, longitude,
        coordinates_estimated, postcode, zipcode, priority, translations, is_active, created_at, modified_at)
    SELECT t.city_id, t.id, i.name, i.folded, t.latitude, t.longitude, true, i.postcode, i.postcode, 0, '{}', true,
        %(now)s, %(now)s
    FROM incoming i
    JOIN omnitron_places_city c ON c.country_id = %(country)s AND c.code = i.code
    JOIN omnitron_places_township t ON t.city_id = c.id AND t.name = i.township
    ORDER BY t.id, i.position
    ON CONFLICT (township_id, name) DO UPDATE SET folded = excluded.folded, postcode = excluded.postcode,
        zipcode = excluded.zipcode, modified_at = excluded.modified_at
    WHERE (d.folded, d.postcode) IS DISTINCT FROM (excluded.folded, excluded.postcode)
"""


def ensure_country(code: str, name: str, latitude: str, longitude: str, *, now: datetime) -> tuple[int, bool]:
    """The key of the country with that code, made when missing; and whether it was made."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO omnitron_places_country (code, name, folded, latitude, longitude, coordinates_estimated,
                postcode, priority, translations, is_active, created_at, modified_at)
            VALUES (%s, %s, %s, %s, %s, false, '', 0, '{}', true, %s, %s)
            ON CONFLICT (lower(code)) DO NOTHING RETURNING id
            """,
            [code, name, turkish_fold(name), latitude, longitude, now, now],
        )
        made = cursor.fetchone()
        if made:
            return int(made[0]), True
        cursor.execute("SELECT id FROM omnitron_places_country WHERE lower(code) = lower(%s)", [code])
        return int(cursor.fetchone()[0]), False


def load_cities(country: int, rows: Sequence[Province], *, now: datetime) -> int:
    """Inserts or corrects cities; answers how many rows changed."""
    columns = "code text, name text, folded text, latitude numeric, longitude numeric"
    copied = ((row.code, row.name, turkish_fold(row.name), row.latitude, row.longitude) for row in rows)
    return _load(columns, copied, UPSERT_CITIES, {"country": country, "now": now})


def load_townships(country: int, rows: Sequence[TownshipRow], *, now: datetime) -> int:
    """Inserts or corrects townships; answers how many rows changed."""
    columns = (
        "position int, code text, name text, folded text, latitude numeric, longitude numeric, "
        "estimated boolean, postcode text"
    )
    copied = (
        (
            position,
            row.province,
            row.name,
            turkish_fold(row.name),
            row.latitude,
            row.longitude,
            row.coordinates_estimated,
            row.postcode,
        )
        for position, row in enumerate(rows)
    )
    return _load(columns, copied, UPSERT_TOWNSHIPS, {"country": country, "now": now})


def load_districts(country: int, rows: Sequence[DistrictRow], *, now: datetime) -> int:
    """Inserts or corrects districts; answers how many rows changed."""
    columns = "position int, code text, township text, name text, folded text, postcode text"
    copied = (
        (position, row.province, row.township, row.name, turkish_fold(row.name), row.postcode)
        for position, row in enumerate(rows)
    )
    return _load(columns, copied, UPSERT_DISTRICTS, {"country": country, "now": now})


def _load(columns: str, rows: Iterable[tuple[Any, ...]], statement: str, params: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming")
        cursor.execute(f"CREATE TEMPORARY TABLE incoming ({columns}) ON COMMIT DROP")
        with cursor.copy("COPY incoming FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(statement, params)
        return int(cursor.rowcount)
