"""Decide stored decisions again and compare: the proof that a release still plans as before."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ambar.oms.planning.domain import recording
from ambar.oms.planning.domain.engine import plan
from ambar.oms.planning.models import Decision
from ambar.oms.planning.remembering import Snapshots, Unreadable

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One decision: `verdict` is same, different, unreadable or manual (a person decided; nothing to repeat). `version` is
    that of its record's form, None where it cannot be told.
    """

    decision_id: int
    order_id: int
    verdict: str
    reason: str = ""
    version: int | None = None


def replay(*, after: int = 0, order_id: int | None = None) -> Iterator[Replayed]:
    """Every decision with an id above `after`, oldest first, or those of one order. Reads only, in chunks of flat memory.

    A decision is the same when everything its plan says is, bit for bit (`recording.digest`); one made by an earlier
    version of the record when it made the same packages (`recording.outcome`).
    """
    snapshots = Snapshots()
    while True:
        rows = Decision.objects.filter(pk__gt=after).order_by("pk")
        if order_id is not None:
            rows = rows.filter(order_id=order_id)
        chunk = list(rows[:CHUNK])
        if not chunk:
            return
        snapshots.load(chunk)
        for row in chunk:
            yield _one(row, snapshots)
        after = chunk[-1].pk


def count(*, after: int = 0, order_id: int | None = None) -> int:
    """How many decisions `replay` will go through."""
    rows = Decision.objects.filter(pk__gt=after)
    return (rows if order_id is None else rows.filter(order_id=order_id)).count()


def _one(row: Decision, snapshots: Snapshots) -> Replayed:
    verdict, reason, version = "manual", "", None
    try:
        version = row.record.get("v")
        if row.outcome != "manual":
            verdict, reason = _compare(row, snapshots)
    except KeyError as error:
        verdict, reason = "unreadable", f"snapshot or field {error} is missing"
    except (recording.UnknownVersion, Unreadable) as refused:
        verdict, reason = "unreadable", str(refused)
    except (ValueError, TypeError, LookupError, zlib.error) as error:
        verdict, reason = "unreadable", f"{type(error).__name__}: {error}"
    return Replayed(
        decision_id=row.pk, order_id=row.order_id, verdict=verdict, reason=reason, version=version
    )


def _compare(row: Decision, snapshots: Snapshots) -> tuple[str, str]:
    world = snapshots.world(row)
    again = plan(world.order, world.rules, world.view, world.now)
    before = row.record
    if before["v"] != recording.VERSION:
        same = recording.outcome(before) == recording.outcome(again.record)
        return ("same", "") if same else ("different", "other packages than before")
    if recording.digest(again) == row.digest:
        return "same", ""
    if recording.outcome(before) != recording.outcome(again.record):
        return "different", "other packages than before"
    return "different", "the same packages for other reasons"
