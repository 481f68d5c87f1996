"""The `stock_location` of a package payload, kept per version of the location row.

Reading it joins six tables, whose planning alone would cost more than the rest of a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

Version = tuple[int, datetime]
KEPT = 20_000
_kept: dict[Version, dict[str, Any]] = {}

_SELECT = """
SELECT l.id, l.name, l.erp_code, l.stock_location_type, l.priority, l.is_active, l.conf::text, l.engine_id, l.email,
       l.daytime_phone, l.evening_phone, l.fax_number, l.line, l.postcode, l.latitude::text, l.longitude::text,
       country.name, country.code, city.name, township.name, district.name, l.modified_at
  FROM oms_locations_stocklocation l
  LEFT JOIN oms_places_country country ON country.id = l.country_id
  LEFT JOIN oms_places_city city ON city.id = l.city_id
  LEFT JOIN oms_places_township township ON township.id = l.township_id
  LEFT JOIN oms_places_district district ON district.id = l.district_id
 WHERE l.id = ANY(%s)"""


def cards(versions: Iterable[Version]) -> dict[int, dict[str, Any]]:
    """The wire form of each location, by id; `versions` are (id, modified at) as just read. Not to be changed."""
    found: dict[int, dict[str, Any]] = {}
    missing = set()
    for version in set(versions):
        card = _kept.get(version)
        if card is None:
            missing.add(version[0])
        else:
            found[version[0]] = card
    if missing:
        if len(_kept) > KEPT:
            _kept.clear()
        with connection.cursor() as cursor:
            cursor.execute(_SELECT, [sorted(missing)])
            for row in cursor.fetchall():
                found[row[0]] = _kept[row[0], row[21]] = _card(row)
    return found


def _card(row: Sequence[Any]) -> dict[str, Any]:
    country, code, city, township, district = row[16:21]
    return {
        "id": row[0],
        "name": row[1],
        "erp_code": row[2],
        "stock_location_type": row[3],
        "priority": row[4],
        "is_active": row[5],
        "conf": orjson.loads(row[6]),
        "engine": row[7],
        "email": row[8],
        "daytime_phone": row[9],
        "evening_phone": row[10],
        "fax_number": row[11],
        "address": {
            "line": row[12],
            "country": {"name": country, "code": code} if country is not None else None,
            "city": {"name": city} if city is not None else None,
            "township": {"name": township} if township is not None else None,
            "district": {"name": district} if district is not None else None,
            "latitude": row[14],
            "longitude": row[15],
            "postcode": row[13],
            "notes": "",
            "title": row[1],
        },
    }
