"""Filters of package lists."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from ambar.kit import rest
from ambar.seller_center.orders.filters import IDS, moments
from ambar.seller_center.packages import lineage
from ambar.seller_center.packages.domain import states


def _list(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    wanted: set[int] = set()
    for value in values:
        if value not in states.LISTS:
            raise ValueError(f"{value[:40]!r} is not one of {', '.join(states.LISTS)}.")
        wanted |= set(states.LISTS[value])
    return queryset.filter(status__in=wanted)


def _tracking(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    return queryset.filter(tracking_numbers__overlap=values)


def _family(rows: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    """What became of a package by its number: itself, and all packages that took its place."""
    return rows.filter(pk__in=lineage.family(values[-1]))


PACKAGES = rest.Filters(
    {
        **IDS,
        **moments("modified_date", "modified_at"),
        **moments("created_date", "created_at"),
        "list": _list,
        "number": rest.exact("number"),
        "order": rest.id_list("order_id__in"),
        "order_number": rest.exact("order_number"),
        "status": rest.choice_in("status", read=int),
        "state_code": rest.choice_in("state_code", read=int),
        "seller": rest.id_list("seller_id__in"),
        "supplier_code": rest.exact("seller__supplier_code"),
        "tracking_number": _tracking,
        "origin": rest.choice_in("origin", ("default", "oms")),
        "family": _family,
    }
)
SORT = {"id": "id", "modified_date": "modified_at", "created_date": "created_at", "number": "number"}
PKG101 = rest.Filters(
    {
        **moments("updated_at", "modified_at"),
        **moments("created_at", "created_at"),
        "number": rest.exact("number"),
        "order_number": rest.exact("order_number"),
        "waybill_number": _tracking,
        "status": rest.choice_in("status", read=int),
    }
)
PKG101_SORT = {"id": "id", "updated_at": "modified_at", "created_at": "created_at"}
