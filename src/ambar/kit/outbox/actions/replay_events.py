"""Sending deliveries again by event, time, record, hook or state: in order, slice by slice, to be stopped and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit import work
from ambar.kit.accounts import Principal
from ambar.kit.outbox import registry, replays_store
from ambar.kit.outbox.events import WAKE
from ambar.kit.outbox.models import Hook, Replay, ReplayState
from ambar.kit.refusals import Conflict, Invalid, NotFound

LOOP = "outbox_replays"
SLICE = 500
UNDER_WAY = 2 * SLICE
"""No more is made due while so many deliveries of the replay wait: stopping it stops what is not yet due."""


class ReplayIsOver(Conflict):
    """The replay is done."""

    code = "replay_100_1"


def hooks_meant(wanted: Mapping[str, Any], *, principal: Principal) -> list[int]:
    """The hooks a replay of this caller may reach: the active ones of its own, everybody's for an administrator.

    :raises Invalid: the named hook is not one of them.
    """
    rows = Hook.objects.filter(is_active=True)
    if not registry.sees_all(principal):
        rows = rows.filter(user_id=principal.user_id)
    if "webhook" in wanted:
        rows = rows.filter(pk=wanted["webhook"])
    found = sorted(rows.values_list("pk", flat=True))
    if "webhook" in wanted and not found:
        raise Invalid(fields={"webhook": ["There is no active hook of this id."]})
    return found


def preview_replay(wanted: Mapping[str, Any], *, principal: Principal) -> int:
    """How many deliveries :func:`start_replay` would send again."""
    hooks = hooks_meant(wanted, principal=principal)
    return replays_store.count(wanted, hooks=hooks, until=replays_store.last_delivery())


def start_replay(wanted: Mapping[str, Any], *, principal: Principal, now: datetime) -> Replay:
    """Notes the replay and wakes the worker. What is recorded after this moment is not part of it.

    :param wanted: as `domain.replay_fields.read_replay` gives it.
    """
    hooks = hooks_meant(wanted, principal=principal)
    until = replays_store.last_delivery()
    made = Replay.objects.create(
        user_id=principal.user_id, hook_ids=hooks, wanted=dict(wanted), until_id=until, created_at=now, modified_at=now,
        total=replays_store.count(wanted, hooks=hooks, until=until),
    )  # fmt: skip
    work.wake(LOOP)
    return made


def run_slice(*, now: Callable[[], datetime], replay_id: int | None = None) -> int:
    """Makes the next slice of a running replay due; how many deliveries. 0: nothing to do, somebody else is at it, or
    enough of it is still under way."""
    if not replays_store.any_running():
        return 0
    with transaction.atomic():
        rows = Replay.objects.select_for_update(skip_locked=True).filter(state=ReplayState.RUNNING)
        rows = rows if replay_id is None else rows.filter(pk=replay_id)
        for found in rows.order_by("id"):
            if replays_store.progress([found.pk])[found.pk].get(0, 0) < UNDER_WAY:
                return _slice(found, now())
    return 0


def _slice(found: Replay, now: datetime) -> int:
    ids = replays_store.make_due(
        found.wanted, replay_id=found.pk, hooks=found.hook_ids, last=found.last_id, until=found.until_id, limit=SLICE
    )  # fmt: skip
    found.done += len(ids)
    found.modified_at = now
    if ids:
        found.last_id = ids[-1]
        work.wake(WAKE)
    if len(ids) < SLICE:
        found.state, found.finished_at = ReplayState.DONE, now
    found.save()
    return len(ids)


def stop_replay(replay_id: int, *, now: datetime) -> Replay:
    """Makes nothing more due; what is due already goes out.

    :raises ReplayIsOver: nothing is left to stop.
    """
    return _turn(replay_id, ReplayState.STOPPED, now)


def resume_replay(replay_id: int, *, now: datetime) -> Replay:
    """Goes on where it was stopped.

    :raises ReplayIsOver: nothing is left to send.
    """
    found = _turn(replay_id, ReplayState.RUNNING, now)
    work.wake(LOOP)
    return found


def _turn(replay_id: int, state: ReplayState, now: datetime) -> Replay:
    with transaction.atomic():
        found = Replay.objects.select_for_update().filter(pk=replay_id).first()
        if found is None:
            raise NotFound("Not found.")
        if found.state == ReplayState.DONE:
            raise ReplayIsOver()
        found.state, found.modified_at = state, now
        found.save(update_fields=["state", "modified_at"])
    return found
