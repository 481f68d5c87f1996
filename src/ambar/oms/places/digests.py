"""Digests of the copied dictionaries, computed as the Seller Center computes those of its own."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from ambar.kit import digests
from ambar.oms.places.domain.naming import LEVELS
from ambar.oms.places.store import PARENTS


@dataclass(frozen=True, slots=True)
class Bucket:
    """The rows of one level whose upstream ids lie in `number * digests.BUCKET ..`: how many, and their digest."""

    number: int
    count: int
    digest: str


def _statement(level: str) -> str:
    parent = PARENTS[level]
    table, above = f"oms_places_{level} p", "0"
    if parent:
        table += f" JOIN oms_places_{parent} q ON q.id = p.{parent}_id"
        above = "q.upstream_id"
    code = "p.code" if level == "country" else "''"
    columns = (above, "p.name", code, "p.is_active")
    return digests.per_bucket(table, "p.upstream_id", columns, where="p.source = %s")


_STATEMENTS = {level: _statement(level) for level in LEVELS}


def of_level(level: str, source: str) -> dict[int, Bucket]:
    """The buckets of a level as copied from `source`, by number; one pass over the table."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[level], [source])
        return {number: Bucket(number, count, digest) for number, count, digest in cursor.fetchall()}


def rows_of(level: str, source: str, bucket: int) -> dict[int, tuple[int, str, str, bool]]:
    """Upstream id -> (parent's upstream id, name, code, is active) of one bucket."""
    parent = PARENTS[level]
    joined = f"JOIN oms_places_{parent} q ON q.id = p.{parent}_id" if parent else ""
    above = "q.upstream_id" if parent else "0::bigint"
    code = "p.code" if level == "country" else "''"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.upstream_id, {above}, p.name, {code}, p.is_active FROM oms_places_{level} p {joined}"
            " WHERE p.source = %s AND p.upstream_id >= %s AND p.upstream_id < %s",
            [source, bucket * digests.BUCKET, (bucket + 1) * digests.BUCKET],
        )
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in cursor.fetchall()}
