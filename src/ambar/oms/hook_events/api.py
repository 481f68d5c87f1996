"""Akinon OMS: webhook event services: publish an event of a record, send an event again, the log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from ambar.kit import accounts, clock, rest
from ambar.kit.outbox import api as hooks
from ambar.kit.outbox.actions.replay_events import preview_replay, start_replay
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.hook_events.actions.publish_event import publish_event

router = rest.Router()


class Instance(rest.Body):
    """A record: its id and its kind, e.g. `package`."""

    pk: rest.Id
    model: str = Field(min_length=1, max_length=60)


class PublishEvent(rest.Body):
    """Which record to send to which hook."""

    hook: rest.Id
    instance: Instance


class ResendEvent(rest.Body):
    """The event to send again."""

    event: UUID


@router.post("/oms_hook_events/publish-event/")
@rest.needs(hooks.WRITE)
def publish(request: HttpRequest, body: PublishEvent) -> rest.Raw:
    """Send a package, transfer, shipment, order or stock location as it stands now to one hook: 202 with the uuid."""
    found = hooks.visible_hooks(request).filter(pk=body.hook).first()
    if found is None:
        raise Invalid(fields={"hook": [f"There is no hook {body.hook}."]})
    made = publish_event(found, model=body.instance.model, pk=body.instance.pk)
    about = {"hook": found.pk, "model": body.instance.model, "pk": body.instance.pk}
    accounts.audit(hooks.principal_of(request), "event.published", "hook_event", made.pk, about)
    return rest.Raw(202, {"id": made.pk, "uuid": made.event.uuid.hex, "event_type": found.event_type})


@router.post("/oms_hook_events/resend-event/")
@rest.needs(hooks.WRITE)
def resend(request: HttpRequest, body: ResendEvent) -> rest.Raw:
    """Send an event again, delivered or not, to every active hook that had it: 202 with the replay. 404 for an unknown uuid, 400 when
    all hooks that had it are off."""
    principal = hooks.principal_of(request)
    wanted = {"event": body.event.hex}
    if not preview_replay(wanted, principal=principal):
        if hooks.visible_deliveries(request).filter(event__uuid=body.event).exists():
            raise Invalid(fields={"event": ["Every hook that had this event is switched off."]})
        raise NotFound("Not found.")
    made = start_replay(wanted, principal=principal, now=clock.now())
    accounts.audit(principal, "replay.started", "replay", made.pk, {"wanted": wanted, "total": made.total})
    return rest.Raw(202, {"event": body.event.hex, "replay": made.pk, "total": made.total})


@router.get("/oms_hook_events/")
@rest.needs(hooks.READ)
def list_events(request: HttpRequest) -> dict[str, Any]:
    """The log of deliveries, as at `/whisperer/hook_events/`."""
    return hooks.deliveries_page(request)


@router.get("/oms_hook_events/{key}/")
@rest.needs(hooks.READ)
def read_event(request: HttpRequest, key: str) -> dict[str, Any]:
    """One delivery by its id or its event's uuid."""
    return hooks.one_delivery(request, key)
