"""Lists: `{"count", "next", "previous", "results"}` with `page`, `limit`, `sort` and, for large tables, `cursor`.

Source: Omnitron API, lists. `next` and `previous` are absolute URLs.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from .. import clock
from ..refusals import Invalid
from ..text import is_digits
from .answers import Raw
from .exports import CHUNK, FILES, Columns, as_file
from .filters import Filters, read_text
from .renderings import as_html, as_xml

OWN = frozenset({"page", "limit", "sort", "cursor", "format"})
FARTHEST_PAGE = 10_000_000
DEEP = 1000
"""Rows to be passed over from which the page's keys are looked for first, so that what a row shows is not worked out for those."""
COUNTED_AGAIN = 1_000
"""A count above this is remembered for `REMEMBERED` seconds: nobody tells 2,000 from 2,003, and counting costs more than the page."""
REMEMBERED = 10.0
MOST_REMEMBERED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    name: str
    column: str
    descending: bool

    @property
    def term(self) -> str:
        return f"-{self.column}" if self.descending else self.column


def page(
    request: HttpRequest,
    queryset: QuerySet[Any],
    serialize: Callable[[list[Any]], list[Any]],
    *,
    filters: Filters | None = None,
    default_limit: int = 10,
    max_limit: int = 1000,
    sort: Mapping[str, str] | Sequence[str] = ("id",),
    default_sort: str = "id",
    cursor: bool = False,
    columns: Columns | None = None,
    xml: bool = False,
    strict: bool | None = None,
) -> dict[str, Any] | StreamingHttpResponse | Raw:
    """One page of a queryset: one query for the rows (two from the thousandth row on), one for the count when the rows
    don't tell it. A count above 1,000 may be ten seconds old.

    :param serialize: rows of the page to wire objects, all at once.
    :param sort: names by which callers may sort, each with its column; ties are broken by the primary key.
    :param cursor: offer `cursor=` (empty to begin), whose pages cost the same however deep.
    :param columns: offer `format=csv` and `format=xlsx` (also called `xls`) with these columns: every row of the list at
        once; and `format=html`, the page as a table.
    :param xml: offer `format=xml`, the page as it would be answered in JSON.
    :param strict: whether unknown parameters are refused (400) or ignored; `None` = as the API does that has the list.
    :raises Invalid: unreadable `page`, `limit`, `sort`, `cursor`, `format` or filter.
    """
    given = {name: request.GET.getlist(name) for name in request.GET}
    if strict is None:
        strict = bool(getattr(getattr(request, "api", None), "strict_filters", False))
    for name, values in given.items():
        for value in (name, *values):
            _check_text(name, value)
    limit = min(_whole(given, "limit", default_limit, FARTHEST_PAGE), max_limit)
    orders = _orders(given, sort, default_sort, strict=strict)
    wanted = _form_wanted(given, strict=strict, tabular=columns is not None, xml=xml)
    narrowed = (filters or Filters()).apply(queryset, given, strict=strict, besides=OWN)
    name = request.path.strip("/").rpartition("/")[2]
    try:
        if columns is not None and wanted in FILES:
            return as_file(wanted, _chunks(narrowed, serialize, orders[0]), columns, name=name)
        if cursor and "cursor" in given:
            told = _cursor_page(request, narrowed, serialize, orders[0], limit, given["cursor"][-1])
        else:
            number = _whole(given, "page", 1, FARTHEST_PAGE)
            told = _numbered_page(request, narrowed, serialize, orders, limit, number)
    except DjangoValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    if wanted == "xml":
        return as_xml(told)
    return as_html(told, columns, name=name) if columns is not None and wanted == "html" else told


def page_of(request: HttpRequest, rows: Sequence[Any]) -> dict[str, Any]:
    """One page of rows that are all at hand: all of them unless `limit` is given.

    :raises Invalid: an unreadable `page` or `limit`, or any other parameter: there is nothing else to ask of such a list.
    """
    refuse_unknown(request, known=("limit", "page"))
    given = {name: request.GET.getlist(name) for name in request.GET}
    limit = _whole(given, "limit", max(1, len(rows)), FARTHEST_PAGE)
    number = _whole(given, "page", 1, FARTHEST_PAGE)
    first = (number - 1) * limit
    return {
        "count": len(rows),
        "next": _url(request, page=number + 1) if first + limit < len(rows) else None,
        "previous": _url(request, page=number - 1) if number > 1 else None,
        "results": list(rows[first : first + limit]),
    }


def refuse_unknown(request: HttpRequest, *, known: Sequence[str] = ()) -> None:
    """Parameters nobody reads are named with those there are: what they ask for would silently not be done.

    :raises Invalid: one that is not among `known`.
    """
    there_are = f"Unknown parameter. Known: {', '.join(known)}." if known else "Unknown parameter."
    strange = {name.replace("\x00", ""): [there_are] for name in request.GET if name not in known}
    if strange:
        raise Invalid(fields=strange)


def _form_wanted(given: Mapping[str, list[str]], *, strict: bool, tabular: bool, xml: bool) -> str:
    """What `format` asks for. A list that has other forms than JSON refuses those it has not, and so does a strict one."""
    offered = ["json", *(["xml"] if xml else []), *([*FILES, "html"] if tabular else [])]
    wanted = given.get("format", ["json"])[-1]
    wanted = "xlsx" if wanted == "xls" and tabular else wanted
    if wanted not in offered:
        if strict or len(offered) > 1:
            raise Invalid(fields={"format": [f"This list is answered as {', '.join(offered)}."]})
        return "json"
    return wanted


def _chunks(
    queryset: QuerySet[Any], serialize: Callable[[list[Any]], list[Any]], order: _Order
) -> Iterator[list[Any]]:
    """All rows, `CHUNK` at a time; each piece starts behind the last row of the one before, however deep."""
    ordered = queryset.order_by(*_terms([order]))
    rows = list(ordered[:CHUNK])
    while rows:
        yield serialize(rows)
        if len(rows) < CHUNK:
            return
        last = rows[-1]
        value = last[order.column] if isinstance(last, dict) else _attribute(last, order.column)
        rows = list(
            ordered.filter(_after(order, value, last["id"] if isinstance(last, dict) else last.pk))[:CHUNK]
        )


def _check_text(name: str, value: str) -> None:
    try:
        read_text(value)
    except ValueError as error:
        raise Invalid(fields={name.replace("\x00", ""): [str(error)]}) from error


def _whole(given: Mapping[str, list[str]], name: str, default: int, largest: int) -> int:
    if name not in given:
        return default
    text = given[name][-1].strip()
    if not is_digits(text) or len(text) > 12 or not 1 <= int(text) <= largest:
        raise Invalid(fields={name: [f"Must be a whole number between 1 and {largest}."]})
    return int(text)


def _orders(
    given: Mapping[str, list[str]], sort: Mapping[str, str] | Sequence[str], default: str, *, strict: bool
) -> list[_Order]:
    known = dict(sort) if isinstance(sort, Mapping) else {name: name for name in sort}
    found = []
    for name in (part.strip() for text in given.get("sort", []) for part in text.split(",")):
        plain = name.removeprefix("-")
        if plain in known:
            found.append(_Order(name=plain, column=known[plain], descending=name.startswith("-")))
        elif strict and name:
            raise Invalid(fields={"sort": [f"Unknown: {plain[:60]}. Known: {', '.join(known)}."]})
    if found:
        return found
    plain = default.removeprefix("-")
    return [_Order(name=plain, column=known.get(plain, plain), descending=default.startswith("-"))]


def _terms(orders: list[_Order]) -> list[str]:
    terms = [order.term for order in orders]
    if not any(order.column in ("id", "pk") for order in orders):
        terms.append("-pk" if orders[-1].descending else "pk")
    return terms


def _numbered_page(
    request: HttpRequest,
    queryset: QuerySet[Any],
    serialize: Callable[[list[Any]], list[Any]],
    orders: list[_Order],
    limit: int,
    number: int,
) -> dict[str, Any]:
    first = (number - 1) * limit
    rows = _rows(queryset.order_by(*_terms(orders)), first, limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    if not more and (rows or number == 1):
        count = first + len(rows)
    else:
        count = _count(queryset)
    return {
        "count": count,
        "next": _url(request, page=number + 1) if more else None,
        "previous": _url(request, page=number - 1) if number > 1 else None,
        "results": serialize(rows),
    }


def _rows(ordered: QuerySet[Any], first: int, number: int) -> list[Any]:
    if first < DEEP or ordered.query.distinct or ordered.query.values_select:
        return list(ordered[first : first + number])
    keys = list(ordered.values_list("pk", flat=True)[first : first + number])
    found = {row.pk: row for row in ordered.filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]


_counts: dict[tuple[Any, ...], tuple[float, int]] = {}
"""(database, statement, values) → (until when it is good, a count above `COUNTED_AGAIN`)."""


def _count(queryset: QuerySet[Any]) -> int:
    plain = queryset.order_by()
    try:
        key = (connection.settings_dict["NAME"], *map(str, plain.query.sql_with_params()))
    except EmptyResultSet:
        return 0
    known = _counts.get(key)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    count = plain.count()
    if count > COUNTED_AGAIN:
        if len(_counts) >= MOST_REMEMBERED:
            _counts.clear()
        _counts[key] = (time.monotonic() + REMEMBERED, count)
    else:
        _counts.pop(key, None)
    return count


def _cursor_page(
    request: HttpRequest,
    queryset: QuerySet[Any],
    serialize: Callable[[list[Any]], list[Any]],
    order: _Order,
    limit: int,
    text: str,
) -> dict[str, Any]:
    count = None
    if text:
        queryset = queryset.filter(_after(order, *_decode(text, order)))
    else:
        count = _count(queryset)
    rows = list(queryset.order_by(*_terms([order]))[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    following = _url(request, cursor=_encode(order, rows[-1])) if more else None
    return {"count": count, "next": following, "previous": None, "results": serialize(rows)}


def _after(order: _Order, value: Any, pk: int) -> Q:
    """Rows behind (value, pk) in PostgreSQL's order, where nulls come last ascending and first descending."""
    step = "lt" if order.descending else "gt"
    if order.column in ("id", "pk"):
        return Q(**{f"pk__{step}": pk})
    behind_pk = Q(**{f"pk__{step}": pk})
    is_null = Q(**{f"{order.column}__isnull": True})
    if value is None:
        same = is_null & behind_pk
        return same | ~is_null if order.descending else same
    behind = Q(**{f"{order.column}__{step}": value}) | (Q(**{order.column: value}) & behind_pk)
    return behind if order.descending else behind | is_null


def _encode(order: _Order, row: Any) -> str:
    value = row[order.column] if isinstance(row, dict) else _attribute(row, order.column)
    pk = row["id"] if isinstance(row, dict) else row.pk
    if isinstance(value, datetime):
        value = clock.iso(value)
    packed = json.dumps([order.name, order.descending, value, pk], default=str)
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _decode(text: str, order: _Order) -> tuple[Any, int]:
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        name, descending, value, pk = json.loads(packed)
        if (name, descending) != (order.name, order.descending) or type(pk) is not int or abs(pk) >= 2**63:
            raise ValueError("made for another order")
        if isinstance(value, str):
            read_text(value)
        elif not isinstance(value, int | float | None):
            raise ValueError("no value")
        return value, pk
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid(fields={"cursor": ["Not a cursor of this list."]}) from error


def _attribute(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part, None)
    return row


def _url(request: HttpRequest, **replaced: Any) -> str:
    query = request.GET.copy()
    for name, value in replaced.items():
        query[name] = str(value)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
