"""Run one transition on any number of transfers: one transaction, a few statements, a verdict each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from ambar.kit import rest
from ambar.kit.ids import uuid7
from ambar.kit.refusals import Invalid
from ambar.oms.commands import registry
from ambar.oms.commands.actions.run_many import ATTEMPTS, parse
from ambar.oms.commands.domain.transfer_verdicts import (
    TransferVerdict,
    other_end,
    repeated,
    unknown,
    wrong_state,
)
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.commands.transfers.sides import may_run, side_of
from ambar.oms.states import queries as states
from ambar.oms.states.domain.fits import require_fit
from ambar.oms.states.registry import fit_of
from ambar.oms.transfers import store as transfers

KIND = "transfer"
_DEADLOCK = "40P01"


def run_transfer_commands(
    slug: str | None,
    transfer_ids: Sequence[int],
    *,
    transition_id: int | None = None,
    parameters: Mapping[int, Mapping[str, Any]] | None = None,
    location_ids: Sequence[int] | None = None,
    user_id: int | None = None,
    now: datetime,
) -> list[TransferVerdict]:
    """Run the transition named by `slug` and/or `transition_id`; verdicts stand in the order of `transfer_ids`.

    `parameters`: per transfer id; `location_ids`: the caller's own locations, None = all. A transfer refused changes
    nothing and does not hold up the others. Raises `Invalid` for an unknown transition, or one whose command does not
    fit its states. A deadlock is tried again when no outer transaction is open.
    """
    transition = _transition(slug, transition_id)
    command = registry.command_of(transition.command_code)
    if command is None:
        raise Invalid(fields={"transition": [f"Unknown command code '{transition.command_code}'."]})
    verdicts: dict[int, TransferVerdict] = {}
    parsed: dict[int, rest.Body] = {}
    for transfer_id in dict.fromkeys(transfer_ids):
        try:
            parsed[transfer_id] = parse(command, (parameters or {}).get(transfer_id, {}))
        except Invalid as refusal:
            verdicts[transfer_id] = TransferVerdict(transfer_id=transfer_id, refusal=refusal)
    verdicts.update(_retried(lambda: _once(command, transition, parsed, location_ids, user_id, now)))
    return _in_order(transfer_ids, verdicts)


def _transition(slug: str | None, transition_id: int | None) -> states.Transition:
    if slug is None and transition_id is None:
        raise Invalid(fields={"transition": ["Give transition or slug."]})
    found = states.transition(KIND, id=transition_id, slug=slug)
    if found is None:
        raise Invalid(
            fields={"slug" if transition_id is None else "transition": ["No such transition of transfers."]}
        )
    fit = fit_of(found.command_code)
    require_fit(fit, code=found.command_code, source=found.source, destination=found.destination)
    return found


def _retried(run: Callable[[], dict[int, TransferVerdict]]) -> dict[int, TransferVerdict]:
    if connection.in_atomic_block:
        return run()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return run()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != _DEADLOCK or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _once(
    command: registry.Command,
    transition: states.Transition,
    parameters: Mapping[int, rest.Body],
    location_ids: Sequence[int] | None,
    user_id: int | None,
    now: datetime,
) -> dict[int, TransferVerdict]:
    if not parameters:
        return {}
    with transaction.atomic():
        locked = transfers.lock(list(parameters), location_ids=location_ids)
        batch = TransferBatch(
            transition=transition,
            locked=locked,
            parameters=parameters,
            user_id=user_id,
            cause=uuid7(now),
            now=now,
        )
        _refuse_misplaced(batch, location_ids)
        if batch.standing:
            command.run(batch)
    return {transfer_id: _verdict(transfer_id, batch, locked) for transfer_id in parameters}


def _refuse_misplaced(batch: TransferBatch, location_ids: Sequence[int] | None) -> None:
    """Refuse what stands in another state, and what the other end has to do."""
    code, source = batch.transition.command_code, batch.transition.source
    for transfer in batch.standing:
        ends = {"source_id": transfer.source_id, "destination_id": transfer.destination_id}
        if not may_run(code, **ends, location_ids=location_ids):
            batch.refuse(transfer.id, other_end(number=transfer.number, side=side_of(code)))
        elif transfer.state != source:
            refusal = wrong_state(now_in=_named(transfer.state), starts_from=_named(source))
            batch.refuse(transfer.id, refusal)


def _verdict(transfer_id: int, batch: TransferBatch, locked: Mapping[int, Any]) -> TransferVerdict:
    if transfer_id not in locked:
        return TransferVerdict(transfer_id=transfer_id, refusal=unknown())
    if transfer_id in batch.refused:
        return TransferVerdict(transfer_id=transfer_id, refusal=batch.refused[transfer_id])
    return TransferVerdict(transfer_id=transfer_id, state=batch.transition.destination)


def _named(state: str) -> str:
    row = states.state_json("TransferStatus", state)
    return f"{row['name']} ({row['enum_value']})"


def _in_order(transfer_ids: Sequence[int], verdicts: Mapping[int, TransferVerdict]) -> list[TransferVerdict]:
    seen: set[int] = set()
    result = []
    for transfer_id in transfer_ids:
        again = transfer_id in seen
        seen.add(transfer_id)
        result.append(
            TransferVerdict(transfer_id=transfer_id, refusal=repeated()) if again else verdicts[transfer_id]
        )
    return result
