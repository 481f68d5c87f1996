"""Orders, order items and cancellation plans, as a seller's OMS reads and writes them.

Source: "Integrating OMS with Seller Center": the names `orders`, `orderitem_set`, `order_item_bulk_update`,
`cancellation_plans` of `endpoint_conf`.
"""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from pydantic import Field

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid
from ambar.kit.rest import strict_json
from ambar.seller_center.oms_application import waiting
from ambar.seller_center.oms_application.scope import writer
from ambar.seller_center.orders import filters, queries
from ambar.seller_center.orders.actions.answer_plan import AnswerPlan, answer_plan
from ambar.seller_center.orders.actions.change_items import change_items
from ambar.seller_center.orders.domain import item_changes, versions
from ambar.seller_center.orders.domain.versions import Known
from ambar.seller_center.orders.models import CancellationPlan, OrderItem
from ambar.seller_center.sellers.isolation import note_foreign, sees_all, seller_of, visible, visible_or_404

router = rest.Router(tags=["oms application"])
WAIT = "wait_after"


class PlanAnswer(rest.OpenBody):
    status: Literal["waiting", "confirmed", "rejected", "completed"]
    reason: str = Field(default="", max_length=2000)


class OrderPatch(rest.OpenBody):
    """Only `is_send` may be changed on an order; other keys are ignored."""

    is_send: bool | None = None


@router.get("/orders/")
@rest.needs("oms:read")
def list_orders(request: HttpRequest) -> Any:
    """Detailed orders of the seller. To follow changes: `modified_date__gte=&sort=modified_date`.

    With `wait_after=<moment>` besides, the answer comes as soon as an order has changed after that moment, a second later at
    the latest; it repeats the moment when it was ready to wait. `fields=pk,modified_date` answers versions only.
    A header `X-Ambar-Known: <pk>-<microseconds since 1970 of its modified_date>.…` names versions the caller has: orders that stand in exactly
    these are left out, are no news to wait for, and the answer tells under `known` how many were named.
    """
    known = versions.known(request.headers)
    waited = _waited(request, known or Known())
    versions_only = request.GET.get("fields") == queries.VERSION
    rows = visible(queries.versions() if versions_only else queries.orders(), request.principal)
    page = rest.page(
        request,
        queries.unknown(rows, known) if known else rows,
        queries.versions_json if versions_only else queries.orders_json,
        filters=filters.ORDERS,
        sort=filters.ORDER_SORT,
        max_limit=1000,
        cursor=True,
    )
    if not isinstance(page, dict):
        return page
    told = {} if known is None else {"known": len(known.ids)}
    return {**page, **({WAIT: waited} if waited else {}), **told}


def _waited(request: HttpRequest, known: Known) -> str | None:
    """The moment after which something had to change, once it has or the wait was over; None when it did not wait."""
    if WAIT not in request.GET:
        return None
    try:
        after = clock.parse(request.GET[WAIT])
    except ValueError as error:
        raise Invalid(fields={WAIT: [str(error)]}) from error
    seller_id = seller_of(request.principal)
    if seller_id is None and not sees_all(request.principal):
        return None
    return clock.iso(after) if waiting.for_news(seller_id, after, known) else None


@router.get("/orders/count/")
@rest.needs("oms:read")
def count_orders(request: HttpRequest) -> Any:
    """How many orders the seller has."""
    return {"count": visible(queries.orders(), request.principal).count()}


@router.get("/orders/{int:order_id}/")
@rest.needs("oms:read")
def read_order(request: HttpRequest, order_id: int) -> Any:
    """One detailed order."""
    return queries.orders_json([visible_or_404(queries.orders(), request.principal, order_id)])[0]


@router.patch("/orders/{int:order_id}/")
@rest.needs("oms:write")
def patch_order(request: HttpRequest, order_id: int, body: OrderPatch) -> Any:
    """Note whether the order was taken over (`is_send`)."""
    row = visible_or_404(queries.orders(), request.principal, order_id)
    if body.is_send is not None and row.document.get("is_send") != body.is_send:
        row.document = {**row.document, "is_send": body.is_send}
        row.save(update_fields=["document"])
    return queries.orders_json([row])[0]


def _items(request: HttpRequest) -> Any:
    return visible(OrderItem.objects.select_related("order"), request.principal)


def _items_json(rows: list[OrderItem]) -> list[dict[str, Any]]:
    items = [queries.ItemShown.of(row) for row in rows]
    heads = queries.heads_of(items)
    return [queries.item_json(item, row.order.number, heads) for item, row in zip(items, rows, strict=True)]


def list_items(request: HttpRequest) -> Any:
    """Order items of the seller, e.g. `?order=`."""
    return rest.page(
        request, _items(request), _items_json, filters=filters.ITEMS, sort=filters.ITEM_SORT, max_limit=1000
    )


def read_item(request: HttpRequest, item_id: int) -> Any:
    """One order item."""
    row = visible_or_404(OrderItem.objects.select_related("order"), request.principal, item_id)
    return _items_json([row])[0]


def patch_item(request: HttpRequest, item_id: int) -> Any:
    """Change one order item: the same fields and rules as the bulk update."""
    visible_or_404(OrderItem.objects.all(), request.principal, item_id)
    body = strict_json.loads(request.body)
    given = body if isinstance(body, dict) else {}
    changes = item_changes.parse([{**given, "id": item_id}])
    change_items(changes, seller_id=writer(request.principal), now=clock.now())
    return read_item(request, item_id)


def bulk_update(request: HttpRequest) -> Any:
    """Change many order items, all or none; answers each item's status.

    An unknown id, or a status going backwards (other than by cancellation), refuses the whole batch and is named. With a header
    `X-Ambar-Versions: 1` the answer also tells under `orders` what it made of them: `modified_date` before and after, and the status.
    """
    changes = item_changes.parse(strict_json.loads(request.body))
    try:
        after = change_items(changes, seller_id=writer(request.principal), now=clock.now())
    except Invalid:
        wanted = [change.item_id for change in changes]
        own = set(_items(request).filter(pk__in=wanted).values_list("pk", flat=True))
        note_foreign(OrderItem.objects.all(), request.principal, [pk for pk in wanted if pk not in own])
        raise
    rows = [{"id": item_id, "status": str(status)} for item_id, status in after.statuses.items()]
    return {"orderitem_set": rows, **versions.told(request.headers, after.orders)}


for _alias in ("order_items", "orderitem_set"):
    for _name in ("bulk_status_update", "bulk_update"):
        router.api_operation(["PATCH", "POST"], f"/{_alias}/{_name}/", operation_id=f"{_alias}_{_name}")(
            rest.needs("oms:write")(bulk_update)
        )
    router.get(f"/{_alias}/", operation_id=f"{_alias}_list")(rest.needs("oms:read")(list_items))
    router.get(f"/{_alias}/{{int:item_id}}/", operation_id=f"{_alias}_read")(
        rest.needs("oms:read")(read_item)
    )
    router.patch(f"/{_alias}/{{int:item_id}}/", operation_id=f"{_alias}_patch")(
        rest.needs("oms:write")(patch_item)
    )


def _plans() -> Any:
    return CancellationPlan.objects.select_related("order__seller")


@router.get("/cancellation_plans/")
@rest.needs("oms:read")
def list_plans(request: HttpRequest) -> Any:
    """Cancellation plans of the seller."""
    return rest.page(
        request,
        visible(_plans(), request.principal),
        queries.plans_json,
        filters=filters.PLANS,
        sort=filters.PLAN_SORT,
        max_limit=1000,
    )


@router.get("/cancellation_plans/{int:plan_id}/")
@rest.needs("oms:read")
def read_plan(request: HttpRequest, plan_id: int) -> Any:
    """One cancellation plan."""
    return queries.plans_json([visible_or_404(_plans(), request.principal, plan_id)])[0]


@router.patch("/cancellation_plans/{int:plan_id}/")
@rest.needs("oms:write")
def patch_plan(request: HttpRequest, plan_id: int, body: PlanAnswer) -> Any:
    """Answer a plan: `confirmed` or `rejected` with the reason, later `completed`."""
    visible_or_404(_plans(), request.principal, plan_id)
    answer_plan(AnswerPlan(plan_id=plan_id, status=body.status, reason=body.reason), now=clock.now())
    accounts.audit(request.principal, "answer_plan", "cancellation_plan", plan_id, {"status": body.status})
    return read_plan(request, plan_id)
