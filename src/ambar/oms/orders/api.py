"""Akinon OMS: order services; cancellation plans as records."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, rest
from ambar.kit.refusals import NotFound
from ambar.oms.orders import queries
from ambar.oms.orders.models import PLANNING_STATES, Order
from ambar.oms.orders.schemas import order_json, plan_json
from ambar.oms.states.queries import parse_codes

router = rest.Router()


def _state(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(state__in=parse_codes("OrderStatus", values, field="state"))


def _starts(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(number__startswith=values[-1])


def _comparisons(name: str, column: str, make: Any) -> dict[str, Any]:
    return {f"{name}__{op}": make(f"{column}__{op}") for op in ("gt", "gte", "lt", "lte")}


_FILTERS = rest.Filters(
    {
        "number": rest.exact("number"),
        "number__startswith": _starts,
        "omnitron_id": rest.id_list("upstream_id__in"),
        "source": rest.exact("source"),
        "state": _state,
        "state__enum_value": _state,
        "state__enum_value__in": _state,
        "planning_state": rest.choice_in("planning_state", PLANNING_STATES),
        "channel": rest.id_list("channel_id__in"),
        "supplier_code": rest.exact("supplier_code"),
        "cargo_company": rest.exact("cargo_company"),
        "payment_type": rest.exact("payment_type"),
        "product_sku": rest.exact("orderitem__sku"),
        "id__in": rest.id_list("id__in"),
        **_comparisons("id", "id", rest.integer),
        **_comparisons("created_date", "created_at", rest.datetime),
        **_comparisons("modified_date", "modified_at", rest.datetime),
        **_comparisons("date_placed", "date_placed", rest.datetime),
    }
)
_PLAN_FILTERS = rest.Filters(
    {
        "status": rest.exact("status"),
        "plan_type": rest.exact("plan_type"),
        "order_id": rest.id_list("order_id__in"),
        "omnitron_id": rest.id_list("upstream_id__in"),
    }
)


@router.get("/orders/")
@rest.needs("orders:read")
def list_orders(request: HttpRequest) -> Any:
    """Orders with their items, newest first."""
    return rest.page(
        request,
        queries.detailed(queries.visible(request.principal)),
        lambda rows: [order_json(row) for row in rows],
        filters=_FILTERS,
        sort=("id", "number", "date_placed", "created_date", "modified_date"),
        default_sort="-id",
        cursor=True,
    )


@router.get("/orders/{int:order_id}/")
@rest.needs("orders:read")
def get_order(request: HttpRequest, order_id: int) -> Any:
    """One order."""
    row = queries.detailed(queries.visible(request.principal).filter(pk=order_id)).first()
    if row is None:
        accounts.note_foreign(request.principal, Order.objects.all(), order_id)
        raise NotFound("Order not found.")
    return order_json(row)


@router.get("/cancellation-plans/")
@rest.needs("orders:read")
def list_cancellation_plans(request: HttpRequest) -> Any:
    """Cancellation plans taken from upstream."""
    return rest.page(
        request,
        queries.visible_plans(request.principal),
        lambda rows: [plan_json(row) for row in rows],
        filters=_PLAN_FILTERS,
        sort=("id",),
        default_sort="-id",
    )
