"""Endpoints of orders. Source: Akinon Omnitron, "Orders", "Update Order and Order Item", "Create Orders"."""

from typing import Any

from django.db.models import F

from ambar.kit import clock, ids, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.kit.rest import strict_json
from ambar.omnitron import filters, wire
from ambar.omnitron.channels.queries import channel_or_404
from ambar.omnitron.orders import items_api, queries, schemas
from ambar.omnitron.orders.actions.mark_sent import mark_sent
from ambar.omnitron.orders.actions.take_orders import take_orders
from ambar.omnitron.orders.domain.status import parse
from ambar.omnitron.orders.models import Order

router = rest.Router()
router.add_router("", items_api.router)

BULK = 500


def status_filter(field: str) -> filters.Filter:
    """Statuses by code or name, comma-separated or repeated."""

    def apply(rows: Any, values: list[str]) -> Any:
        try:
            wanted = [parse(part.strip()) for part in ",".join(values).split(",") if part.strip()]
        except Invalid as refusal:
            raise ValueError(refusal.fields["status"][0]) from refusal
        return rows.filter(**{f"{field}__in": wanted})

    return apply


FILTERS = rest.Filters(
    {
        "number": filters.exact("number"),
        "number__exact": filters.exact("number"),
        "number__in": filters.text_list("number"),
        "channel": filters.keys("channel_id"),
        "channel_id": filters.keys("channel_id"),
        "channel__in": filters.keys("channel_id"),
        "customer": filters.keys("customer_id"),
        "status": status_filter("status"),
        "status__in": status_filter("status"),
        "is_send": filters.boolean("is_send"),
        "cargo_company": filters.keys("cargo_company_id"),
        **{
            f"date_placed__{comparison}": filters.moment(f"date_placed__{comparison}")
            for comparison in ("gt", "gte", "lt", "lte")
        },
        **filters.common(),
    }
)
SORT = {**filters.SORT, "number": "number", "date_placed": "date_placed", "status": "status"}


def _orders(channel_id: int | None) -> Any:
    if channel_id is None:
        return Order.objects.all()
    return Order.objects.filter(channel_id=channel_or_404(channel_id).pk)


def _listed(request: Any, rows: Any) -> Any:
    return rest.page(
        request,
        rows,
        lambda page: [queries.order_json(row) for row in page],
        filters=FILTERS,
        max_limit=wire.MAX_LIMIT,
        sort=SORT,
        cursor=True,
    )


def _one(pk: int, channel_id: int | None) -> Order:
    row: Order | None = _orders(channel_id).filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return row


def _number() -> str:
    """Sixteen digits, as the numbers in the public samples."""
    return str(10**15 + ids.uuid7().int % (9 * 10**15))


def _take_one(body: Any) -> Order:
    [verdict] = take_orders([body], numbers=_number, now=clock.now())
    if verdict["result"] == "refused":
        raise Invalid(fields=verdict["errors"])
    if verdict["result"] == "exists":
        raise Invalid(fields={"number": ["order with this channel and number already exists."]})
    return Order.objects.get(pk=verdict["id"])


@router.get("/orders/")
@rest.needs("orders:read")
def orders(request: Any) -> Any:
    """Orders of all channels by page, relations as keys."""
    return _listed(request, _orders(None))


@router.get("/orders/count/")
@rest.needs("orders:read")
def orders_count(request: Any) -> Any:
    """How many orders there are: `{count}`."""
    return {"count": Order.objects.count()}


@router.post("/orders/")
@rest.needs("orders:write")
@rest.idempotent
def create_order(request: Any) -> Any:
    """A whole order in one body: items, customer and addresses by key or written out."""
    return rest.Raw(201, queries.detailed([_take_one(strict_json.loads(request.body)).pk])[0])


@router.post("/orders/bulk/")
@rest.needs("orders:write")
@rest.idempotent
def orders_bulk(request: Any) -> Any:
    """`{"orders": [...]}`, up to 500; a verdict per order: created, exists or refused with its reasons."""
    rows = wire.rows_of(request, "orders", BULK)
    return wire.verdicts(take_orders(rows, numbers=_number, now=clock.now()))


@router.get("/orders/detailed/")
@rest.needs("orders:read")
def orders_detailed(request: Any) -> Any:
    """Like the list, with everything nested as hooks carry it."""
    return rest.page(
        request,
        _orders(None),
        lambda page: queries.detailed([row.pk for row in page]),
        filters=FILTERS,
        max_limit=500,
        sort=SORT,
    )


@router.get("/orders/{int:pk}/")
@rest.needs("orders:read")
def order(request: Any, pk: int) -> Any:
    """One order, relations as keys."""
    return queries.order_json(_one(pk, None))


@router.get("/orders/{int:pk}/detailed/")
@rest.needs("orders:read")
def order_detailed(request: Any, pk: int) -> Any:
    """One order with everything nested, as hooks carry it."""
    return queries.detailed([_one(pk, None).pk])[0]


@router.get("/orders_integration/{int:pk}/detailed_integration/")
@rest.needs("orders:read")
def order_integration(request: Any, pk: int) -> Any:
    """The same as `orders/{pk}/detailed/`, under the name integrations ask for."""
    return queries.detailed([_one(pk, None).pk])[0]


@router.get("/order_number/")
@rest.needs("orders:read")
def order_by_number(request: Any) -> Any:
    """Orders by `number`, as a list: a number is unique within its channel only."""
    return _listed(request, _orders(None))


@router.patch("/orders/{int:pk}/")
@rest.needs("orders:write")
def patch_order(request: Any, pk: int, body: schemas.OrderPatch) -> Any:
    """Notes whether the order was taken over (`is_send`); nothing else of an order can be changed here."""
    return queries.order_json(mark_sent(pk, body.is_send, channel=None, now=clock.now()))


@router.get("/channel/{int:channel_id}/orders/")
@rest.needs("orders:read")
def channel_orders(request: Any, channel_id: int) -> Any:
    """Orders of this channel by page, relations as keys."""
    return _listed(request, _orders(channel_id))


@router.get("/channel/{int:channel_id}/orders/updates/")
@rest.needs("orders:read")
def channel_order_updates(request: Any, channel_id: int) -> Any:
    """Orders that changed after they were taken."""
    return _listed(request, _orders(channel_id).filter(modified_at__gt=F("created_at")))


@router.get("/channel/{int:channel_id}/orders/{int:pk}/")
@rest.needs("orders:read")
def channel_order(request: Any, channel_id: int, pk: int) -> Any:
    """One order; 404 when it belongs to another channel."""
    return queries.order_json(_one(pk, channel_id))


@router.patch("/channel/{int:channel_id}/orders/{int:pk}/")
@rest.needs("orders:write")
def patch_channel_order(request: Any, channel_id: int, pk: int, body: schemas.OrderPatch) -> Any:
    """Notes whether an order of this channel was taken over (`is_send`)."""
    channel_or_404(channel_id)
    return queries.order_json(mark_sent(pk, body.is_send, channel=channel_id, now=clock.now()))


@router.post("/channel/{int:channel_id}/create_orders/")
@rest.needs("orders:write")
def create_orders(request: Any, channel_id: int) -> Any:
    """`{"order": {...}, "order_item": [...]}` with relations as keys; answers the order."""
    channel_or_404(channel_id)
    body = strict_json.loads(request.body)
    if not isinstance(body, dict) or not isinstance(body.get("order"), dict):
        raise Invalid(fields={"order": ["This field is required."]})
    row = {**body["order"], "channel": channel_id, "items": body.get("order_item")}
    return rest.Raw(201, queries.order_json(_take_one(row)))
