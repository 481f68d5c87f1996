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
            stored = before[key].package if key in before else PackageNow(number=key[1])
            after[key], outcome = events.fold(stored, [one.event for one in lanes[key]])
            verdicts += [(key, one.uuid, v) for one, v in zip(lanes[key], outcome, strict=True)]
        ids = _write(before, after, now)
        store.add_history([(ids[key], key[0], uuid, verdict) for key, uuid, verdict in verdicts], now=now)


def _write(
    before: dict[store.Key, store.Stored], after: dict[store.Key, PackageNow], now: datetime
) -> dict[store.Key, int]:
    ids = {key: stored.package_id for key, stored in before.items()}
    logged = {key: package for key, package in after.items() if package.latest is None}
    store.add_tracking(
        {k: p for k, p in logged.items() if p.tracking_numbers != before[k].package.tracking_numbers}
    )
    known = {key: package for key, package in after.items() if _is_with_its_order(before.get(key), package)}
    if known:
        store.write(known, before)
    others = {key: p for key, p in after.items() if p.latest is not None and key not in known}
    if others:
        written = store.upsert(others, now=now)
        ids.update({key: package_id for key, (package_id, _) in written.items()})
        store.retire_defaults([order for _, order in written.values() if order is not None], now=now)
    latest = [(ids[key], key[0], p.latest) for key, p in after.items() if p.latest is not None]
    if latest:
        store.replace_items(latest, now=now)
    return ids


def _is_with_its_order(stored: store.Stored | None, package: PackageNow) -> bool:
    """Whether the package was written for this order before: nothing is to be looked for, and its default is retired."""
    if stored is None or not stored.package.exists or package.latest is None:
        return False
    return stored.order_id is not None and stored.order_id == package.latest.order_id
