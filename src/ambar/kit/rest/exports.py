"""Lists as CSV: the same rows, filters and order as the pages, streamed piece by piece.

The first line names the columns. A byte order mark lets spreadsheet programs see UTF-8, and a text that such a program
would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import StreamingHttpResponse

CHUNK = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"

Columns = Mapping[str, str | Callable[[Any], Any]]
"""Column name -> where its value lies in a row (`state.enum_value`), or how it is told from the row."""


def as_csv(chunks: Iterable[Sequence[Any]], columns: Columns, *, name: str) -> StreamingHttpResponse:
    """The answer; `chunks` are rows as the list answers them, `name` that of the file without its ending.

    The first chunk is read at once, so that what goes wrong there is still answered as an error.
    """
    pieces = iter(chunks)
    first = next(pieces, ())
    response = StreamingHttpResponse(
        _lines(first, pieces, columns),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    return response


def _lines(first: Sequence[Any], rest: Iterator[Sequence[Any]], columns: Columns) -> Iterator[str]:
    yield BOM + _written([list(columns)])
    if first:
        yield _written([cells(row, columns) for row in first])
    for chunk in rest:
        yield _written([cells(row, columns) for row in chunk])


def _written(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def cells(row: Any, columns: Columns) -> list[Any]:
    """The cells of one row, safe to open."""
    return [safe(place(row) if callable(place) else at(row, place)) for place in columns.values()]


def at(row: Any, path: str) -> Any:
    """What lies at a dotted path; None where it ends early."""
    for part in path.split("."):
        row = row.get(part) if isinstance(row, Mapping) else None
    return row


def safe(value: Any) -> Any:
    """A cell: empty for None, and no text that a spreadsheet would run."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value
