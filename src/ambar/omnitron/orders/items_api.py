"""Endpoints of order items. Source: Akinon Omnitron, "Sales Channel Order Item", "Order Bulk Status Update"."""

from typing import Any

from ambar.kit import clock, outbox, rest
from ambar.kit.refusals import NotFound
from ambar.omnitron import filters, wire
from ambar.omnitron.channels.queries import channel_or_404
from ambar.omnitron.orders import queries, schemas
from ambar.omnitron.orders.actions.change_items import change_items
from ambar.omnitron.orders.actions.edit_items import add_item, remove_item
from ambar.omnitron.orders.models import OrderItem

router = rest.Router()

FILTERS = rest.Filters(
    {
        "order": filters.keys("order_id"),
        "order__in": filters.keys("order_id"),
        "order_number": filters.exact("order__number"),
        "product": filters.keys("product_id"),
        "status": filters.keys("status"),
        "status__in": filters.keys("status"),
        "tracking_number": filters.exact("tracking_number"),
        "cancel_status": filters.exact("cancel_status"),
        **filters.common(),
    }
)


def _items(channel_id: int | None) -> Any:
    rows = OrderItem.objects.select_related("order")
    return rows if channel_id is None else rows.filter(order__channel_id=channel_or_404(channel_id).pk)


def _listed(request: Any, channel_id: int | None) -> Any:
    return rest.page(
        request,
        _items(channel_id),
        queries.items_json,
        filters=FILTERS,
        max_limit=wire.MAX_LIMIT,
        sort={**filters.SORT, "order": "order_id", "status": "status"},
    )


def _one(pk: int, channel_id: int | None) -> OrderItem:
    row: OrderItem | None = _items(channel_id).filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return row


def _read(pk: int, channel_id: int | None) -> Any:
    return queries.items_json([_one(pk, channel_id)])[0]


def _patch(request: Any, pk: int, channel_id: int | None, body: schemas.ItemFields) -> Any:
    _one(pk, channel_id)
    changes = {pk: body.model_dump(exclude_unset=True)}
    return change_items(changes, now=clock.now(), caller=outbox.caller_of(request))[0]


def _add(body: schemas.OwnItemIn, channel_id: int | None) -> Any:
    row = add_item(body.model_dump(), channel=channel_id, now=clock.now())
    return rest.Raw(201, queries.items_json([row])[0])


def _remove(pk: int, channel_id: int | None) -> Any:
    remove_item(pk, channel=channel_id, now=clock.now())
    return rest.Raw(204)


def _bulk(request: Any, body: schemas.ItemStatusSet) -> Any:
    changes = {
        row.id: {name: getattr(row, name) for name in row.model_fields_set if name != "id"}
        for row in body.orderitem_set
    }
    changed = change_items(changes, now=clock.now(), caller=outbox.caller_of(request))
    return {"orderitem_set": changed}


@router.api_operation(["PATCH", "POST"], "/order_items/bulk_status_update/")
@rest.needs("orders:write")
def bulk_status_update(request: Any, body: schemas.ItemStatusSet) -> Any:
    """All rows or none: an unknown item is 400, a status that goes back 406."""
    return _bulk(request, body)


@router.api_operation(["PATCH", "POST"], "/order_items/bulk_update/")
@rest.needs("orders:write")
def bulk_update(request: Any, body: schemas.ItemStatusSet) -> Any:
    """Another name of `bulk_status_update/`."""
    return _bulk(request, body)


def _serve(path: str) -> None:
    @router.get(f"/{path}/", operation_id=f"{path}_list")
    @rest.needs("orders:read")
    def listed(request: Any) -> Any:
        """Order items of all channels by page."""
        return _listed(request, None)

    @router.get(f"/{path}/{{int:pk}}/", operation_id=f"{path}_read")
    @rest.needs("orders:read")
    def read(request: Any, pk: int) -> Any:
        """One order item."""
        return _read(pk, None)

    @router.patch(f"/{path}/{{int:pk}}/", operation_id=f"{path}_change")
    @rest.needs("orders:write")
    def change(request: Any, pk: int, body: schemas.ItemFields) -> Any:
        """Changes status, tracking or invoice fields of an item and tells `order.updated`."""
        return _patch(request, pk, None, body)


_serve("order_items")
_serve("orderitem_set")


@router.post("/order_items/")
@rest.needs("orders:write")
def create_order_item(request: Any, body: schemas.OwnItemIn) -> Any:
    """Adds an item to an order: 201, and tells `order.updated`."""
    return _add(body, None)


@router.delete("/order_items/{int:pk}/")
@rest.needs("orders:write")
def delete_order_item(request: Any, pk: int) -> Any:
    """Removes an item from its order and tells `order.updated`."""
    return _remove(pk, None)


@router.get("/channel/{int:channel_id}/order_items/")
@rest.needs("orders:read")
def channel_order_items(request: Any, channel_id: int) -> Any:
    """Items of this channel's orders by page."""
    return _listed(request, channel_id)


@router.post("/channel/{int:channel_id}/order_items/")
@rest.needs("orders:write")
def create_channel_order_item(request: Any, channel_id: int, body: schemas.OwnItemIn) -> Any:
    """Adds an item to an order of this channel: 201, and tells `order.updated`."""
    return _add(body, channel_or_404(channel_id).pk)


@router.get("/channel/{int:channel_id}/order_items/{int:pk}/")
@rest.needs("orders:read")
def channel_order_item(request: Any, channel_id: int, pk: int) -> Any:
    """One order item; 404 when its order belongs to another channel."""
    return _read(pk, channel_id)


@router.patch("/channel/{int:channel_id}/order_items/{int:pk}/")
@rest.needs("orders:write")
def patch_channel_order_item(request: Any, channel_id: int, pk: int, body: schemas.ItemFields) -> Any:
    """Changes an item of this channel's order, as `order_items/{pk}/` does."""
    return _patch(request, pk, channel_id, body)


@router.delete("/channel/{int:channel_id}/order_items/{int:pk}/")
@rest.needs("orders:write")
def delete_channel_order_item(request: Any, channel_id: int, pk: int) -> Any:
    """Removes an item of this channel's order and tells `order.updated`."""
    return _remove(pk, channel_or_404(channel_id).pk)
