"""Run one transition on any number of records: one transaction, a few statements, a verdict each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from pydantic import ValidationError

from ambar.kit import clock, outbox, rest
from ambar.kit.ids import uuid7
from ambar.kit.refusals import Invalid
from ambar.kit.rest import problems
from ambar.oms.commands import outside, registry
from ambar.oms.commands.batch import CommandBatch, NothingAsked
from ambar.oms.commands.domain.verdicts import Verdict, repeated, unknown, wrong_state
from ambar.oms.commands.kinds import PACKAGES, Kind
from ambar.oms.states import queries as states
from ambar.oms.states.domain.fits import require_fit
from ambar.oms.states.registry import fit_of

ATTEMPTS = 3
_DEADLOCK = "40P01"


def run_many(
    slug: str | None,
    ids: Sequence[int],
    *,
    kind: Kind = PACKAGES,
    transition_id: int | None = None,
    parameters: Mapping[int, Mapping[str, Any]] | None = None,
    location_ids: Sequence[int] | None = None,
    user_id: int | None = None,
    ahead: Mapping[int, Verdict] | None = None,
    now: datetime,
) -> list[Verdict]:
    """Run the transition named by `slug` and/or `transition_id`; verdicts stand in the order of `ids`.

    `parameters`: per record id; `location_ids`: the caller's own locations, None = all. A record refused changes
    nothing and does not hold up the others. Raises `Invalid` for an unknown transition, or one whose command does not
    fit its states. A deadlock is tried again when no outer transaction is open.

    What has to be asked outside is asked first, without a transaction; inside an outer one nothing is asked, and
    records without an answer are refused: such a caller calls `ask_ahead` before and hands over what it answered.
    """
    command, transition = chosen(kind, slug, transition_id)
    verdicts, parsed = _parsed(command, ids, parameters)
    if connection.in_atomic_block:
        run, refused = _once, ahead or {}
    else:
        run = _retried
        refused = _ask(kind, command, transition, parsed, location_ids, user_id, now)
    left = {i: given for i, given in parsed.items() if i not in refused}
    verdicts |= refused | run(kind, command, transition, left, location_ids, user_id, now)
    return _in_order(kind, ids, verdicts)


def ask_ahead(
    slug: str | None,
    ids: Sequence[int],
    *,
    kind: Kind = PACKAGES,
    transition_id: int | None = None,
    parameters: Mapping[int, Mapping[str, Any]] | None = None,
    location_ids: Sequence[int] | None = None,
    user_id: int | None = None,
    now: datetime,
) -> dict[int, Verdict]:
    """The asking of `run_many` alone, for callers that then run it inside of a transaction of their own; the verdicts on
    records that the rules refuse, about which nobody was asked."""
    command, transition = chosen(kind, slug, transition_id)
    _, parsed = _parsed(command, ids, parameters)
    return _ask(kind, command, transition, parsed, location_ids, user_id, now)


def _ask(
    kind: Kind,
    command: registry.Command,
    transition: states.Transition,
    parsed: Mapping[int, rest.Body],
    location_ids: Sequence[int] | None,
    user_id: int | None,
    now: datetime,
) -> dict[int, Verdict]:
    """Look up and ask what the command needs from outside. A record that the rules refuse is found by running the
    command and undoing it, and is answered here: nobody is asked for the invoice of a package that can't be packed."""
    if command.before is not None and parsed:
        command.before(parsed, now)
    wanting = {i: given for i, given in parsed.items() if not outside.brings_its_own(given)}
    if not wanting or not outside.purposes(transition):
        return {}
    rehearsed = _retried(kind, command, transition, wanting, location_ids, user_id, now, True)
    refused = {i: verdict for i, verdict in rehearsed.items() if verdict.refusal is not None}
    if len(refused) < len(rehearsed):
        outside.ask(transition, rehearsed.keys() - refused.keys(), now=clock.now)
    return refused


def _parsed(
    command: registry.Command, ids: Sequence[int], parameters: Mapping[int, Mapping[str, Any]] | None
) -> tuple[dict[int, Verdict], dict[int, rest.Body]]:
    verdicts: dict[int, Verdict] = {}
    parsed: dict[int, rest.Body] = {}
    for record_id in dict.fromkeys(ids):
        try:
            parsed[record_id] = parse(command, (parameters or {}).get(record_id, {}))
        except Invalid as refusal:
            verdicts[record_id] = Verdict(id=record_id, refusal=refusal)
    return verdicts, parsed


def chosen(
    kind: Kind, slug: str | None, transition_id: int | None
) -> tuple[registry.Command, states.Transition]:
    """The command and the active transition that `slug` and/or `transition_id` name; raises `Invalid`."""
    transition = _transition(kind, slug, transition_id)
    command = registry.command_of(transition.command_code)
    if command is None:
        raise Invalid(fields={"transition": [f"Unknown command code '{transition.command_code}'."]})
    return command, transition


def _transition(kind: Kind, slug: str | None, transition_id: int | None) -> states.Transition:
    if slug is None and transition_id is None:
        raise Invalid(fields={"transition": ["Give transition or slug."]})
    found = states.transition(kind.name, id=transition_id, slug=slug)
    if found is None:
        field = "slug" if transition_id is None else "transition"
        raise Invalid(fields={field: [f"No such transition of {kind.name}s."]})
    fit = fit_of(found.command_code)
    require_fit(fit, code=found.command_code, source=found.source, destination=found.destination)
    return found


def parse(command: registry.Command, given: Mapping[str, Any]) -> rest.Body:
    """The parameters, checked; raises `Invalid` naming each field."""
    try:
        return command.parameters.model_validate(dict(given))
    except ValidationError as error:
        refused = problems.fields_of(error.errors(include_url=False, include_input=False))
        raise Invalid(fields=refused) from error


def is_deadlock(error: Exception) -> bool:
    """Whether PostgreSQL gave this transaction up for others, so that it may simply be tried again."""
    return getattr(error.__cause__, "sqlstate", None) == _DEADLOCK


def _retried(*arguments: Any) -> dict[int, Verdict]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _once(*arguments)
        except OperationalError as error:
            if not is_deadlock(error) or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _once(
    kind: Kind,
    command: registry.Command,
    transition: states.Transition,
    parameters: Mapping[int, rest.Body],
    location_ids: Sequence[int] | None,
    user_id: int | None,
    now: datetime,
    rehearsal: bool = False,
) -> dict[int, Verdict]:
    """`rehearsal`: all of it is undone, and no answers of services outside are needed."""
    if not parameters:
        return {}
    # Inside of a caller's transaction there is nothing to go back to but its beginning: what fails here fails all of it.
    with transaction.atomic(savepoint=rehearsal):
        locked = kind.lock(list(parameters), location_ids=location_ids)
        batch = kind.batch(
            transition=transition,
            locked=locked,
            parameters=parameters,
            user_id=user_id,
            location_ids=location_ids,
            cause=uuid7(now),
            now=now,
            answers=NothingAsked() if rehearsal else outside.KeptAnswers(transition),
        )
        kind.refuse_others(batch, location_ids)
        _refuse_moved_on(kind, batch)
        batch.answers.take(batch)
        if batch.standing:
            with outbox.together():
                command.run(batch)
        if rehearsal:
            transaction.set_rollback(True)
    return {record_id: _verdict(kind, record_id, batch, locked) for record_id in parameters}


def _refuse_moved_on(kind: Kind, batch: CommandBatch[Any]) -> None:
    source = batch.transition.source
    for record in batch.standing:
        if str(record.state) != source:
            now_in, starts_from = _named(kind, record.state), _named(kind, source)
            batch.refuse(record.id, wrong_state(kind.name, now_in=now_in, starts_from=starts_from))


def _named(kind: Kind, state: object) -> str:
    row = states.state_json(kind.enum_class, state)
    return f"{row['name']} ({row['enum_value']})"


def _verdict(kind: Kind, record_id: int, batch: CommandBatch[Any], locked: Mapping[int, Any]) -> Verdict:
    if record_id not in locked:
        return Verdict(id=record_id, refusal=unknown(kind.name))
    if record_id in batch.refused:
        return Verdict(id=record_id, refusal=batch.refused[record_id])
    return Verdict(id=record_id, state=batch.state_after(record_id), answer=batch.told.get(record_id))


def _in_order(kind: Kind, ids: Sequence[int], verdicts: Mapping[int, Verdict]) -> list[Verdict]:
    seen: set[int] = set()
    result = []
    for record_id in ids:
        again = record_id in seen
        seen.add(record_id)
        result.append(Verdict(id=record_id, refusal=repeated(kind.name)) if again else verdicts[record_id])
    return result
