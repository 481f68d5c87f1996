"""`/whisperer/received_events/`: what other systems sent, whether it was applied, and what was set aside. For who sees the hooks of
all: events of every sender are here."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from ambar.kit import accounts, rest
from ambar.kit.outbox import registry, shapes
from ambar.kit.outbox.actions.take_again import take_again
from ambar.kit.outbox.api import LIMIT, READ, WRITE, hooks_router, principal_of, uuids_of
from ambar.kit.outbox.models import Inbox, InboxState
from ambar.kit.refusals import NotFound

_RECEIVED = rest.Filters(
    {
        "uuid": lambda rows, values: rows.filter(uuid__in=uuids_of(values)),
        "source": rest.exact("source"),
        "event_type": rest.iexact("type"),
        "aggregate": rest.exact("aggregate"),
        "state": rest.choice_in("state", {one.label: one.value for one in InboxState}),
        "late": rest.boolean("late"),
        "received_date__gte": rest.datetime("received_at__gte"),
        "received_date__lt": rest.datetime("received_at__lt"),
    }
)


def _visible(request: HttpRequest) -> QuerySet[Inbox]:
    rows = Inbox.objects.all()
    return rows if registry.sees_all(principal_of(request)) else rows.none()


def _one(request: HttpRequest, received_id: int) -> Inbox:
    found = _visible(request).filter(pk=received_id).first()
    if found is None:
        accounts.note_foreign(principal_of(request), Inbox.objects.all(), received_id)
        raise NotFound("Not found.")
    return found


@hooks_router.get("/received_events/")
@rest.needs(READ)
def list_received(request: HttpRequest) -> dict[str, Any]:
    """Received events, newest first; `state=parked` are those set aside, each with its reason."""
    return rest.page(
        request,
        _visible(request).defer("payload"),
        shapes.received,
        filters=_RECEIVED,
        max_limit=LIMIT,
        default_sort="-id",
        cursor=True,
        strict=True,
    )


@hooks_router.get("/received_events/{int:received_id}/")
@rest.needs(READ)
def read_received(request: HttpRequest, received_id: int) -> dict[str, Any]:
    """One received event with its body as it came."""
    found = _one(request, received_id)
    return {**shapes.received([found])[0], "request_payload": shapes.body_of(found)}


@hooks_router.post("/received_events/{int:received_id}/retry/")
@rest.needs(WRITE)
def take_received_again(request: HttpRequest, received_id: int) -> dict[str, Any]:
    """Apply an event again that was set aside; 406 `inbox_100_1` when it is applied or waits anyhow."""
    found = take_again(_one(request, received_id))
    about = {"uuid": found.uuid.hex, "type": found.type}
    accounts.audit(principal_of(request), "event.taken_again", "received_event", found.pk, about)
    return shapes.received([found])[0]
