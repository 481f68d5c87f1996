"""What every command endpoint does with its call, of whatever kind the records are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.commands.actions.note_foreign import note_foreign
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.domain.verdicts import as_json
from ambar.oms.commands.kinds import Kind
from ambar.oms.commands.schemas import AnyBulkCall, AnyCall
from ambar.oms.packages.queries import location_bounds


def run_one(request: HttpRequest, kind: Kind, record_id: int, body: AnyCall) -> rest.Raw:
    """204; raises the refusal of the record. The body may repeat the record's id under the name of its kind."""
    named = getattr(body, kind.name)
    if named is not None and named != record_id:
        raise Invalid(fields={kind.name: [f"Differs from the {kind.name} of the address."]})
    try:
        run_command(
            record_id,
            kind=kind,
            slug=body.slug,
            transition_id=body.transition,
            parameters=body.model_extra,
            location_ids=location_bounds(request.principal),
            user_id=request.principal.user_id,
            now=clock.now(),
        )
    except NotFound:
        note_foreign(kind, request.principal, [record_id], now=clock.now())
        raise
    return rest.Raw(204)


def run_bulk(request: HttpRequest, kind: Kind, entries: Sequence[Any], body: AnyBulkCall) -> dict[str, Any]:
    """A verdict for each entry: an id, or an object with the id under the kind's name and parameters of its own."""
    ids: list[int] = []
    of_each: dict[int, Mapping[str, Any]] = {}
    for entry in entries:
        bare = isinstance(entry, int)
        record_id = entry if bare else getattr(entry, kind.name)
        ids.append(record_id)
        of_each.setdefault(record_id, (None if bare else entry.model_extra) or body.parameters)
    verdicts = run_many(
        body.slug,
        ids,
        kind=kind,
        transition_id=body.transition,
        parameters=of_each,
        location_ids=location_bounds(request.principal),
        user_id=request.principal.user_id,
        now=clock.now(),
    )
    missing = [verdict.id for verdict in verdicts if isinstance(verdict.refusal, NotFound)]
    note_foreign(kind, request.principal, missing, now=clock.now())
    rows = [as_json(kind.name, verdict) for verdict in verdicts]
    return {
        "done": sum(row["done"] for row in rows),
        "refused": sum(not row["done"] for row in rows),
        "verdicts": rows,
    }
