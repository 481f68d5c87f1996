"""Akinon OMS: order services; cancellation plans as records."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import NotFound
from ambar.oms.catalogue.models import Product
from ambar.oms.orders import answers_store, queries
from ambar.oms.orders.actions.save_cancellation_reason import save_cancellation_reason
from ambar.oms.orders.columns import ORDERS
from ambar.oms.orders.models import (
    PLANNING_STATES,
    REQUEST_STATUSES,
    CancellationPart,
    CancellationPlan,
    CancellationReason,
    CancellationRequest,
    Order,
    OrderChange,
    OrderItem,
)
from ambar.oms.orders.records import records
from ambar.oms.orders.schemas import (
    CancellationReasonIn,
    CancellationReasonPatch,
    change_json,
    plan_json,
    reason_json,
    request_json,
)
from ambar.oms.states.queries import parse_codes

router = rest.Router()
PLAN_STATES = ("open", "waiting", "done", "refused", "withdrawn")


def _state(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(state__in=parse_codes("OrderStatus", values))


def _starts(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(number__startswith=values[-1])


def _with_product(queryset: Any, values: list[str]) -> Any:
    """Orders with a line of these products, by SKU as the catalogue has it now."""
    skus = [part.strip() for value in values for part in value.split(",") if part.strip()]
    lines = OrderItem.objects.filter(product__in=Product.objects.filter(sku__in=skus).values("id"))
    return queryset.filter(id__in=lines.values("order_id"))


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
        "product_sku": _with_product,
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
        "state": rest.choice_in("state", PLAN_STATES),
    }
)
_in_packages = rest.id_list("package_id__in")


def _of_packages(queryset: Any, values: list[str]) -> Any:
    parts = _in_packages(CancellationPart.objects.all(), values)
    return queryset.filter(pk__in=parts.values("request_id"))


_REQUEST_FILTERS = rest.Filters(
    {
        "status": rest.choice_in("status", REQUEST_STATUSES),
        "cancellation_type": rest.choice_in("cancellation_type", ("cancel", "refund")),
        "origin": rest.choice_in("origin", ("plan", "order_version", "command")),
        "order_id": rest.id_list("order_id__in"),
        "order_number": rest.exact("order__number"),
        "order_item": rest.id_list("order_item_id__in"),
        "plan": rest.id_list("plan_id__in"),
        "package": _of_packages,
        **_comparisons("created_date", "created_at", rest.datetime),
    }
)

_REASON_FILTERS = rest.Filters(
    {
        "title": rest.exact("title"),
        "remote_id": rest.exact("remote_id"),
        "is_active": rest.boolean("is_active"),
    }
)


@router.get("/orders/")
@rest.needs("orders:read")
def list_orders(request: HttpRequest) -> Any:
    """Orders with their items, newest first; `format=csv` or `xlsx` gives all of them as a file."""
    return rest.page(
        request,
        queries.keys(queries.visible(request.principal)),
        lambda rows: records([row.pk for row in rows]),
        filters=_FILTERS,
        sort={
            "id": "id",
            "number": "number",
            "date_placed": "date_placed",
            "created_date": "created_at",
            "modified_date": "modified_at",
        },
        default_sort="-id",
        cursor=True,
        columns=ORDERS,
    )


@router.get("/orders/{int:order_id}/")
@rest.needs("orders:read")
def get_order(request: HttpRequest, order_id: int) -> Any:
    """One order."""
    if not queries.visible(request.principal).filter(pk=order_id).exists():
        accounts.note_foreign(request.principal, Order.objects.all(), order_id)
        raise NotFound("Order not found.")
    return records([order_id])[0]


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


@router.get("/cancellation-plans/{int:cancellation_id}/")
@rest.needs("orders:read")
def get_cancellation_plan(request: HttpRequest, cancellation_id: int) -> Any:
    """One cancellation plan and what upstream was answered."""
    row = queries.visible_plans(request.principal).filter(pk=cancellation_id).first()
    if row is None:
        accounts.note_foreign(request.principal, CancellationPlan.objects.all(), cancellation_id)
        raise NotFound("Cancellation plan not found.")
    return plan_json(row)


@router.post("/cancellation-plans/{int:cancellation_id}/answer-again/")
@rest.needs("intake:write")
def answer_plan_again(request: HttpRequest, cancellation_id: int) -> Any:
    """Tell upstream once more what it refused to hear; 404 when no answer of this plan was set aside."""
    if not queries.visible_plans(request.principal).filter(pk=cancellation_id).exists():
        accounts.note_foreign(request.principal, CancellationPlan.objects.all(), cancellation_id)
        raise NotFound("Cancellation plan not found.")
    if not answers_store.again(cancellation_id, now=clock.now()):
        raise NotFound("No answer of this plan was set aside.")
    return rest.Raw(204)


@router.get("/cancellation-requests/")
@rest.needs("orders:read")
def list_cancellation_requests(request: HttpRequest) -> Any:
    """What was asked to be cancelled, item by item, and what became of it; newest first."""
    return rest.page(
        request,
        queries.visible_requests(request.principal),
        lambda rows: [request_json(row) for row in rows],
        filters=_REQUEST_FILTERS,
        sort={"id": "id", "created_date": "created_at", "modified_date": "modified_at"},
        default_sort="-id",
    )


@router.get("/cancellation-requests/{int:request_id}/")
@rest.needs("orders:read")
def get_cancellation_request(request: HttpRequest, request_id: int) -> Any:
    """One cancellation request."""
    row = queries.visible_requests(request.principal).filter(pk=request_id).first()
    if row is None:
        accounts.note_foreign(request.principal, CancellationRequest.objects.all(), request_id)
        raise NotFound("Cancellation request not found.")
    return request_json(row)


@router.get("/orders/{int:order_id}/changes/")
@rest.needs("orders:read")
def list_order_changes(request: HttpRequest, order_id: int) -> Any:
    """What later versions of an order changed, and older ones that came too late; newest first."""
    if not queries.visible(request.principal).filter(pk=order_id).exists():
        accounts.note_foreign(request.principal, Order.objects.all(), order_id)
        raise NotFound("Order not found.")
    return rest.page(
        request,
        OrderChange.objects.filter(order_id=order_id),
        lambda rows: [change_json(row) for row in rows],
        sort=("id",),
        default_sort="-id",
    )


@router.get("/cancellation-reasons/")
@rest.needs("orders:read")
def list_cancellation_reasons(request: HttpRequest) -> Any:
    """Why something is cancelled, in the words of this seller."""
    return rest.page(
        request,
        CancellationReason.objects.all(),
        lambda rows: [reason_json(row) for row in rows],
        filters=_REASON_FILTERS,
        sort=("id", "title"),
        default_sort="id",
    )


@router.post("/cancellation-reasons/")
@rest.needs("intake:write")
def create_cancellation_reason(request: HttpRequest, body: CancellationReasonIn) -> Any:
    """A new cancellation reason."""
    return rest.Raw(201, reason_json(save_cancellation_reason(body.model_dump(), now=clock.now())))


@router.get("/cancellation-reasons/{int:reason_id}/")
@rest.needs("orders:read")
def get_cancellation_reason(request: HttpRequest, reason_id: int) -> Any:
    """One cancellation reason."""
    row = CancellationReason.objects.filter(pk=reason_id).first()
    if row is None:
        raise NotFound("Cancellation reason not found.")
    return reason_json(row)


@router.patch("/cancellation-reasons/{int:reason_id}/")
@rest.needs("intake:write")
def patch_cancellation_reason(request: HttpRequest, reason_id: int, body: CancellationReasonPatch) -> Any:
    """Change a cancellation reason."""
    values = body.model_dump(exclude_unset=True)
    return reason_json(save_cancellation_reason(values, reason_id=reason_id, now=clock.now()))
