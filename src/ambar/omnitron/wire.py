"""What every Omnitron answer has in common: both keys, times with `Z`, money and coordinates as strings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from pydantic import BeforeValidator, ValidationError

from ambar.kit import clock
from ambar.kit.money import dec, money
from ambar.kit.refusals import Invalid
from ambar.kit.rest import problems, strict_json
from ambar.kit.text import is_digits

MAX_LIMIT = 50000
BULK_LIMIT = 5000


def identity(key: int) -> dict[str, int]:
    """`{"id", "pk"}`: public clients read either."""
    return {"id": key, "pk": key}


def dates(row: Any) -> dict[str, str]:
    """`created_date` and `modified_date` of a row."""
    return {"created_date": clock.iso(row.created_at), "modified_date": clock.iso(row.modified_at)}


def moment(value: datetime | None) -> str | None:
    """The wire form of a time, or null."""
    return None if value is None else clock.iso(value)


def price(value: Decimal | None) -> str | None:
    """The wire form of an amount, or null."""
    return None if value is None else money(value)


def coordinate(value: Decimal | None) -> str | None:
    """Degrees with six decimals as a string, or null."""
    return None if value is None else f"{value:.6f}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column on the wire: what Python makes of its value, and what PostgreSQL does, to the same end."""

    name: str
    written: Callable[[Any], Any]
    sql: str


def plain(name: str) -> Column:
    """As it is."""
    return Column(name, lambda value: value, name)


def digits(name: str) -> Column:
    """A number as a string."""
    return Column(name, str, f"{name}::text")


def priced(name: str) -> Column:
    """An amount, kept with two decimals."""
    return Column(name, price, f"{name}::text")


def timed(name: str) -> Column:
    """A moment."""
    return Column(name, moment, clock.iso_sql(name))


def written(row: Any, columns: Mapping[str, Column]) -> dict[str, Any]:
    """The wire names with the values of a row."""
    return {name: column.written(getattr(row, column.name)) for name, column in columns.items()}


def written_sql(columns: Mapping[str, Column]) -> dict[str, str]:
    """The wire names with the SQL of their values, for `record_sql`."""
    return {name: column.sql for name, column in columns.items()}


IDENTITY_SQL = {"id": "id", "pk": "id"}


def record_sql(fields: Mapping[str, str], source: str) -> str:
    """SQL of one record as JSON; null where `source` finds nothing.

    :param fields: what stands under each name, as SQL. An amount is its text, a moment is `clock.iso_sql`.
    :param source: the select from its FROM on.
    """
    return f"(SELECT row_to_json(r) FROM {_selected(fields, source)} r)"


def records_sql(fields: Mapping[str, str], source: str) -> str:
    """SQL of the records of `source`, in its order, as a JSON list."""
    return f"(SELECT coalesce(json_agg(r), '[]') FROM {_selected(fields, source)} r)"


def rows_sql(fields: Mapping[str, str], source: str) -> str:
    """A statement that answers each record of `source` as the text of a JSON object."""
    return f"SELECT row_to_json(r)::text FROM {_selected(fields, source)} r"


def _selected(fields: Mapping[str, str], source: str) -> str:
    columns = ", ".join(f'{value} AS "{name}"' for name, value in fields.items())
    return f"(SELECT {columns} {source})"


def amount_in(value: Any) -> Any:
    """Reads an amount given as number or string; refuses what is not finite."""
    return value if value is None else dec(value)


def moment_in(value: Any) -> Any:
    """Reads an ISO 8601 time; the empty string means none."""
    if value in (None, ""):
        return None
    return value if isinstance(value, datetime) else clock.parse(value)


def key_in(value: Any) -> Any:
    """Reads a relation: the key itself, its digits as a string, or an object carrying `pk` or `id`."""
    if isinstance(value, Mapping):
        value = value.get("pk", value.get("id"))
    if isinstance(value, str) and is_digits(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and not 0 < value < 2**63:
        raise ValueError("not a key")
    return value


def text_in(value: Any) -> Any:
    """Null and numbers are read as text where a text is meant."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Amount = Annotated[Decimal, BeforeValidator(amount_in)]
Moment = Annotated[datetime | None, BeforeValidator(moment_in)]
Key = Annotated[int, BeforeValidator(key_in)]
Text = Annotated[str, BeforeValidator(text_in)]


def field_errors(error: ValidationError) -> dict[str, list[str]]:
    """A pydantic error as the field map of the error contract; nested names joined with dots."""
    return problems.fields_of(error.errors(include_url=False, include_input=False, include_context=False))


def rows_of(request: HttpRequest, name: str, limit: int = BULK_LIMIT) -> list[Any]:
    """The rows of a bulk request: `{name: [...]}` or the bare list.

    :raises Invalid: no list, or more than `limit` rows.
    """
    body = strict_json.loads(request.body)
    rows = body.get(name) if isinstance(body, dict) else body
    if not isinstance(rows, list):
        raise Invalid(fields={name: ["A list is required."]})
    if len(rows) > limit:
        raise Invalid(fields={name: [f"At most {limit} rows at once."]})
    return rows


def verdicts(results: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The answer of a bulk call: figures, and per row what became of it, in the order sent."""
    rows = list(results)
    counts = {
        name: sum(row["result"] == name for row in rows)
        for name in ("created", "updated", "exists", "refused")
    }
    return {"count": len(rows), **counts, "rows": rows}
