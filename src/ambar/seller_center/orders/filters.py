"""Filters and sort keys of order lists, shared by the own API and the OMS application API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from ambar.kit import rest
from ambar.seller_center.orders.domain import statuses


def status_in(column: str) -> Any:
    """Codes as `450`, `"450"` or `preparing`, comma-separated or repeated."""

    def narrow(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
        codes = []
        for part in (part for value in values for part in value.split(",") if part.strip()):
            code = statuses.read(part)
            if code is None:
                raise ValueError(f"{part[:40]!r} is not a status code.")
            codes.append(code)
        return queryset.filter(**{f"{column}__in": codes})

    return narrow


def moments(name: str, column: str) -> dict[str, Any]:
    """`name__gt`, `__gte`, `__lt`, `__lte`."""
    return {f"{name}__{op}": rest.datetime(f"{column}__{op}") for op in ("gt", "gte", "lt", "lte")}


IDS = {
    "id__in": rest.id_list("id__in"),
    "pk__in": rest.id_list("id__in"),
    "id__gt": rest.integer("id__gt"),
    "pk__gt": rest.integer("id__gt"),
}
ORDERS = rest.Filters(
    {
        **IDS,
        **moments("modified_date", "modified_at"),
        **moments("created_date", "created_at"),
        **moments("date_placed", "date_placed"),
        "number": rest.exact("number"),
        "number__exact": rest.exact("number"),
        "number__in": rest.choice_in("number"),
        "upstream_number": rest.exact("upstream_number"),
        "supplier_code": rest.exact("seller__supplier_code"),
        "seller": rest.id_list("seller_id__in"),
        "status": status_in("status"),
        "status__in": status_in("status"),
    }
)
ORDER_SORT = {
    "id": "id",
    "pk": "id",
    "modified_date": "modified_at",
    "created_date": "created_at",
    "date_placed": "date_placed",
    "number": "number",
}
ITEMS = rest.Filters(
    {
        **IDS,
        "order": rest.id_list("order_id__in"),
        "order__in": rest.id_list("order_id__in"),
        "sku": rest.exact("sku"),
        "status": status_in("status"),
        "status__in": status_in("status"),
        **moments("modified_date", "modified_at"),
    }
)
ITEM_SORT = {"id": "id", "pk": "id", "modified_date": "modified_at"}
PLANS = rest.Filters(
    {
        **IDS,
        **moments("modified_date", "modified_at"),
        "status": rest.choice_in("status"),
        "status__in": rest.choice_in("status"),
        "cancellation_plan_status": rest.choice_in("status"),
        "plan_type": rest.choice_in("plan_type"),
        "order": rest.id_list("order_id__in"),
        "order_id": rest.id_list("order_id__in"),
        "order_number": rest.exact("order__number"),
        "supplier_code": rest.exact("seller__supplier_code"),
    }
)
PLAN_SORT = {"id": "id", "pk": "id", "modified_date": "modified_at", "created_date": "created_at"}
