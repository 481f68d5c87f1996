"""Query parameters of lists for the OpenAPI documents, seen from the code of the views.

A list says which filters it takes by naming its `Filters`; whoever asks the document gets to know them from there, so that
the two can't part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date as Date
from datetime import datetime as Moment
from decimal import Decimal
from types import CodeType, FunctionType, ModuleType
from typing import Any

from . import filters
from .filters import Filters
from .lists import page, page_of

OURS = "ambar."
DEEPEST = 3
"""Calls that are followed from a view to the function that names its filters."""
_TYPES: dict[Any, dict[str, str]] = {
    filters.read_integer: {"type": "integer"}, int: {"type": "integer"},
    filters.read_boolean: {"type": "boolean"}, bool: {"type": "boolean"},
    filters.read_datetime: {"type": "string", "format": "date-time"}, Moment: {"type": "string", "format": "date-time"},
    filters.read_date: {"type": "string", "format": "date"}, Date: {"type": "string", "format": "date"},
    filters.read_decimal: {"type": "string", "format": "decimal"}, Decimal: {"type": "string", "format": "decimal"},
}  # fmt: skip
_PAGING = (
    ("page", {"type": "integer", "minimum": 1}, "Which page, from 1."),
    ("limit", {"type": "integer", "minimum": 1}, "Rows of a page."),
    ("sort", {"type": "string"}, "Field to sort by, `-` before it for descending; an unknown one is told those there are."),
)  # fmt: skip


def of_list(view: Callable[..., Any]) -> list[dict[str, Any]]:
    """Parameters of a view that answers pages; empty for any other.

    Rows that are all at hand (`page_of`) are only paged. Filters come in alphabetical order after `page`, `limit` and `sort`; repeating one means OR.
    """
    named = list(_named_by(view, set(), 0))
    if any(one is page_of for one in named):
        return [_parameter(name, schema, told) for name, schema, told in _PAGING if name != "sort"]
    if not any(one is page for one in named):
        return []
    known = {name: narrow for one in named if isinstance(one, Filters) for name, narrow in one.known.items()}
    paging = [_parameter(name, schema, told) for name, schema, told in _PAGING]
    return paging + [_parameter(name, _schema(known[name])) for name in sorted(known)]


def _parameter(name: str, schema: dict[str, Any], told: str = "") -> dict[str, Any]:
    found = {"in": "query", "name": name, "required": False, "schema": schema}
    return {**found, "description": told} if told else found


def _schema(narrow: Callable[..., Any]) -> dict[str, Any]:
    """By how the filter reads its values; a text where that is not to be seen."""
    held = [cell.cell_contents for cell in getattr(narrow, "__closure__", None) or ()]
    for one in held:
        if isinstance(one, type | FunctionType) and one in _TYPES:
            return dict(_TYPES[one])
    return {"type": "string"}


def _named_by(view: Callable[..., Any], seen: set[Any], depth: int) -> Iterator[Any]:
    """What of ours a function names, through the functions it calls."""
    function = getattr(view, "__wrapped__", view)
    if not isinstance(function, FunctionType) or function in seen or depth > DEEPEST:
        return
    seen.add(function)
    names = set(_names(function.__code__))
    found = [function.__globals__[name] for name in names if name in function.__globals__]
    found += [
        getattr(module, name)
        for module in found
        if isinstance(module, ModuleType) and module.__name__.startswith(OURS)
        for name in names
        if hasattr(module, name)
    ]
    found += [cell.cell_contents for cell in function.__closure__ or ()]
    for one in found:
        yield one
        if isinstance(one, FunctionType) and one not in (page, page_of) and one.__module__.startswith(OURS):
            yield from _named_by(one, seen, depth + 1)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
