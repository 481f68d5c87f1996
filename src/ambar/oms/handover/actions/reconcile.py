"""Compare with the Seller Center and repair what differs: step by step, each step whole or not done, resumable anywhere.

waiting → comparing (digests, place by place) → looking (each differing record on both sides) → ready (the preview) → applying →
checking (the other side has it) → done. Source: `docs/decisions/0043-reconciliation.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ambar.kit import turn, work
from ambar.kit.agreement import Place, Sum, differing, disagreeing
from ambar.kit.agreement.asking import FIELDS, STATUSES
from ambar.kit.refusals import Conflict as RuleConflict
from ambar.kit.refusals import NotFound
from ambar.oms.handover import queries, store
from ambar.oms.handover.actions.look import look, still_differ
from ambar.oms.handover.actions.repair import repair
from ambar.oms.handover.domain import authority
from ambar.oms.handover.gateways import seller_center
from ambar.oms.handover.gateways.seller_center import Older, SellerCenter, Silent, Unknowable
from ambar.oms.handover.models import Conflict, Reconciliation
from ambar.oms.handover.sides import DEEPEST, ORDERS, PACKAGES, Ours, Theirs, order_place
from ambar.oms.upstream import configured

LOOP = "handover"
LOOKED_AT_ONCE = 100
PATIENCE = timedelta(seconds=60)
"""How long a repair may take to arrive at the other side, counted from the last one that did."""
KIND = {PACKAGES: authority.PACKAGE, ORDERS: authority.ORDER}
UNKNOWN = {
    (PACKAGES, FIELDS): Reconciliation.FIELDS_UNKNOWN,
    (ORDERS, FIELDS): Reconciliation.ORDERS_UNKNOWN,
    (ORDERS, STATUSES): Reconciliation.STATUSES_UNKNOWN,
}
"""What is said when the other side does not know so many of a record's fields."""
Now = Callable[[], datetime]


class ReconciliationOver(RuleConflict):
    """This reconciliation is over, or not ready for that."""

    code = "reconciliation_over"


def start(*, apply: bool, user_id: int | None, now: datetime) -> Reconciliation:
    """Begin a comparison; with `apply` what differs is repaired without asking again. Wakes the worker."""
    with transaction.atomic():
        made = Reconciliation.objects.create(apply=apply, created_by=user_id, created_at=now, moved_at=now)
        work.wake(LOOP)
    return made


def apply(reconciliation_id: int, *, now: datetime) -> None:
    """Repair what a finished comparison has found. Errors: `NotFound`, `ReconciliationOver`."""
    _turn(reconciliation_id, (Reconciliation.READY,), Reconciliation.APPLYING, now=now, apply=True)


def cancel(reconciliation_id: int, *, now: datetime) -> None:
    """Stop after the step under way; it can be resumed. Errors: `NotFound`, `ReconciliationOver`."""
    _turn(reconciliation_id, Reconciliation.OPEN, Reconciliation.CANCELLED, now=now)


def resume(reconciliation_id: int, *, now: datetime) -> None:
    """Go on with a stopped or failed one where it was. Errors: `NotFound`, `ReconciliationOver`."""
    _turn(reconciliation_id, (Reconciliation.CANCELLED, Reconciliation.FAILED), "", now=now)


def _turn(reconciliation_id: int, states: Sequence[str], state: str, *, now: datetime, **more: Any) -> None:
    with transaction.atomic():
        row = Reconciliation.objects.select_for_update().filter(pk=reconciliation_id).first()
        if row is None:
            raise NotFound("Not found.")
        if row.state not in states:
            raise ReconciliationOver()
        for name, value in more.items():
            setattr(row, name, value)
        if state == Reconciliation.CANCELLED:
            row.stopped_in, row.finished_at = row.state, now
        else:
            row.finished_at = None
        row.state = state or row.stopped_in or Reconciliation.WAITING
        row.error, row.moved_at = "", now
        row.save()
        work.wake(LOOP)


def run_step(*, now: Now, reconciliation_id: int | None = None) -> int:
    """The next step of the oldest open reconciliation nobody else works at (or of one): 1, or 0 when there was nothing to do."""
    rows = Reconciliation.objects.filter(state__in=Reconciliation.OPEN)
    if reconciliation_id is not None:
        rows = rows.filter(pk=reconciliation_id)
    for (pk,) in rows.order_by("pk").values_list("pk")[:20]:
        with turn.only_one(f"reconciliation {pk}") as mine:
            if mine and _step(pk, now):
                return 1
    return 0


def _step(reconciliation_id: int, now: Now) -> bool:
    row = Reconciliation.objects.get(pk=reconciliation_id)
    if row.state not in Reconciliation.OPEN:
        return False
    steps = {
        Reconciliation.WAITING: _begin,
        Reconciliation.COMPARING: _compare,
        Reconciliation.LOOKING: _look,
        Reconciliation.APPLYING: _apply,
        Reconciliation.CHECKING: _check,
    }
    try:
        with seller_center.connected() as center:
            return steps[row.state](row, center, now)
    except Unknowable as problem:
        _save(row, now(), state=Reconciliation.DONE, unknown=[*row.unknown, str(problem)])
    except Silent as problem:
        _save(row, now(), state=Reconciliation.FAILED, stopped_in=row.state, error=str(problem))
    return True


def _save(row: Reconciliation, now: datetime, *, requests: int = 0, **values: Any) -> None:
    """Write a step's outcome, unless the reconciliation was stopped meanwhile: then only what was counted."""
    with transaction.atomic():
        stored = Reconciliation.objects.select_for_update().get(pk=row.pk)
        if stored.state != row.state:
            values.pop("state", None)
        for name, value in values.items():
            setattr(stored, name, value)
        stored.requests += requests
        stored.moved_at = now
        if stored.state in (Reconciliation.DONE, Reconciliation.FAILED, Reconciliation.READY):
            stored.finished_at = now
        stored.save()


def _begin(row: Reconciliation, center: SellerCenter, now: Now) -> bool:
    """Compare the coarsest digests; what differs is to do. What slipped here differs whatever the digests say."""
    source = configured.order_source()
    todo: list[list[str]] = []
    total = alike = 0
    for kind in (ORDERS, PACKAGES):
        theirs = _their_sums(row, kind, center)
        ours = Ours(kind, source, fields=_fields(row, kind)).sums(())
        wrong = differing(ours, theirs)
        total += max(sum(one.count for one in ours.values()), sum(one.count for one in theirs.values()))
        alike += sum(one.count for place, one in ours.items() if place not in wrong)
        todo += [[kind, place] for place in dict.fromkeys(_unit(kind, place) for place in wrong)]
    with transaction.atomic():
        store.keep_seen(row.pk, authority.PACKAGE, queries.slipped(), now=now())
        _save(
            row, now(), requests=center.requests, state=Reconciliation.COMPARING, todo=todo, rows=total, compared=alike,
            unknown=row.unknown,
        )  # fmt: skip
    return True


def _their_sums(row: Reconciliation, kind: str, center: SellerCenter) -> Mapping[Place, Sum]:
    """The coarsest digests there, of as much of each record as it can tell; what it can't is noted in `unknown`."""
    missing: list[str] = []
    for fields in range(DEEPEST[kind], 0, -1):
        try:
            theirs = Theirs(kind, center, fields=fields).sums(())
        except Older:
            missing = [UNKNOWN[kind, fields]]
        else:
            break
    else:
        theirs = Theirs(kind, center, fields=0).sums(())
    row.unknown = [*row.unknown, *missing]
    return theirs


def _fields(row: Reconciliation, kind: str) -> int:
    """How much of each record is compared."""
    if kind == PACKAGES:
        return FIELDS if row.compares_fields else 0
    if row.compares_order_statuses:
        return STATUSES
    return FIELDS if row.compares_order_fields else 0


def _unit(kind: str, place: Place) -> str:
    """What is compared in one step: a day of packages, so that a package that changed its state is one find; a range of orders."""
    return place[0] if kind == PACKAGES else place[-1]


def _compare(row: Reconciliation, center: SellerCenter, now: Now) -> bool:
    if not row.todo:
        _save(row, now(), state=Reconciliation.LOOKING)
        return True
    kind, unit = row.todo[0]
    place: Place = (unit,) if kind == PACKAGES else order_place(unit, ())
    keys: set[str] = set()
    rows = 0
    fields = _fields(row, kind)
    ours, theirs = Ours(kind, configured.order_source(), fields=fields), Theirs(kind, center, fields=fields)
    for step in disagreeing(ours, theirs, place):
        keys |= step.keys
        rows += step.rows
    with transaction.atomic():
        store.keep_seen(row.pk, KIND[kind], keys, now=now())
        _save(
            row,
            now(),
            requests=center.requests,
            todo=row.todo[1:],
            compared=min(row.rows, row.compared + rows),
        )
    return True


def _look(row: Reconciliation, center: SellerCenter, now: Now) -> bool:
    """Look at differing records on both sides: orders first. What agrees after all, or is on its way, is let go."""
    batch = _some(row, Conflict.SEEN)
    if not batch:
        found = Conflict.objects.filter(of=row).count()
        state = Reconciliation.APPLYING if row.apply else Reconciliation.READY
        _save(row, now(), state=state if found else Reconciliation.DONE, found=found)
        return True
    under_way = look(batch, center, fields=_fields(row, ORDERS))
    _save(row, now(), requests=center.requests, under_way=row.under_way + under_way)
    return True


def _apply(row: Reconciliation, center: SellerCenter, now: Now) -> bool:
    batch = _some(row, Conflict.OPEN)
    if not batch:
        _save(row, now(), state=Reconciliation.CHECKING, refused=_count(row, Conflict.REFUSED))
        return True
    repair(batch, center, now=now())
    _save(row, now(), requests=center.requests, refused=_count(row, Conflict.REFUSED))
    return True


def _check(row: Reconciliation, center: SellerCenter, now: Now) -> bool:
    """See whether repairs have arrived; false when none has since the last look, and there is time to wait."""
    left = list(Conflict.objects.filter(of=row, state=Conflict.APPLIED).order_by("pk"))
    settled = 0
    waited = now() - row.moved_at > PATIENCE
    for first in range(0, len(left), LOOKED_AT_ONCE):
        batch = left[first : first + LOOKED_AT_ONCE]
        kinds = [[one for one in batch if one.kind == kind] for kind in (authority.ORDER, authority.PACKAGE)]
        wrong = {
            one.pk
            for rows in kinds
            if rows
            for one in still_differ(rows, center, fields=_fields(row, ORDERS))
        }
        arrived = [one.pk for one in batch if one.pk not in wrong]
        Conflict.objects.filter(pk__in=arrived).update(state=Conflict.REPAIRED, repaired_at=now())
        settled += len(arrived)
        if not arrived and not waited:
            break  # what was done first arrives first; all of it is looked at before giving up
    if settled == len(left) or (waited and not settled):
        Conflict.objects.filter(of=row, state=Conflict.APPLIED).update(
            state=Conflict.UNCONFIRMED, reason="The other side does not have it yet."
        )
        _save(
            row, now(), requests=center.requests, state=Reconciliation.DONE, repaired=_count(row, Conflict.REPAIRED),
            unconfirmed=_count(row, Conflict.UNCONFIRMED),
        )  # fmt: skip
        return True
    if settled:
        _save(row, now(), requests=center.requests, repaired=_count(row, Conflict.REPAIRED))
    return settled > 0


def _some(row: Reconciliation, state: str) -> list[Conflict]:
    """The next records in a state, all of one kind, orders first."""
    rows = Conflict.objects.filter(of=row, state=state)
    for kind in (authority.ORDER, authority.PACKAGE):
        found = list(rows.filter(kind=kind).order_by("pk")[:LOOKED_AT_ONCE])
        if found:
            return found
    return []


def _count(row: Reconciliation, state: str) -> int:
    return Conflict.objects.filter(of=row, state=state).count()
