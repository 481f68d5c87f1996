"""Bulk actions: one transition on up to 50,000 records, slice by slice in the background, each record once.

Source: `docs/decisions/0042-bulk-actions.md`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from ambar.kit import turn, work
from ambar.kit.refusals import Conflict, NotFound, Refusal
from ambar.oms.commands.actions.run_many import ask_ahead, chosen, run_many
from ambar.oms.commands.domain.verdicts import Verdict, as_json
from ambar.oms.commands.kinds import PACKAGES, Kind
from ambar.oms.commands.models import BulkAction, BulkEntry
from ambar.oms.commands.transfers.kind import TRANSFERS

LOOP = "bulk_actions"
SLICE = 200
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (PACKAGES, TRANSFERS)}
Now = Callable[[], datetime]
log = logging.getLogger(__name__)


class ActionOver(Conflict):
    """This action is over; nothing is left to cancel or resume."""

    code = "bulk_action_over"


class Failed(Refusal):
    """The record could not be handled, by no fault of the caller; the log of the worker tells more."""

    code = "failed"


def start(
    kind: Kind,
    entries: Iterable[tuple[int, Mapping[str, Any] | None]],
    *,
    slug: str | None,
    transition_id: int | None,
    parameters: Mapping[str, Any],
    location_ids: Sequence[int] | None,
    user_id: int | None,
    now: datetime,
) -> BulkAction:
    """Keep (record id, parameters of its own) for the worker. A record named twice has one turn, with its first parameters.

    Raises `Invalid` for an unknown transition; everything else is told record by record in the outcome.
    """
    _, transition = chosen(kind, slug, transition_id)
    once: dict[int, Mapping[str, Any] | None] = {}
    for record_id, own in entries:
        once.setdefault(record_id, own)
    with transaction.atomic():
        made = BulkAction.objects.create(
            kind=kind.name,
            slug=transition.slug,
            transition_id=transition.id,
            parameters=dict(parameters),
            location_ids=None if location_ids is None else sorted(location_ids),
            records=len(once),
            created_by=user_id,
            created_at=now,
        )
        BulkEntry.objects.bulk_create(
            (BulkEntry(of=made, record_id=record_id, parameters=own) for record_id, own in once.items()),
            batch_size=5000,
        )
        work.wake(LOOP)
    return made


def run_slice(*, now: Now, action_id: int | None = None) -> int:
    """Carry out the next slice of the oldest open action nobody else works at (or of one); how many records, 0 = none.

    Services outside are asked first, without a transaction. What the records became and what is told of them is one
    transaction, so the slice of a killed worker is either whole or taken again from the start.
    """
    rows = BulkAction.objects.filter(state__in=BulkAction.OPEN)
    for pk in (
        rows.filter(**({} if action_id is None else {"pk": action_id})).order_by("pk").values_list("pk")[:20]
    ):
        with turn.only_one(f"bulk action {pk[0]}") as mine:
            if mine and (count := _next_slice(pk[0], now)):
                return count
    return 0


def cancel(action_id: int, *, now: datetime) -> None:
    """Stop after the slice under way; what is done stays, what is left can be resumed. Raises `ActionOver`."""
    _turn(action_id, BulkAction.OPEN, BulkAction.CANCELLED, now=now)


def resume(action_id: int, *, now: datetime) -> None:
    """Go on where a cancelled action stopped. Raises `ActionOver`."""
    _turn(action_id, (BulkAction.CANCELLED,), BulkAction.WAITING, now=now)


def purge(*, before: datetime) -> int:
    """Forget actions that ended before; how many."""
    return BulkAction.objects.filter(finished_at__lt=before).delete()[1].get("oms_commands.BulkAction", 0)


def _turn(action_id: int, states: Sequence[str], state: str, *, now: datetime) -> None:
    with transaction.atomic():
        row = BulkAction.objects.select_for_update().filter(pk=action_id).first()
        if row is None:
            raise NotFound("Not found.")
        if row.state == state:
            return
        if row.state not in states:
            raise ActionOver()
        row.state = state
        row.finished_at = now if state == BulkAction.CANCELLED else None
        row.save(update_fields=["state", "finished_at"])
        if state == BulkAction.WAITING:
            work.wake(LOOP)


def _next_slice(action_id: int, now: Now) -> int:
    action = BulkAction.objects.get(pk=action_id)
    waiting = list(BulkEntry.objects.filter(of=action, verdict__isnull=True).order_by("pk")[:SLICE])
    if action.state in BulkAction.OPEN:
        _carry_out(action, waiting, now)
    return len(waiting)


def _carry_out(action: BulkAction, entries: Sequence[BulkEntry], now: Now) -> None:
    try:
        ahead = _asked(action, entries, now())
        with transaction.atomic():
            _keep(action, entries, lambda: _run(action, entries, ahead, now()), now())
    except OperationalError:
        raise  # the database is away, or others were in the way: the slice is taken again
    except Exception:
        if len(entries) > 1:
            for entry in entries:
                _carry_out(action, [entry], now)
            return
        log.exception("bulk action %s: %s %s failed", action.pk, action.kind, entries[0].record_id)
        failed = Verdict(id=entries[0].record_id, refusal=Failed())
        with transaction.atomic():
            _keep(action, entries, lambda: [failed], now())


def _given(action: BulkAction, entries: Iterable[BulkEntry]) -> dict[int, Mapping[str, Any]]:
    return {
        entry.record_id: action.parameters if entry.parameters is None else entry.parameters
        for entry in entries
    }


def _by(action: BulkAction, now: datetime) -> dict[str, Any]:
    return {
        "kind": KINDS[action.kind],
        "transition_id": action.transition_id,
        "location_ids": action.location_ids,
        "user_id": action.created_by,
        "now": now,
    }


def _asked(action: BulkAction, entries: Sequence[BulkEntry], now: datetime) -> Mapping[int, Verdict]:
    given = _given(action, entries)
    try:
        return ask_ahead(None, list(given), parameters=given, **_by(action, now))
    except Refusal:
        return {}  # told when it runs


def _run(
    action: BulkAction, entries: Sequence[BulkEntry], ahead: Mapping[int, Verdict], now: datetime
) -> list[Verdict]:
    given = _given(action, entries)
    try:
        return run_many(None, list(given), parameters=given, ahead=ahead, **_by(action, now))
    except Refusal as refusal:  # the transition was switched off or changed meanwhile
        return [Verdict(id=record_id, refusal=refusal) for record_id in given]


_TELL = """
UPDATE oms_commands_bulkentry e SET verdict = w.verdict::jsonb, is_done = w.is_done
  FROM unnest(%s::bigint[], %s::text[], %s::bool[]) AS w(record_id, verdict, is_done)
 WHERE e.of_id = %s AND e.record_id = w.record_id"""


def _keep(
    action: BulkAction, entries: Sequence[BulkEntry], run: Callable[[], list[Verdict]], now: datetime
) -> None:
    """Run, and write what became of each record, unless the action was stopped meanwhile."""
    row = BulkAction.objects.select_for_update().get(pk=action.pk)
    if row.state not in BulkAction.OPEN:
        return
    told = [as_json(action.kind, verdict) for verdict in run()] if entries else []
    with connection.cursor() as cursor:
        cursor.execute(
            _TELL,
            [
                [one[action.kind] for one in told],
                [json.dumps(one) for one in told],
                [one["done"] for one in told],
                action.pk,
            ],
        )
    row.done += sum(one["done"] for one in told)
    row.refused += sum(not one["done"] for one in told)
    row.state = BulkAction.RUNNING
    if row.done + row.refused == row.records:
        row.state, row.finished_at = BulkAction.DONE, now
    row.save(update_fields=["done", "refused", "state", "finished_at"])
