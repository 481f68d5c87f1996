"""Query filters of Omnitron's lists that go beyond those of `kit.rest`, and those every list has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from ambar.kit import rest
from ambar.kit.text import turkish_fold

Filter = Callable[[QuerySet[Any], list[str]], QuerySet[Any]]

keys = rest.id_list
exact = rest.text
boolean = rest.boolean
number = rest.integer
moment = rest.datetime
text_list = rest.choice_in


def same_name(field: str = "folded") -> Filter:
    """Case-insensitive equality that knows Turkish letters, over a folded column."""
    return lambda rows, values: rows.filter(**{f"{field}__in": [turkish_fold(value) for value in values]})


def any_case(field: str) -> Filter:
    """Case-insensitive equality of codes (`TR`, `tr`)."""

    def apply(rows: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
        return rows.filter(
            **{f"{field}__in": {form for value in values for form in (value, value.upper(), value.lower())}}
        )

    return apply


def common() -> dict[str, Filter]:
    """Filters that every list has: keys, and when a row was made or changed."""
    stamps = {
        f"{name}_date__{comparison}": moment(f"{name}_at__{comparison}")
        for name in ("created", "modified")
        for comparison in ("gt", "gte", "lt", "lte")
    }
    return {
        "pk__in": keys("id"),
        "id__in": keys("id"),
        "pk": keys("id"),
        "id": keys("id"),
        "id__gt": number("id__gt"),
        "id__gte": number("id__gte"),
        **stamps,
    }


SORT = {"id": "id", "pk": "id", "created_date": "created_at", "modified_date": "modified_at"}
