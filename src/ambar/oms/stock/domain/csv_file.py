"""Reading a CSV file of stock figures: what a spreadsheet or an ERP exports.

The header names the columns: `erp_code`, `sku`, `quantity` and optionally `unit` (or `unit_type`), in any order and
case. Separated by `,` or `;` (whichever the header uses), UTF-8 with or without a byte order mark, quotes as usual.
A decimal comma is refused per row, never guessed: "1,500" may be one and a half or fifteen hundred.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ambar.kit.refusals import Invalid

NAMES = {
    "erp_code": "erp_code",
    "sku": "sku",
    "quantity": "quantity",
    "unit": "unit_type",
    "unit_type": "unit_type",
}
NEEDED = ("erp_code", "sku", "quantity")
MOST_ROWS = 1_000_000
LONGEST_CELL = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row as written; `line` counts from 1, the header included. `wrong` is (field, message) when it has no shape."""

    line: int
    row: dict[str, Any]
    wrong: tuple[str, str] | None = None


def read_csv(content: bytes) -> list[Line]:
    """The rows of a file, empty lines left out. Raises `Invalid` when the file as a whole can't be read."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Invalid(fields={"file": [f"Line {line} is not UTF-8."]}) from None
    if "\x00" in text:
        raise Invalid(fields={"file": ["The file holds zero bytes; it is no CSV file."]})
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        return list(_rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)))
    except csv.Error as error:
        raise Invalid(fields={"file": [f"Not CSV: {error}."]}) from None


def _rows(reader: Any) -> Iterator[Line]:
    columns: list[str] | None = None
    count = 0
    line = 1
    for cells in reader:
        begins, line = line, reader.line_num + 1
        if not cells or not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = _columns(cells)
            continue
        count += 1
        if count > MOST_ROWS:
            raise Invalid(fields={"file": [f"At most {MOST_ROWS} rows."]})
        yield _line(begins, columns, cells)
    if columns is None:
        raise Invalid(fields={"file": ["The file is empty; the first line names the columns."]})


def _columns(cells: list[str]) -> list[str]:
    given = [cell.strip().lower() for cell in cells]
    unknown = [name for name in given if name not in NAMES]
    if unknown:
        known = ", ".join(NAMES)
        raise Invalid(fields={"file": [f"Unknown column {unknown[0][:60]!r}; known are {known}."]})
    columns = [NAMES[name] for name in given]
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise Invalid(fields={"file": [f"Column {missing[0]} is missing."]})
    if len(set(columns)) < len(columns):
        raise Invalid(fields={"file": ["A column is named twice."]})
    return columns


def _line(number: int, columns: list[str], cells: list[str]) -> Line:
    if len(cells) != len(columns):
        return Line(
            line=number, row={}, wrong=("row", f"{len(cells)} cells, the header names {len(columns)}.")
        )
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return Line(line=number, row={}, wrong=("row", f"A cell is longer than {LONGEST_CELL} characters."))
    row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    if row.get("unit_type") == "":
        del row["unit_type"]
    if "," in row["quantity"]:
        return Line(
            line=number, row=row, wrong=("quantity", "Write decimals with a point (1.5), no thousands mark.")
        )
    return Line(line=number, row=row)
