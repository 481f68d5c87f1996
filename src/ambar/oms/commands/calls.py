"""What every command endpoint does with its call, of whatever kind the records are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.kit.rest import idempotency
from ambar.oms.commands import bulk_schemas, outside, registry
from ambar.oms.commands.actions import bulk
from ambar.oms.commands.actions.note_foreign import note_foreign
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.actions.run_many import ask_ahead, run_many
from ambar.oms.commands.domain.verdicts import as_json
from ambar.oms.commands.kinds import Kind
from ambar.oms.commands.schemas import AnyBulkCall, AnyCall
from ambar.oms.commands.together import Asked, Call, answer_of, run_together
from ambar.oms.packages.queries import location_bounds
from ambar.oms.states import queries as states

MOST_AT_ONCE = 1000
"""Records of a bulk call that is answered when it is done."""


def run_one(request: HttpRequest, kind: Kind, record_id: int, body: AnyCall) -> rest.Raw:
    """204, or 200 with what the command answers; raises the refusal of the record. The body may repeat the record's id under the name of its kind."""
    _same_record(kind, record_id, body)
    try:
        verdict = run_command(record_id, kind=kind, parameters=body.model_extra, **_by(request, body))
    except NotFound:
        note_foreign(kind, request.principal, [record_id], now=clock.now())
        raise
    return answer_of(verdict)


def run_with_others(
    request: HttpRequest, kind: Kind, record_id: int, body: AnyCall, claim: idempotency.Claim | None
) -> HttpResponse:
    """As `run_one`, together with the calls that come at the same time; for transitions that ask nothing outside."""
    _same_record(kind, record_id, body)
    by = _by(request, body)
    asked = Asked(
        kind=kind,
        slug=by["slug"],
        transition_id=by["transition_id"],
        location_ids=by["location_ids"],
        user_id=by["user_id"],
    )
    call = Call(record_id=record_id, parameters=body.model_extra or {}, claim=claim)
    outcome = run_together(asked, call)
    if isinstance(outcome, HttpResponse):
        return outcome
    if outcome.refusal is None:
        return answer_of(outcome)
    if isinstance(outcome.refusal, NotFound):
        note_foreign(kind, request.principal, [record_id], now=by["now"])
    raise outcome.refusal


def may_ask(kind: Kind, *, slug: str | None, transition_id: int | None = None) -> bool:
    """Whether the transition looks up anything outside before it runs, as this process knew it a second ago.

    The run reads the transition anew, and refuses a record for which nobody was asked in spite of it.
    """
    for row in states.lately_active(kind.name):
        if row.slug == slug or row.id == transition_id:
            command = registry.command_of(row.command_code)
            if command is None or command.before is not None or outside.purposes(row):
                return True
    return False


def ask_one(request: HttpRequest, kind: Kind, record_id: int, body: AnyCall) -> None:
    """Ask outside for what `run_one` is going to need, before its transaction; raises the refusal of a record about
    which nobody needs to be asked."""
    _same_record(kind, record_id, body)
    given = {record_id: body.model_extra or {}}
    refused = ask_ahead(kind=kind, ids=[record_id], parameters=given, **_by(request, body))
    refusal = refused[record_id].refusal if record_id in refused else None
    if refusal is not None and not isinstance(refusal, NotFound):
        raise refusal


def in_background(request: HttpRequest, entries: Sequence[Any]) -> bool:
    """Whether a bulk call is answered at once and carried out later: the caller prefers it, or it names many records."""
    prefers = request.META.get("HTTP_PREFER", "").lower().split(",")
    return len(entries) > MOST_AT_ONCE or any(one.strip() == "respond-async" for one in prefers)


def run_bulk(request: HttpRequest, kind: Kind, entries: Sequence[Any], body: AnyBulkCall) -> Any:
    """A verdict for each entry: an id, or an object with the id under the kind's name and parameters of its own.

    202 with a bulk action instead where it is carried out in the background.
    """
    if in_background(request, entries):
        return _later(request, kind, entries, body)
    ids, of_each = _entries(kind, entries, body)
    ahead = getattr(request, "asked_ahead", None)
    verdicts = run_many(ids=ids, kind=kind, parameters=of_each, ahead=ahead, **_by(request, body))
    missing = [verdict.id for verdict in verdicts if isinstance(verdict.refusal, NotFound)]
    note_foreign(kind, request.principal, missing, now=clock.now())
    rows = [as_json(kind.name, verdict) for verdict in verdicts]
    return {
        "done": sum(row["done"] for row in rows),
        "refused": sum(not row["done"] for row in rows),
        "verdicts": rows,
    }


def run_all(request: HttpRequest, kind: Kind, entries: Sequence[Any], body: AnyBulkCall) -> None:
    """As `run_bulk`, after `ask_bulk` and in the caller's transaction, which the first refusal ends: all of it or nothing."""
    ids, of_each = _entries(kind, entries, body)
    ahead = getattr(request, "asked_ahead", None)
    for verdict in run_many(ids=ids, kind=kind, parameters=of_each, ahead=ahead, **_by(request, body)):
        if verdict.refusal is not None:
            raise verdict.refusal


def _later(request: HttpRequest, kind: Kind, entries: Sequence[Any], body: AnyBulkCall) -> rest.Raw:
    by = _by(request, body)
    made = bulk.start(
        kind,
        [(entry, None) if isinstance(entry, int) else _own(kind, entry) for entry in entries],
        parameters=body.parameters,
        **by,
    )
    ids = list(made.entries.values_list("record_id", flat=True)) if by["location_ids"] is not None else []
    note_foreign(kind, request.principal, ids, now=by["now"])
    where = {"Location": f"/api/v1/oms/bulk-actions/{made.pk}/", "Preference-Applied": "respond-async"}
    return rest.Raw(202, bulk_schemas.actions([made])[0], where)


def _own(kind: Kind, entry: Any) -> tuple[int, Mapping[str, Any] | None]:
    return getattr(entry, kind.name), entry.model_extra or None


def ask_bulk(request: HttpRequest, kind: Kind, entries: Sequence[Any], body: AnyBulkCall) -> None:
    """Ask outside for what `run_bulk` is going to need, before its transaction."""
    ids, of_each = _entries(kind, entries, body)
    refused = ask_ahead(ids=ids, kind=kind, parameters=of_each, **_by(request, body))
    request.asked_ahead = refused  # type: ignore[attr-defined]


def _same_record(kind: Kind, record_id: int, body: AnyCall) -> None:
    named = getattr(body, kind.name)
    if named is not None and named != record_id:
        raise Invalid(fields={kind.name: [f"Differs from the {kind.name} of the address."]})


def _by(request: HttpRequest, body: AnyCall | AnyBulkCall) -> dict[str, Any]:
    """Which transition, by whom, when."""
    return {
        "slug": body.slug,
        "transition_id": body.transition,
        "location_ids": location_bounds(request.principal),
        "user_id": request.principal.user_id,
        "now": clock.now(),
    }


def _entries(
    kind: Kind, entries: Sequence[Any], body: AnyBulkCall
) -> tuple[list[int], dict[int, Mapping[str, Any]]]:
    ids: list[int] = []
    of_each: dict[int, Mapping[str, Any]] = {}
    for entry in entries:
        bare = isinstance(entry, int)
        record_id = entry if bare else getattr(entry, kind.name)
        ids.append(record_id)
        of_each.setdefault(record_id, (None if bare else entry.model_extra) or body.parameters)
    return ids, of_each
