"""Filters of lists: each names its parameter, reads its values strictly, and narrows the queryset.

Repeated parameters mean OR. Source: Omnitron API, list parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date as Date
from datetime import datetime as Moment
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from .. import clock, money
from ..refusals import Invalid
from ..text import is_digits, refused_characters

Filter = Callable[[QuerySet[Any], list[str]], QuerySet[Any]]
Reader = Callable[[str], Any]

BIGINT = 2**63
LONGEST_LIST = 10_000


def read_text(value: str) -> str:
    reason = refused_characters(value)
    if reason:
        raise ValueError(reason)
    return value


def read_integer(value: str) -> int:
    stripped = value.strip()
    if not is_digits(stripped.removeprefix("-")) or len(stripped) > 20:
        raise ValueError("A valid integer is required.")
    number = int(stripped)
    if not -BIGINT <= number < BIGINT:
        raise ValueError("The number is out of range.")
    return number


def read_decimal(value: str) -> Decimal:
    try:
        return money.dec(value)
    except ValueError as error:
        raise ValueError("A valid number is required.") from error


def read_boolean(value: str) -> bool:
    folded = value.strip().lower()
    if folded in ("true", "1"):
        return True
    if folded in ("false", "0"):
        return False
    raise ValueError("Must be true or false.")


def read_datetime(value: str) -> Moment:
    try:
        return clock.parse(value)
    except ValueError as error:
        raise ValueError("Must be an ISO 8601 moment.") from error


def read_date(value: str) -> Date:
    try:
        return Date.fromisoformat(value.strip())
    except ValueError as error:
        raise ValueError("Must be a date, YYYY-MM-DD.") from error


def _any_of(column: str, values: Iterable[Any]) -> Q:
    found = list(values)
    if "__" not in column and len(found) > 1:
        return Q(**{f"{column}__in": found})
    condition = Q()
    for value in found:
        condition |= Q(**{column: value})
    return condition


def _one(column: str, read: Reader) -> Filter:
    def narrow(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
        return queryset.filter(_any_of(column, [read(value) for value in values]))

    return narrow


def _listed(values: list[str], read: Reader) -> list[Any]:
    parts = [part for value in values for part in value.split(",") if part.strip()]
    if len(parts) > LONGEST_LIST:
        raise ValueError(f"At most {LONGEST_LIST} values.")
    return [read(part.strip()) for part in parts]


def exact(column: str, read: Reader | type = read_text) -> Filter:
    """Equality; `read` (or the type `int`, `bool`, `Decimal`) says how a value is read."""
    return _one(column, _READERS.get(read, read))


def text(column: str) -> Filter:
    """Equality of texts."""
    return _one(column, read_text)


def iexact(column: str) -> Filter:
    """Equality without regard to case."""
    return _one(column if column.endswith("__iexact") else f"{column}__iexact", read_text)


def contains(column: str) -> Filter:
    """Part of a text, without regard to case."""
    return _one(f"{column}__icontains", read_text)


def integer(column: str) -> Filter:
    """A whole number within 64 bits; `column` may carry a lookup (`amount__gte`)."""
    return _one(column, read_integer)


def decimal(column: str) -> Filter:
    """A decimal number."""
    return _one(column, read_decimal)


def boolean(column: str) -> Filter:
    """`true`, `false`, in any case, or 1 and 0."""
    return _one(column, read_boolean)


def datetime(column: str) -> Filter:
    """A moment; `column` may carry a lookup (`modified_at__gte`)."""
    return _one(column, read_datetime)


def date(column: str) -> Filter:
    """A calendar day."""
    return _one(column, read_date)


def id_list(column: str) -> Filter:
    """Whole numbers separated by commas; an empty list finds nothing."""
    plain = column.removesuffix("__in")

    def narrow(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
        return queryset.filter(**{f"{plain}__in": _listed(values, read_integer)})

    return narrow


def choice_in(
    column: str, choices: Mapping[str, Any] | Iterable[str] | None = None, read: Reader | type = read_text
) -> Filter:
    """One of several values, repeated or separated by commas.

    :param choices: what is accepted; a mapping also translates (`{"packed": 500}`).
    """
    plain = column.removesuffix("__in")
    known = choices if isinstance(choices, Mapping) or choices is None else {one: one for one in choices}
    reader: Reader = _READERS.get(read, read)

    def choose(value: str) -> Any:
        if known is None:
            return reader(value)
        if value not in known:
            raise ValueError(f"{value[:60]!r} is not one of {', '.join(map(str, known))}.")
        return known[value]

    def narrow(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
        return queryset.filter(**{f"{plain}__in": _listed(values, choose)})

    return narrow


_READERS: dict[Any, Reader] = {
    int: read_integer, str: read_text, bool: read_boolean, Decimal: read_decimal, Moment: read_datetime, Date: read_date,
}  # fmt: skip


class Filters:
    """The filters of one list.

    >>> Filters({"status": choice_in("status"), "modified_date__gte": datetime("modified_at__gte")})
    """

    def __init__(self, known: Mapping[str, Filter] | None = None, /, **more: Filter) -> None:
        self.known: dict[str, Filter] = {**(known or {}), **more}

    def _unknown(self) -> str:
        return f"Unknown filter. Known: {', '.join(sorted(self.known))}." if self.known else "Unknown filter."

    def apply(
        self,
        queryset: QuerySet[Any],
        given: Mapping[str, list[str]],
        *,
        strict: bool,
        besides: frozenset[str],
    ) -> QuerySet[Any]:
        """Narrows the queryset by the parameters given.

        :param besides: parameters that belong to somebody else (paging, sorting).
        :raises Invalid: an unreadable value; with `strict` also an unknown parameter.
        """
        problems: dict[str, list[str]] = {}
        for name, values in given.items():
            if name in besides:
                continue
            narrow = self.known.get(name)
            if narrow is None:
                if strict:
                    problems[name] = [self._unknown()]
                continue
            try:
                queryset = narrow(queryset, [read_text(value) for value in values])
            except ValueError as error:
                problems[name] = [str(error)]
        if problems:
            raise Invalid(fields=problems)
        return queryset
