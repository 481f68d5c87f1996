"""Akinon OMS: command services of transfers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from ambar.kit import rest
from ambar.kit.rest.idempotency import Claim
from ambar.oms.commands.calls import run_bulk, run_one, run_with_others
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.commands.transfers.schemas import BulkTransferCommandIn, TransferCommandIn

router = rest.Router()


def _with_others(
    request: HttpRequest, claim: Claim | None, transfer_id: int, body: TransferCommandIn
) -> HttpResponse:
    return run_with_others(request, TRANSFERS, transfer_id, body, claim)


@router.post("/transfer_orders/bulk-command/")
@rest.needs("transfers:command")
@rest.idempotent
def bulk_transfer_command(request: HttpRequest, body: BulkTransferCommandIn) -> Any:
    """One transition on transfers: 200 with a verdict for each; with `Prefer: respond-async`, and for more than 1,000 (up to
    50,000): 202 with a bulk action."""
    return run_bulk(request, TRANSFERS, body.transfers, body)


@router.post("/transfer_orders/{int:transfer_id}/command/")
@rest.needs("transfers:command")
@rest.idempotent(together=_with_others)
def transfer_command(request: HttpRequest, transfer_id: int, body: TransferCommandIn) -> Any:
    """Run a transition on one transfer: 204; 400 wrong state or field, 404 not found or not yours, 406 rule conflict."""
    return run_one(request, TRANSFERS, transfer_id, body)
