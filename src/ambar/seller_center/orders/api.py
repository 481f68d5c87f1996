"""`/api/v1/orders/`, and the receivers of the commerce hub's hooks (`/api/v1/omnitron/…`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.outbox import inbox
from ambar.kit.refusals import Invalid
from ambar.seller_center.omnitron_link import queries as omnitron
from ambar.seller_center.orders import filters, queries
from ambar.seller_center.orders.actions.retry_holds import retry_holds as retry_holds_act
from ambar.seller_center.orders.domain import incoming, plans
from ambar.seller_center.orders.jobs import ORDER_EVENTS, PLAN_EVENTS, SOURCE
from ambar.seller_center.orders.models import OrderHold
from ambar.seller_center.orders.schemas import RetryHolds
from ambar.seller_center.sellers.hook_callers import require_signature, token_caller
from ambar.seller_center.sellers.isolation import visible, visible_or_404

router = rest.Router()


@router.get("/orders/", tags=["orders"])
@rest.needs("orders:read")
def list_orders(request: HttpRequest) -> Any:
    """Orders; a seller sees its own, the marketplace owner all."""
    return rest.page(
        request,
        visible(queries.orders(), request.principal),
        queries.own_json,
        filters=filters.ORDERS,
        sort=filters.ORDER_SORT,
        cursor=True,
    )


_HOLDS = rest.Filters({"number": rest.exact("number"), "id__in": rest.id_list("id__in")})


@router.get("/orders/holds/", tags=["orders"])
@rest.needs("marketplace:all")
def list_holds(request: HttpRequest) -> Any:
    """Shop orders held because nobody supplies some of their items."""
    return rest.page(
        request,
        OrderHold.objects.all(),
        queries.holds_json,
        filters=_HOLDS,
    )


@router.post("/orders/holds/retry/", tags=["orders"])
@rest.needs("orders:write")
def retry_holds(request: HttpRequest, body: RetryHolds) -> Any:
    """Take held orders up again, all or the named ones."""
    taken = retry_holds_act(body.ids, now=clock.now())
    accounts.audit(request.principal, "retry_holds", "order_hold", None, {"ids": body.ids})
    return {"created": taken.created, "updated": taken.updated, "held": taken.held}


@router.get("/orders/{int:order_id}/", tags=["orders"])
@rest.needs("orders:read")
def read_order(request: HttpRequest, order_id: int) -> Any:
    """One order in full: the detailed order, and its items' packaging."""
    row = visible_or_404(queries.orders(), request.principal, order_id)
    detail = queries.orders_json([row])[0]
    return {**detail, "upstream_number": row.upstream_number, "items": queries.own_json([row])[0]["items"]}


def _receive(request: HttpRequest, types: tuple[str, ...], read: Callable[[Mapping[str, Any]], Any]) -> Any:
    secrets = omnitron.hook_secrets()
    if token_caller(request, "omnitron:events") is None:
        require_signature(request, secrets)
    envelope = inbox.verify(request, secrets=secrets)
    if envelope.type not in types:
        raise Invalid(fields={"event": {"type": [f"One of {', '.join(types)} is expected here."]}})
    try:
        known = read(envelope.payload), envelope.payload
    except Invalid as error:
        raise Invalid(
            fields={f"payload.{name}": messages for name, messages in error.fields.items()}
        ) from error
    return inbox.keeping(SOURCE, envelope, read=known, now=clock.now()).then(
        lambda kept: rest.Raw(201 if kept[0] else 200, {"uuid": envelope.uuid.hex, "is_new": kept[0]})
    )


@router.post("/omnitron/orders/", tags=["omnitron"])
@rest.public
@rest.receiver
def receive_order(request: HttpRequest) -> Any:
    """Receiver of `order.created` and `order.updated`: stored at once (201, a repeat 200), applied in the background."""
    return _receive(request, ORDER_EVENTS, incoming.order)


@router.post("/omnitron/cancellation-plans/", tags=["omnitron"])
@rest.public
@rest.receiver
def receive_plan(request: HttpRequest) -> Any:
    """Receiver of `cancellation_plan.created` and `.updated`: stored at once, applied in the background."""
    return _receive(request, PLAN_EVENTS, plans.plan)
