"""Lists as files, CSV or XLSX: the same rows, filters and order as the pages, read piece by piece.

The first line names the columns. CSV is streamed; a byte order mark lets spreadsheet programs see UTF-8, and a text that
such a program would take for a formula gets an apostrophe before it. XLSX is written to a temporary file row by row and
sent when it is whole, for its directory stands at its end; there a text is a text. Memory is flat in both.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import FileResponse, StreamingHttpResponse

from ..refusals import Invalid

CHUNK = 500
FILES = ("csv", "xlsx")
MOST_ROWS = 1_048_575
"""Rows of a sheet, its first line apart."""
LONGEST_CELL = 32_767
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"

Columns = Mapping[str, str | Callable[[Any], Any]]
"""Column name -> where its value lies in a row (`state.enum_value`), or how it is told from the row."""


def as_file(
    kind: str, chunks: Iterable[Sequence[Any]], columns: Columns, *, name: str
) -> StreamingHttpResponse:
    """`csv` or `xlsx`; `chunks` are rows as the list answers them, `name` that of the file without its ending.

    :raises Invalid: more rows than a sheet holds.
    """
    return (as_csv if kind == "csv" else as_xlsx)(chunks, columns, name=name)


def as_xlsx(chunks: Iterable[Sequence[Any]], columns: Columns, *, name: str) -> StreamingHttpResponse:
    """The answer as a workbook of one sheet."""
    import xlsxwriter

    # The answer closes the file once it is sent.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, {"constant_memory": True, **plain})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, list(columns), book.add_format({"bold": True}))
    for number, row in enumerate((row for chunk in chunks for row in chunk), start=1):
        if number > MOST_ROWS:
            file.close()
            raise Invalid(
                fields={"format": [f"A sheet holds {MOST_ROWS} rows; narrow the list or take csv."]}
            )
        sheet.write_row(number, 0, [_cell(row, place) for place in columns.values()])
    book.close()
    file.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=kind)


def _cell(row: Any, place: str | Callable[[Any], Any]) -> Any:
    value = place(row) if callable(place) else at(row, place)
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:LONGEST_CELL]


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
