"""Apply a set of package events of sellers' OMSs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ambar.seller_center.packages import store
from ambar.seller_center.packages.domain import events
from ambar.seller_center.packages.domain.events import PackageEvent, PackageNow


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One event, in the order it is to be applied."""

    seller_id: int
    uuid: UUID
    event: PackageEvent


def apply_events(received: Sequence[Received], *, now: datetime) -> None:
    """Fold the events into their packages, in one transaction with a fixed number of statements.

    Unknown packages are made (every event carries the whole package); late events are logged and never turn a
    state back; the order's default package is retired. Source: "Integrating OMS with Seller Center", step 3.
    """
    lanes: dict[store.Key, list[Received]] = {}
    for one in received:
        lanes.setdefault((one.seller_id, one.event.number), []).append(one)
    keys = sorted(lanes)
    # What breaks here rolls back whoever called, who keeps a savepoint when it wants to go on: one of our own would be two statements more a set.
    with transaction.atomic(savepoint=False):
        before = store.lock(keys)
        after: dict[store.Key, PackageNow] = {}
        verdicts: list[tuple[store.Key, UUID, events.Verdict]] = []
        for key in keys:
            stored = before.get(key, PackageNow(number=key[1]))
            after[key], outcome = events.fold(stored, [one.event for one in lanes[key]])
            verdicts += [(key, one.uuid, v) for one, v in zip(lanes[key], outcome, strict=True)]
        ids = _write(before, after, now)
        store.add_history([(ids[key], key[0], uuid, verdict) for key, uuid, verdict in verdicts], now=now)


def _write(
    before: dict[store.Key, PackageNow], after: dict[store.Key, PackageNow], now: datetime
) -> dict[store.Key, int]:
    changed = {key: package for key, package in after.items() if package.latest is not None}
    logged = {key: package for key, package in after.items() if package.latest is None}
    ids = store.ids_of(list(logged)) if logged else {}
    store.add_tracking({k: p for k, p in logged.items() if p.tracking_numbers != before[k].tracking_numbers})
    if changed:
        written = store.upsert(changed, now=now)
        ids.update({key: package_id for key, (package_id, _) in written.items()})
        latest = [(written[key][0], key[0], p.latest) for key, p in changed.items() if p.latest is not None]
        store.replace_items(latest, now=now)
        store.retire_defaults([order for _, order in written.values() if order is not None], now=now)
    return ids
