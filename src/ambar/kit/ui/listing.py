"""A list screen: filters and sort from the URL, one count, one page of rows."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict

from ambar.kit.text import is_digits
from ambar.kit.ui import saved_views
from ambar.kit.ui.cells import Column

COUNT_CAP = 100_000
PER_PAGE = 50
DEEP = 500
COLUMNS, ALL, NONE = "columns", "all", "none"
YEAR = 31_536_000

Narrow = Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A filter with fixed answers. `narrow(queryset, value)` is only called with one of `options`."""

    key: str
    label: Any
    options: Sequence[tuple[str, Any]]
    narrow: Narrow


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """An active filter, and the address without it."""

    label: Any
    value: Any
    remove: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column's heading with its sort link and direction."""

    column: Column
    link: str | None
    direction: str | None


@dataclass(slots=True, kw_only=True)
class Listing:
    """What `ui/listing.html` draws. `rows` are mappings keyed by the columns (and `href`, `id`)."""

    headings: list[Heading]
    rows: list[Mapping[str, Any]]
    total: int
    more_than: bool
    page: int
    pages: int
    first: int
    last: int
    previous_link: str | None
    next_link: str | None
    search: str
    searchable: bool
    choices: list[tuple[Choice, str]]
    chips: list[Chip]
    kept: list[tuple[str, str]]
    pick: bool = False
    caption: Any = ""
    empty_title: Any = ""
    empty_text: Any = ""
    extra: dict[str, Any] = field(default_factory=dict)
    choosable: list[tuple[Column, bool]] = field(default_factory=list)
    standing: list[tuple[str, str]] = field(default_factory=list)
    views: list[saved_views.Shown] = field(default_factory=list)
    query: str = ""

    @property
    def columns(self) -> list[Column]:
        """The columns in order."""
        return [heading.column for heading in self.headings]

    @property
    def filtered(self) -> bool:
        """Whether a text or a choice narrows the list."""
        return bool(self.search or self.chips)


def address(query: QueryDict, **changes: str | None) -> str:
    """The same list with some parameters changed (None removes); paging starts anew unless `page` is given.

    Chosen columns are remembered and need not stand in the address.
    """
    pairs = {key: query.get(key, "") for key in query if key != COLUMNS}
    if "page" not in changes:
        pairs.pop("page", None)
    for key, value in changes.items():
        if value is None:
            pairs.pop(key, None)
        else:
            pairs[key] = value
    return "?" + urlencode({key: value for key, value in pairs.items() if value})


def build(
    request: HttpRequest,
    queryset: "QuerySet[Any]",
    *,
    columns: Sequence[Column],
    rows: Callable[[list[Any]], list[Mapping[str, Any]]],
    search: Narrow | None = None,
    choices: Sequence[Choice] = (),
    sort: Mapping[str, str] | None = None,
    default_sort: str = "-id",
    kept: Sequence[str] = (),
    per_page: int = PER_PAGE,
    pick: bool = False,
    caption: Any = "",
    empty_title: Any = "",
    empty_text: Any = "",
) -> Listing:
    """Narrow, count (up to 100 000), sort and cut one page; `rows` turns its objects into mappings, as a set."""
    query = request.GET
    shown = chosen_columns(request, columns)
    text = query.get("q", "").replace("\x00", "").strip()
    if text and search:
        queryset = search(queryset, text)
    queryset, chosen, chips = _narrow(queryset, choices, query)
    total = queryset.order_by()[: COUNT_CAP + 1].count()
    pages = max(1, -(-min(total, COUNT_CAP) // per_page))
    page = min(max(1, _int(query.get("page"), 1)), pages)
    order, direction = _order(query.get("sort", ""), sort or {}, default_sort)
    found = _page(queryset, order, (page - 1) * per_page, page * per_page)
    return Listing(
        headings=[_heading(column, query, sort or {}, direction) for column in shown],
        rows=rows(found),
        total=min(total, COUNT_CAP),
        more_than=total > COUNT_CAP,
        page=page,
        pages=pages,
        first=(page - 1) * per_page + 1 if found else 0,
        last=(page - 1) * per_page + len(found),
        previous_link=address(query, page=str(page - 1)) if page > 1 else None,
        next_link=address(query, page=str(page + 1)) if page < pages else None,
        search=text,
        searchable=search is not None,
        choices=chosen,
        chips=chips,
        kept=[(key, query[key]) for key in (*kept, "sort") if query.get(key)],
        pick=pick,
        caption=caption,
        empty_title=empty_title,
        empty_text=empty_text,
        choosable=[(column, column in shown) for column in columns[1:]],
        standing=[(key, query[key]) for key in query if key not in ("page", COLUMNS) and query[key]],
        views=saved_views.shown(request, standing := _standing(query, shown, columns)),
        query=standing,
    )


def _standing(query: QueryDict, shown: Sequence[Column], columns: Sequence[Column]) -> str:
    """What a kept view keeps: filters, order and the columns as they are."""
    whole = query.copy()
    some = [NONE, *(column.key for column in shown)]
    whole.setlist(COLUMNS, [ALL] if len(shown) == len(columns) else some)
    return saved_views.cleaned(whole)


def chosen_columns(request: HttpRequest, columns: Sequence[Column]) -> list[Column]:
    """The columns the person wants: those of the address, else those chosen last for this list, else all.

    The first column opens the row and always stands. `all` chooses all again.
    """
    asked = request.GET.getlist(COLUMNS) or request.COOKIES.get(columns_cookie(request.path), "").split(".")
    wanted = {name for part in asked for name in part.split(",")}
    if ALL in wanted or not wanted & {NONE, *(column.key for column in columns)}:
        return list(columns)
    return [column for n, column in enumerate(columns) if n == 0 or column.key in wanted]


def columns_cookie(path: str) -> str:
    """Name of the cookie that remembers the columns of the list at `path`."""
    return f"ambar_columns_{zlib.crc32(path.encode()):08x}"


def remember_columns(request: HttpRequest, response: HttpResponse) -> None:
    """Columns chosen in the address stand for the next visit too."""
    asked = [part for part in request.GET.getlist(COLUMNS) if part.isidentifier()]
    if asked:
        name, value = columns_cookie(request.path), ".".join(asked)[:1000]
        response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True)


def _page(queryset: Any, order: list[str], first: int, last: int) -> list[Any]:
    """Rows `first`..`last`; far down only the keys are walked over, then the page's rows are read."""
    ordered = queryset.order_by(*order)
    if first < DEEP:
        return list(ordered[first:last])
    keys = list(ordered.values_list("pk", flat=True)[first:last])
    return list(ordered.filter(pk__in=keys)) if keys else []


def _narrow(
    queryset: Any, choices: Sequence[Choice], query: QueryDict
) -> tuple[Any, list[tuple[Choice, str]], list[Chip]]:
    chosen, chips = [], []
    for choice in choices:
        value = query.get(choice.key, "")
        label = next((word for option, word in choice.options if option == value), None)
        if value and label is not None:
            queryset = choice.narrow(queryset, value)
            chips.append(Chip(label=choice.label, value=label, remove=address(query, **{choice.key: None})))
        else:
            value = ""
        chosen.append((choice, value))
    return queryset, chosen, chips


def _order(asked: str, sort: Mapping[str, str], default: str) -> tuple[list[str], tuple[str, str]]:
    key, sign = asked.lstrip("-"), "-" if asked.startswith("-") else ""
    if key not in sort:
        sign, name = ("-", default[1:]) if default.startswith("-") else ("", default)
        key = next((known for known, column in sort.items() if column == name), "")
        return ([default] if name in ("id", "pk") else [default, f"{sign}pk"]), (key, sign)
    name = sort[key]
    return ([f"{sign}{name}"] if name in ("id", "pk") else [f"{sign}{name}", f"{sign}pk"]), (key, sign)


def _heading(column: Column, query: QueryDict, sort: Mapping[str, str], current: tuple[str, str]) -> Heading:
    if column.sort is None or column.sort not in sort:
        return Heading(column=column, link=None, direction=None)
    active = current[0] == column.sort
    direction = ("descending" if current[1] else "ascending") if active else None
    asked = column.sort if direction == "descending" else f"-{column.sort}"
    return Heading(column=column, link=address(query, sort=asked), direction=direction)


def _int(value: str | None, otherwise: int) -> int:
    return int(value) if value and is_digits(value) and len(value) < 9 else otherwise
