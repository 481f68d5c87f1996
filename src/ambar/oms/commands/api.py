"""Akinon OMS: command services of packages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.commands.actions.note_foreign import note_foreign
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.domain.verdicts import as_json
from ambar.oms.commands.schemas import BulkCommandIn, CommandIn
from ambar.oms.commands.transfers.api import router as transfers_router
from ambar.oms.packages.queries import location_bounds

router = rest.Router()
router.add_router("", transfers_router)


@router.post("/packages/bulk-command/")
@rest.needs("packages:command")
@rest.idempotent
def bulk_command(request: HttpRequest, body: BulkCommandIn) -> Any:
    """One transition on up to 1,000 packages: 200 with a verdict for each; a refused one leaves the others alone."""
    ids: list[int] = []
    parameters: dict[int, dict[str, Any]] = {}
    for entry in body.packages:
        package_id = entry if isinstance(entry, int) else entry.package
        own = {} if isinstance(entry, int) else dict(entry.model_extra or {})
        ids.append(package_id)
        parameters.setdefault(package_id, own or body.parameters)
    verdicts = run_many(
        body.slug,
        ids,
        transition_id=body.transition,
        parameters=parameters,
        location_ids=location_bounds(request.principal),
        user_id=request.principal.user_id,
        now=clock.now(),
    )
    missing = [v.package_id for v in verdicts if isinstance(v.refusal, NotFound)]
    note_foreign(request.principal, missing, action="package.command.foreign", now=clock.now())
    rows = [as_json(verdict) for verdict in verdicts]
    return {
        "done": sum(row["done"] for row in rows),
        "refused": sum(not row["done"] for row in rows),
        "verdicts": rows,
    }


@router.post("/packages/{int:package_id}/command/")
@rest.needs("packages:command")
@rest.idempotent
def command(request: HttpRequest, package_id: int, body: CommandIn) -> Any:
    """Run a transition on one package: 204; 400 wrong state or field, 404 not found or not yours, 406 rule conflict."""
    if body.package is not None and body.package != package_id:
        raise Invalid(fields={"package": ["Differs from the package of the address."]})
    try:
        run_command(
            package_id,
            slug=body.slug,
            transition_id=body.transition,
            parameters=body.model_extra,
            location_ids=location_bounds(request.principal),
            user_id=request.principal.user_id,
            now=clock.now(),
        )
    except NotFound:
        note_foreign(request.principal, [package_id], action="package.command.foreign", now=clock.now())
        raise
    return rest.Raw(204)
