"""Take one package event from a seller's OMS: checked and kept; applied in the background."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit.gathering import Left
from ambar.kit.outbox import inbox
from ambar.kit.refusals import Invalid
from ambar.seller_center.packages import store
from ambar.seller_center.packages.actions.apply_events import Received, apply_events
from ambar.seller_center.packages.domain import events, states
from ambar.seller_center.packages.domain.events import PackageEvent, PackageNow


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the OMS is told: the package's number and status, and whether the package is new here."""

    number: str
    status: int
    is_new: bool
    is_rehearsal: bool = False


def receive_event(
    envelope: inbox.Envelope, *, seller_id: int, types: tuple[str, ...], now: datetime
) -> Answer | Left[Any, Any, Any, Answer]:
    """The event to be kept unless its uuid is known, with others of its bundle. Errors: `Invalid` naming the field.

    The status answered is what the package will have once the event is applied: the present one for a repeat or an
    older event. A rehearsal (`test: true` in the payload) is checked and applied like any other, then rolled back.
    """
    if not any(envelope.type == t or (t.endswith("*") and envelope.type.startswith(t[:-1])) for t in types):
        raise Invalid(fields={"event": {"type": [f"{envelope.type} is not taken here: {', '.join(types)}."]}})
    event = events.package_event(envelope.type, envelope.payload, sequence=envelope.sequence)
    if envelope.payload.get("test") is True:
        return _rehearse(Received(seller_id=seller_id, uuid=envelope.uuid, event=event), now=now)
    envelope = replace(envelope, sequence=event.sequence, aggregate=f"package:{event.number}")

    def kept(one: tuple[bool, PackageNow]) -> Answer:
        new, before = one
        if not new:
            store.count_repeat(seller_id, envelope.type)
        return _answer(before, event, is_repeat=not new)

    return store.keeping((seller_id, event.number), envelope, event, now=now).then(kept)


def _rehearse(received: Received, *, now: datetime) -> Answer:
    """Apply the event to see that it can be, and leave nothing behind."""
    event = received.event
    with transaction.atomic():
        apply_events([received], now=now)
        transaction.set_rollback(True)
    status = states.status_of(event.state)
    return Answer(number=event.number, status=status, is_new=False, is_rehearsal=True)


def _answer(before: PackageNow, event: PackageEvent, *, is_repeat: bool) -> Answer:
    if is_repeat:
        state = before.state if before.exists else event.state
        return Answer(number=event.number, status=states.status_of(state), is_new=False)
    after, _ = events.fold(before, [event])
    return Answer(number=event.number, status=states.status_of(after.state), is_new=not before.exists)
