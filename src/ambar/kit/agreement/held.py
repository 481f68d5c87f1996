"""What a side holds, asked of its database: statements of both kinds of places, which each system fills with its own tables.

A statement of digests answers `day, state, digits, count, digest[, fields]` or `range, count, digest[, fields]`; one of rows a row
per record. What they have in common is told once here, so that both systems ask alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from ambar.kit import clock
from ambar.kit.agreement.asking import MOST_ROWS, Within

KEY = """(left(md5(p.number), 6) COLLATE "C")"""
"""What a package's place is named after, below its day and state; `p` is its row."""
NARROW = f"AND {KEY} >= %(low)s AND {KEY} < %(high)s"
PLACES = """unnest(%(begins)s::timestamptz[], %(ends)s::timestamptz[], %(states)s::int[], %(lows)s::text[], %(highs)s::text[])
       AS w(begins, ends, state, low, high)"""
RANGES = "unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS w(low, high)"
LIMIT = MOST_ROWS + 1
"""One more than an answer holds, so that too many are noticed."""


def place_digests(statement: str, place: Within, digits: int, **values: Any) -> list[dict[str, Any]]:
    """Digests of the first kind of places; the statement's `{narrow}` is for the digits of the place."""
    values |= {
        "begin": place.begin, "end": place.end, "state": place.state, "low": place.low, "high": place.high, "digits": digits,
    }  # fmt: skip
    return [
        {"place": f"{day}/{state}" + (f"/{under}" if under else ""), **_sum(sums)}
        for day, state, under, *sums in _rows(
            statement.replace("{narrow}", NARROW if place.low else ""), values
        )
    ]


def place_rows(statement: str, places: Sequence[Within], **values: Any) -> list[list[Any]]:
    """Rows in places of the first kind."""
    values |= {
        "begins": [place.begin for place in places],
        "ends": [place.end for place in places],
        "states": [place.state for place in places],
        "lows": [place.low for place in places],
        "highs": [place.high for place in places],
    }
    return [list(row) for row in _rows(statement, values)]


def range_digests(statement: str, low: int, high: int, bits: int, **values: Any) -> list[dict[str, Any]]:
    """Digests per range of 2^`bits` ids in [low, high)."""
    return [
        {"place": f"{part << bits}-{(part + 1) << bits}", **_sum(sums)}
        for part, *sums in _rows(statement, {**values, "low": low, "high": high, "bits": bits})
    ]


def range_rows(statement: str, ranges: Sequence[tuple[int, int]], **values: Any) -> list[list[Any]]:
    """Rows `[id, moment, …]` of ranges of ids."""
    values |= {"lows": [low for low, _ in ranges], "highs": [high for _, high in ranges]}
    return [[pk, clock.iso(at), *more] for pk, at, *more in _rows(statement, values)]


def _sum(values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(("count", "digest", "fields"), values, strict=False))


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
