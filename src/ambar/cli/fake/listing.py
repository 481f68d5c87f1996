"""Lists of rows kept in memory, asked as the hub's lists are: filters, repeated keys, sorting, pages.

Pure. Source: Omnitron API, lists: unknown filters are ignored, unreadable ones are refused by name. Lists of hooks are
strict (decision 119): there unknown ones are refused too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits, turkish_fold
from ambar.seller_center.orders.domain import statuses

Row = dict[str, Any]
Query = Mapping[str, list[str]]
_OWN = ("page", "limit", "sort", "cursor", "format")


def whole(text: str) -> int:
    """Reads a whole number. Raises `ValueError` with the words of the wire."""
    if not is_digits(text.strip().removeprefix("-")) or len(text.strip()) > 20:
        raise ValueError("A valid integer is required.")
    found = int(text)
    if not -(2**63) <= found < 2**63:
        raise ValueError("The number is out of range.")
    return found


def moment(text: str) -> datetime:
    """Reads a moment. Raises `ValueError` with the words of the wire."""
    try:
        return clock.parse(text)
    except ValueError:
        raise ValueError("Must be an ISO 8601 moment.") from None


def status(text: str) -> str:
    """Reads an item status given as code or name. Raises `ValueError` with the words of the wire."""
    code = statuses.read(text)
    if code is None:
        raise ValueError(f"{text[:40]!r} is not a status code.")
    return str(code)


def flag(text: str) -> bool:
    """Reads a truth value. Raises `ValueError` with the words of the wire."""
    if text.strip().lower() not in ("true", "false", "1", "0"):
        raise ValueError("Must be true or false.")
    return text.strip().lower() in ("true", "1")


def refuse_unknown(asked: Query, *, known: Sequence[str]) -> None:
    """Raises `Invalid` for parameters that such a list does not know, with those there are."""
    told = [f"Unknown parameter. Known: {', '.join(known)}."]
    if strange := {name: told for name in asked if name not in known}:
        raise Invalid(fields=strange)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One filterable value: how it is got from a row, and how the query's text is read. `folded`: without regard to case."""

    read: Callable[[str], Any] = str
    get: Callable[[Row], Any] | None = None
    folded: bool = False


_STEPS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda mine, asked: mine > asked,
    "gte": lambda mine, asked: mine >= asked,
    "lt": lambda mine, asked: mine < asked,
    "lte": lambda mine, asked: mine <= asked,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one list can be asked: fields by the name of their parameter, the names it sorts by, its largest page; `strict`:
    anything else is refused. `only`: the parameters it goes by, letter for letter; empty: every step of each field."""

    fields: Mapping[str, Field]
    sorts: Sequence[str] = ("id",)
    most: int = 1000
    aliases: Mapping[str, str] = field(default_factory=lambda: {"pk": "id"})
    strict: bool = False
    only: frozenset[str] = frozenset()

    def chosen(self, rows: Iterable[Row], query: Query) -> list[Row]:
        """The rows the query asks for, in its order. Raises `Invalid` naming a parameter that can't be read."""
        tests, errors = [], self._unknown(query) if self.strict else {}
        for name, values in query.items():
            if self.only and name not in self.only:
                continue
            plain, step = (name, "") if name in self.fields else name.partition("__")[::2]
            known = self.fields.get(self.aliases.get(plain, plain))
            if name in errors or known is None or step not in ("", "in", "exact", "iexact", *_STEPS):
                continue
            try:
                tests.append(_test(self.aliases.get(plain, plain), known, step, values))
            except ValueError as error:
                errors[name] = [str(error)]
        if errors:
            raise Invalid(fields=errors)
        found = [row for row in rows if all(test(row) for test in tests)]
        return self._sorted(found, query)

    def _unknown(self, query: Query) -> dict[str, list[str]]:
        """What a strict list is asked and does not know. Raises `Invalid` for the name it is sorted by, and for its form."""
        asked = query.get("sort", [self.sorts[0]])[-1].removeprefix("-")
        if asked not in self.sorts:
            raise Invalid(fields={"sort": [f"Unknown: {asked[:60]}. Known: {', '.join(self.sorts)}."]})
        if query.get("format", ["json"])[-1] != "json":
            raise Invalid(fields={"format": ["This list is answered as json."]})
        told = [f"Unknown filter. Known: {', '.join(sorted(self.fields))}."]
        return {name: told for name in query if name not in self.fields and name not in _OWN}

    def _sorted(self, rows: list[Row], query: Query) -> list[Row]:
        asked = query.get("sort", ["id"])[-1]
        name = asked.removeprefix("-")
        name = self.aliases.get(name, name)
        if name not in self.sorts:
            name, asked = "id", "id"
        return sorted(rows, key=lambda row: (*_rank(row.get(name)), row["id"]), reverse=asked.startswith("-"))

    def page(self, rows: Iterable[Row], query: Query, link: Callable[[int], str]) -> dict[str, Any]:
        """`{"count", "next", "previous", "results"}`; `link(n)` is the address of page n. Raises `Invalid`."""
        limit, number = min(_number(query, "limit", 10), self.most), _number(query, "page", 1)
        found = self.chosen(rows, query)
        last = number * limit
        return {
            "count": len(found),
            "next": link(number + 1) if last < len(found) else None,
            "previous": link(number - 1) if number > 1 else None,
            "results": found[last - limit : last],
        }


def _number(query: Query, name: str, default: int) -> int:
    text = query.get(name, [str(default)])[-1].strip()
    if not is_digits(text) or not 1 <= int(text) <= 10_000_000:
        raise Invalid(fields={name: ["Must be a whole number between 1 and 10000000."]})
    return int(text)


def _rank(value: Any) -> tuple[int, Any]:
    """Numbers before texts before what is neither: an order may have been made malformed, and is listed all the same."""
    if isinstance(value, int | float):
        return 0, value
    return (1, value) if isinstance(value, str) else (2, str(value))


def _test(name: str, known: Field, step: str, values: Sequence[str]) -> Callable[[Row], bool]:
    fits = _fitting(name, known, step, values)

    def test(row: Row) -> bool:
        try:
            return fits(row)
        except (KeyError, TypeError):
            return False  # a value that can't be compared is none that was asked for

    return test


def _fitting(name: str, known: Field, step: str, values: Sequence[str]) -> Callable[[Row], bool]:
    get = known.get or (lambda row: row.get(name))
    parts = [part for value in values for part in value.split(",") if part.strip()]
    if step in _STEPS:
        asked, compare = [known.read(value) for value in values], _STEPS[step]
        if known.read is moment:
            # Times are written in one form, so that their texts stand in the order of time.
            asked = [clock.iso(one) for one in asked]
        return lambda row: any(compare(get(row), one) for one in asked)
    if known.folded or step == "iexact":
        folded = {turkish_fold(value) for value in values}
        return lambda row: turkish_fold(str(get(row) or "")) in folded
    wanted = {known.read(part) for part in (parts if step == "in" or known.read is not str else values)}
    return lambda row: get(row) in wanted
