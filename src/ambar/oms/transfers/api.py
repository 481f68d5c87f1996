"""Akinon OMS: transfer order services, transfer item services."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, rest
from ambar.kit.refusals import NotFound
from ambar.oms.transfers import columns, filters, queries
from ambar.oms.transfers.models import Transfer, TransferItem
from ambar.oms.transfers.schemas import item_json, minimal_json

router = rest.Router()

_SORT = {
    "id": "id",
    "number": "number",
    "created_date": "created_at",
    "modified_date": "modified_at",
    "order_id": "package__order_id",
}


@router.get("/transfer_orders/")
@rest.needs("transfers:read")
def list_transfers(request: HttpRequest) -> Any:
    """Transfers as whole records, newest first; who is bound to a location sees what leaves or reaches it."""
    return rest.page(
        request,
        queries.visible(request.principal),
        lambda rows: queries.full_records(rows, request.principal),
        filters=filters.TRANSFERS,
        sort=_SORT,
        default_sort="-id",
        default_limit=20,
        cursor=True,
        columns=columns.FULL,
    )


@router.get("/transfer_orders/minimal/")
@rest.needs("transfers:read")
def list_transfers_minimal(request: HttpRequest) -> Any:
    """Transfers in short, newest first."""
    return rest.page(
        request,
        queries.minimal(request.principal),
        lambda rows: [minimal_json(row) for row in rows],
        filters=filters.TRANSFERS,
        sort=_SORT,
        default_sort="-id",
        default_limit=20,
        cursor=True,
        columns=columns.MINIMAL,
    )


@router.get("/transfer_orders/{int:transfer_id}/")
@rest.needs("transfers:read")
def get_transfer(request: HttpRequest, transfer_id: int) -> Any:
    """The whole record with `commands`: what this caller may run now, with the schema of its parameters."""
    row = queries.visible(request.principal).filter(pk=transfer_id).first()
    if row is None:
        accounts.note_foreign(request.principal, Transfer.objects.all(), transfer_id)
        raise NotFound("Transfer not found.")
    return queries.full_records([row], request.principal)[0]


@router.get("/transfer-items/")
@rest.needs("transfers:read")
def list_transfer_items(request: HttpRequest) -> Any:
    """Items of transfers: what travels, of which package item, in which state."""
    return rest.page(
        request,
        queries.visible_items(request.principal),
        lambda rows: [item_json(row) for row in rows],
        filters=filters.ITEMS,
        sort={"id": "id", "quantity": "quantity", "created_date": "created_at"},
        default_sort="-id",
        default_limit=20,
        cursor=True,
        columns=columns.ITEMS,
    )


@router.get("/transfer-items/{int:transfer_item_id}/")
@rest.needs("transfers:read")
def get_transfer_item(request: HttpRequest, transfer_item_id: int) -> Any:
    """One item."""
    row = queries.visible_items(request.principal).filter(pk=transfer_item_id).first()
    if row is None:
        accounts.note_foreign(request.principal, TransferItem.objects.all(), transfer_item_id)
        raise NotFound("Transfer item not found.")
    return item_json(row)
