"""Akinon OMS: command services of transfers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.commands.actions.note_foreign_transfers import note_foreign_transfers
from ambar.oms.commands.actions.run_transfer_command import run_transfer_command
from ambar.oms.commands.actions.run_transfer_commands import run_transfer_commands
from ambar.oms.commands.domain.transfer_verdicts import as_json
from ambar.oms.commands.transfers.schemas import BulkTransferCommandIn, TransferCommandIn
from ambar.oms.packages.queries import location_bounds

router = rest.Router()
FOREIGN = "transfer.command.foreign"


@router.post("/transfer_orders/bulk-command/")
@rest.needs("transfers:command")
@rest.idempotent
def bulk_transfer_command(request: HttpRequest, body: BulkTransferCommandIn) -> Any:
    """One transition on up to 1,000 transfers: 200 with a verdict for each; a refused one leaves the others alone."""
    ids: list[int] = []
    parameters: dict[int, dict[str, Any]] = {}
    for entry in body.transfers:
        transfer_id = entry if isinstance(entry, int) else entry.transfer
        own = {} if isinstance(entry, int) else dict(entry.model_extra or {})
        ids.append(transfer_id)
        parameters.setdefault(transfer_id, own or body.parameters)
    verdicts = run_transfer_commands(
        body.slug,
        ids,
        transition_id=body.transition,
        parameters=parameters,
        location_ids=location_bounds(request.principal),
        user_id=request.principal.user_id,
        now=clock.now(),
    )
    missing = [v.transfer_id for v in verdicts if isinstance(v.refusal, NotFound)]
    note_foreign_transfers(request.principal, missing, action=FOREIGN, now=clock.now())
    rows = [as_json(verdict) for verdict in verdicts]
    return {
        "done": sum(row["done"] for row in rows),
        "refused": sum(not row["done"] for row in rows),
        "verdicts": rows,
    }


@router.post("/transfer_orders/{int:transfer_id}/command/")
@rest.needs("transfers:command")
@rest.idempotent
def transfer_command(request: HttpRequest, transfer_id: int, body: TransferCommandIn) -> Any:
    """Run a transition on one transfer: 204; 400 wrong state or field, 404 not found or not yours, 406 rule conflict."""
    if body.transfer is not None and body.transfer != transfer_id:
        raise Invalid(fields={"transfer": ["Differs from the transfer of the address."]})
    try:
        run_transfer_command(
            transfer_id,
            slug=body.slug,
            transition_id=body.transition,
            parameters=body.model_extra,
            location_ids=location_bounds(request.principal),
            user_id=request.principal.user_id,
            now=clock.now(),
        )
    except NotFound:
        note_foreign_transfers(request.principal, [transfer_id], action=FOREIGN, now=clock.now())
        raise
    return rest.Raw(204)
