"""Set-based copying of place dictionaries, and aliases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection

from ambar.kit.text import turkish_fold

PARENTS = {"country": None, "city": "country", "township": "city", "district": "township"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What came of one set: rows written, and rows whose parent is not known here (told, not dropped silently)."""

    written: int
    orphans: list[int]
    malformed: list[Any]


def copy_places(level: str, source: str, rows: Sequence[dict[str, Any]]) -> Copied:
    """Insert or update one level's rows as upstream lists them (`pk|id`, `name`, parent as id or object, and
    `code`, `latitude`, `longitude` where given). Matched by (source, upstream id); parents must be copied before.
    """
    parent = PARENTS[level]
    good: dict[int, tuple[Any, ...]] = {}
    malformed: list[Any] = []
    for row in rows:
        read = _read(row, parent)
        if read is None:
            malformed.append(row)
        else:
            good[read[0]] = read
    if not good:
        return Copied(written=0, orphans=[], malformed=malformed)
    columns = [list(column) for column in zip(*good.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[level], [source, *columns])
        written = {upstream_id for (upstream_id,) in cursor.fetchall()}
    return Copied(written=len(written), orphans=sorted(good.keys() - written), malformed=malformed)


def _read(row: Any, parent: str | None) -> tuple[Any, ...] | None:
    if not isinstance(row, dict):
        return None
    upstream_id = row.get("pk", row.get("id"))
    name = row.get("name")
    parent_id = row.get(parent) if parent else 0
    if isinstance(parent_id, dict):
        parent_id = parent_id.get("pk", parent_id.get("id"))
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in (upstream_id, parent_id))
    if not whole or not isinstance(name, str) or not name.strip() or len(name) > 255 or "\x00" in name:
        return None
    code = str(row.get("code") or "")[:8]
    active = row.get("is_active", True) is not False
    return (
        upstream_id,
        parent_id,
        name.strip(),
        turkish_fold(name),
        active,
        code,
        _degrees(row.get("latitude"), 90),
        _degrees(row.get("longitude"), 180),
    )


def _degrees(value: Any, limit: int) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        degrees = Decimal(str(value))
    except InvalidOperation:
        return None
    return degrees if degrees.is_finite() and abs(degrees) <= limit else None


_GIVEN = """given AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::boolean[], %s::text[],
                             %s::numeric[], %s::numeric[])
            AS t(upstream_id, parent_id, name, folded, is_active, code, latitude, longitude)
        ORDER BY upstream_id)"""


def _statement(level: str, extra: str, values: str) -> str:
    parent = PARENTS[level]
    column = f", {parent}_id" if parent else ""
    joined = (
        f"JOIN oms_places_{parent} parent ON parent.source = origin.source AND parent.upstream_id = given.parent_id"
        if parent
        else ""
    )
    names = [part.strip() for part in f"name, folded, is_active{column}{extra}".split(",")]
    updates = ", ".join(f"{name} = excluded.{name}" for name in names)
    return f"""
        WITH origin AS (SELECT %s::text AS source), {_GIVEN}
        INSERT INTO oms_places_{level} (source, upstream_id, name, folded, is_active{column}{extra})
        SELECT origin.source, given.upstream_id, given.name, given.folded, given.is_active
               {", parent.id" if parent else ""}{values}
        FROM given CROSS JOIN origin {joined}
        ON CONFLICT (source, upstream_id) DO UPDATE SET {updates}
        RETURNING upstream_id"""


_STATEMENTS = {
    "country": _statement("country", ", code", ", given.code"),
    "city": _statement("city", "", ""),
    "township": _statement(
        "township",
        ", latitude, longitude, coordinates_estimated",
        ", given.latitude, given.longitude, given.latitude IS NULL OR given.longitude IS NULL",
    ),
    "district": _statement("district", "", ""),
}


def estimate_coordinates() -> int:
    """Give townships without a position the centre of their city's other townships; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE oms_places_township t SET latitude = c.latitude, longitude = c.longitude,
                      coordinates_estimated = true
               FROM (SELECT city_id, avg(latitude)::numeric(9,6) AS latitude, avg(longitude)::numeric(9,6) AS longitude
                     FROM oms_places_township WHERE NOT coordinates_estimated GROUP BY city_id) c
               WHERE t.city_id = c.city_id AND t.latitude IS NULL"""
        )
        return cursor.rowcount


def learn_alias(level: str, parent_id: int, name: str, target_id: int, *, folded: str, now: datetime) -> int:
    """Remember that `name` means `target_id`; the newest lesson wins. Returns the alias id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO oms_places_alias (level, parent_id, folded, name, target_id, created_at)
               VALUES (%s, %s, %s, %s, %s, %s)
               ON CONFLICT (level, parent_id, folded) DO UPDATE SET target_id = excluded.target_id, name = excluded.name
               RETURNING id""",
            [level, parent_id, folded, name, target_id, now],
        )
        return int(cursor.fetchone()[0])


def forget_alias(alias_id: int) -> dict[str, Any] | None:
    """Take a taught name back; what it meant, or None when there is no such alias."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM oms_places_alias WHERE id = %s RETURNING level, parent_id, name, target_id",
            [alias_id],
        )
        row = cursor.fetchone()
    return None if row is None else dict(zip(("level", "parent", "name", "target"), row, strict=True))
