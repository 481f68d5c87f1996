"""Run single commands that come at the same time in one transaction.

`docs/decisions/0056-commands-together.md`. A command alone and one of fifty are the same act: what is refused leaves the
others alone, and each caller has its own answer under its own `Idempotency-Key`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import HttpResponse

from ambar.kit import clock, rest
from ambar.kit.gathering import Gathering
from ambar.kit.rest import idempotency
from ambar.oms.commands.actions.run_many import ATTEMPTS, is_deadlock, run_many
from ambar.oms.commands.domain.verdicts import Verdict
from ambar.oms.commands.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What calls have in common that run together; `location_ids` are the caller's own locations, None = all."""

    kind: Kind
    slug: str | None
    transition_id: int | None
    location_ids: tuple[int, ...] | None
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One record's command, and the key it was sent with."""

    record_id: int
    parameters: Mapping[str, Any] = field(default_factory=dict)
    claim: idempotency.Claim | None = None


Outcome = Verdict | HttpResponse
"""What became of the record, or the answer that was given under the key before."""


def run_together(asked: Asked, call: Call) -> Outcome:
    """Run the command on the record, with others that come meanwhile; inside of a transaction of the caller, alone in it."""
    if connection.in_atomic_block:
        outcome = _at_once(asked, [call])[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
    return _gathering.ask(asked, call)


def _carry_out(asked: Asked, calls: Sequence[Call]) -> Sequence[Outcome | Exception]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _at_once(asked, calls)
        except (OperationalError, InterfaceError) as error:
            if not is_deadlock(error) or attempt == ATTEMPTS:
                return [error] * len(calls)
        except Exception as error:
            # What one of them broke must not fail the others.
            return [error] if len(calls) == 1 else [_carry_out(asked, [call])[0] for call in calls]
    raise AssertionError("unreachable")


def _at_once(asked: Asked, calls: Sequence[Call]) -> list[Outcome | Exception]:
    """All of them in one transaction. What stays of it are the commands that were not refused, and their keys."""
    with transaction.atomic():
        now = clock.now()
        claimed = idempotency.claim([call.claim for call in calls if call.claim is not None], now=now)
        known = {call.record_id: call.claim for call in calls if call.claim and call.claim not in claimed}
        running = [call for call in calls if call.record_id not in known]
        done = _run(asked, running, now)
        refused = [call for call in running if done[call.record_id].refusal is not None]
        if len(refused) == len(running):
            transaction.set_rollback(True)
        else:
            _keep_answers(running, done, claimed)
            idempotency.let_go([claimed[call.claim] for call in refused if call.claim is not None])
    return [_replayed(known[i]) if (i := call.record_id) in known else done[i] for call in calls]


def _run(asked: Asked, calls: Sequence[Call], now: datetime) -> dict[int, Verdict]:
    if not calls:
        return {}
    verdicts = run_many(
        asked.slug,
        [call.record_id for call in calls],
        kind=asked.kind,
        transition_id=asked.transition_id,
        parameters={call.record_id: call.parameters for call in calls},
        location_ids=asked.location_ids,
        user_id=asked.user_id,
        now=now,
    )
    return {verdict.id: verdict for verdict in verdicts}


def _keep_answers(
    calls: Sequence[Call], done: Mapping[int, Verdict], claimed: Mapping[idempotency.Claim, int]
) -> None:
    for call in calls:
        verdict = done[call.record_id]
        if call.claim is not None and verdict.answer is not None and verdict.refusal is None:
            idempotency.keep(claimed[call.claim], answer_of(verdict))


def answer_of(verdict: Verdict) -> rest.Raw:
    """204, or 200 with what the command answers."""
    return rest.Raw(204) if verdict.answer is None else rest.Raw(200, verdict.answer)


def _replayed(claim: idempotency.Claim) -> Outcome | Exception:
    try:
        return idempotency.again(claim)
    except Exception as error:
        return error


def _apart(call: Call) -> Sequence[Hashable]:
    """A record's commands run one after the other, and so do the calls under one key."""
    return (call.record_id,) if call.claim is None else (call.record_id, call.claim.key)


_gathering: Gathering[Asked, Call, Outcome] = Gathering(
    _carry_out, apart=_apart, before_waiting=lambda: connection.close()
)
