"""Ask carriers for what is due: new parcels, withdrawals, labels and the story of open parcels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson
from django.db import transaction

from ambar.kit import work
from ambar.kit.vault import CannotOpen
from ambar.oms.shipments import carrier_store
from ambar.oms.shipments.carrier_store import Due
from ambar.oms.shipments.domain import story
from ambar.oms.shipments.domain.patience import pause_after
from ambar.oms.shipments.gateways.adapters import adapter_of
from ambar.oms.shipments.gateways.shipment_flow import CarrierFailed, Known
from ambar.oms.shipments.models import Carrier, ShipmentLabel
from ambar.oms.shipments.request_body import request_body
from ambar.oms.states.domain.codes import ShipmentStatus

ASKED_AT_ONCE = 20
POLLED_AT_ONCE = 100
FOLLOW_LOOP = "packages_follow_parcels"


def label_path(shipment_id: int) -> str:
    """Where the label of a parcel is to be had."""
    return f"/api/v1/oms/shipments/{shipment_id}/label/"


def ask_due(*, now: datetime) -> int:
    """Make due parcels known to their carriers, and withdraw those that nobody waits for; how many were taken.

    Each call is outside of any transaction. A process that ends in between leaves the parcel due again after the lease,
    under the same reference, which the carrier recognises.
    """
    due = carrier_store.claim(ASKED_AT_ONCE, polling=False, now=now)
    carriers = _carriers(due)
    for one in due:
        carrier = carriers[one.carrier_id]
        try:
            _ask(one, carrier, now=now)
        except (CarrierFailed, CannotOpen) as failure:
            _note_failure(one, failure, now=now)
    return len(due)


def _ask(one: Due, carrier: Carrier, *, now: datetime) -> None:
    adapter = adapter_of(carrier)
    if one.state == ShipmentStatus.DELETED:
        adapter.delete(one.reference)
        carrier_store.settle(one.id, talk="ended", due_at=None, now=now)
        return
    known = adapter.generate(request_body(one.id, reference=one.reference, carrier_id=carrier.pk))
    take_answer(one.id, known, now=now)
    carrier_store.settle(one.id, talk="known", due_at=now + timedelta(seconds=carrier.poll_seconds), now=now)
    _fetch_label(one, carrier, now=now)


def poll_due(*, now: datetime) -> int:
    """Ask for the story of open parcels, one call per carrier for up to `POLLED_AT_ONCE`; how many were taken."""
    due = carrier_store.claim(POLLED_AT_ONCE, polling=True, now=now)
    for carrier_id, carrier in _carriers(due).items():
        mine = [one for one in due if one.carrier_id == carrier_id]
        try:
            found = adapter_of(carrier).query([one.reference for one in mine])
        except (CarrierFailed, CannotOpen) as failure:
            _wait(mine, carrier, str(failure), now=now)
            continue
        for one in mine:
            _poll(one, carrier, found.get(str(one.reference)), now=now)
    return len(due)


def _poll(one: Due, carrier: Carrier, known: Known | None, *, now: datetime) -> None:
    if known is None:
        _wait([one], carrier, "The carrier does not know this parcel.", now=now)
        return
    state = take_answer(one.id, known, now=now)
    if state in story.FINAL:
        carrier_store.settle(one.id, talk="ended", due_at=None, now=now)
        return
    due_at = now + timedelta(seconds=carrier.poll_seconds)
    carrier_store.settle(one.id, talk="known", due_at=due_at, now=now)
    if not ShipmentLabel.objects.filter(shipment_id=one.id).exists():
        _fetch_label(one, carrier, now=now)


def take_answer(shipment_id: int, known: Known, *, now: datetime) -> str:
    """Write what a carrier says of a parcel, in one short transaction; the parcel's state afterwards.

    Numbers are added, never replaced. Entries that are late or repeated are logged and change nothing.
    """
    with transaction.atomic():
        locked = carrier_store.lock(shipment_id)
        parcel = locked.row
        before: list[str] = orjson.loads(parcel["tracking_numbers"])
        numbers = list(dict.fromkeys([*before, *known.tracking_numbers]))
        if numbers != before or parcel["tracking_url"] != (known.tracking_url or parcel["tracking_url"]):
            values = {
                "awb": numbers[-1] if numbers != before else parcel["awb_number"],
                "numbers": orjson.dumps(numbers).decode(),
                "query": known.query_number,
                "url": known.tracking_url,
                "label": label_path(shipment_id),
            }
            carrier_store.set_numbers(shipment_id, locked, values, now=now)
        state, judged = story.judge(parcel["state"], carrier_store.told_before(shipment_id), known.history)
        carrier_store.keep_entries(shipment_id, judged, now=now)
        if state != parcel["state"]:
            carrier_store.move(shipment_id, state, now=now)
            work.wake(FOLLOW_LOOP)
    return state


def _fetch_label(one: Due, carrier: Carrier, *, now: datetime) -> None:
    """The carrier's own label; without it ours is printed, and the next poll asks again."""
    try:
        content, kind = adapter_of(carrier).label(one.reference)
    except CarrierFailed:
        return
    carrier_store.keep_label(one.id, content, kind, now=now)


def _note_failure(one: Due, failure: CarrierFailed | CannotOpen, *, now: datetime) -> None:
    pause = pause_after(one.attempts) if getattr(failure, "again", False) else None
    carrier_store.settle(
        one.id,
        talk="error" if pause is None else one.talk,
        attempts=one.attempts,
        problem=str(failure),
        due_at=None if pause is None else now + pause,
        now=now,
    )


def _wait(due: Sequence[Due], carrier: Carrier, problem: str, *, now: datetime) -> None:
    """A story that can't be had now is asked for again; a parcel on its way is never given up."""
    for one in due:
        pause = pause_after(one.attempts) or timedelta(seconds=carrier.poll_seconds)
        carrier_store.settle(
            one.id,
            talk="known",
            attempts=one.attempts,
            problem=problem,
            due_at=now + max(pause, timedelta(seconds=carrier.poll_seconds)),
            now=now,
        )


def _carriers(due: Sequence[Due]) -> dict[int, Carrier]:
    return Carrier.objects.in_bulk({one.carrier_id for one in due})
