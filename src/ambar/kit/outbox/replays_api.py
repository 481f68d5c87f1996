"""`/whisperer/replays/`, `/whisperer/parked_lanes/`, `/whisperer/endpoints/`: what an operator looks at and sets going."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.outbox import queries, registry, shapes
from ambar.kit.outbox.actions import replay_events
from ambar.kit.outbox.actions.ask_endpoint import ask_endpoint
from ambar.kit.outbox.api import LIMIT, READ, WRITE, hooks_router, principal_of
from ambar.kit.outbox.domain.replay_fields import read_replay
from ambar.kit.outbox.models import EndpointHealth, Replay, ReplayState
from ambar.kit.refusals import Invalid, NotFound


def _visible(request: HttpRequest) -> QuerySet[Replay]:
    principal = principal_of(request)
    rows = Replay.objects.all()
    return rows if registry.sees_all(principal) else rows.filter(user_id=principal.user_id)


def _one(request: HttpRequest, replay_id: int) -> Replay:
    found = _visible(request).filter(pk=replay_id).first()
    if found is None:
        accounts.note_foreign(principal_of(request), Replay.objects.all(), replay_id)
        raise NotFound("Not found.")
    return found


_REPLAYS = rest.Filters({"state": rest.choice_in("state", ReplayState.values)})


@hooks_router.get("/replays/")
@rest.needs(READ)
def list_replays(request: HttpRequest) -> dict[str, Any]:
    """Replays with how far they are, newest first."""
    return rest.page(
        request, _visible(request), shapes.replays, filters=_REPLAYS,
        max_limit=LIMIT, default_sort="-id", strict=True,
    )  # fmt: skip


@hooks_router.post("/replays/")
@rest.needs(WRITE)
def add_replay(request: HttpRequest) -> rest.Raw:
    """Send deliveries again by event, event type, hook, record, time, state or answer, oldest first.

    201 with the replay, which runs in the background. With `{"preview": true}` nothing is sent: 200 with `total`.
    """
    body = rest.loads(request.body)
    preview = body.pop("preview", False) if isinstance(body, dict) else False
    if not isinstance(preview, bool):
        raise Invalid(fields={"preview": ["Must be a valid boolean."]})
    wanted = read_replay(body, known_type=registry.is_known, kinds=registry.known_kinds())
    principal = principal_of(request)
    if preview:
        return rest.Raw(
            200, {"wanted": wanted, "total": replay_events.preview_replay(wanted, principal=principal)}
        )
    made = replay_events.start_replay(wanted, principal=principal, now=clock.now())
    accounts.audit(principal, "replay.started", "replay", made.pk, {"wanted": wanted, "total": made.total})
    return rest.Raw(201, shapes.replays([made])[0])


@hooks_router.get("/replays/{int:replay_id}/")
@rest.needs(READ)
def read_one_replay(request: HttpRequest, replay_id: int) -> dict[str, Any]:
    """One replay: `done` of `total` made due, of these `delivered`, `waiting`, `parked`."""
    return shapes.replays([_one(request, replay_id)])[0]


@hooks_router.post("/replays/{int:replay_id}/stop/")
@rest.needs(WRITE)
def stop_replay(request: HttpRequest, replay_id: int) -> dict[str, Any]:
    """Make nothing more due; 406 `replay_100_1` when it is done."""
    found = _one(request, replay_id)
    return shapes.replays([replay_events.stop_replay(found.pk, now=clock.now())])[0]


@hooks_router.post("/replays/{int:replay_id}/resume/")
@rest.needs(WRITE)
def resume_replay(request: HttpRequest, replay_id: int) -> dict[str, Any]:
    """Go on where it was stopped; 406 `replay_100_1` when it is done."""
    found = _one(request, replay_id)
    return shapes.replays([replay_events.resume_replay(found.pk, now=clock.now())])[0]


@hooks_router.get("/parked_lanes/")
@rest.needs(READ)
def list_parked_lanes(request: HttpRequest) -> dict[str, Any]:
    """Lanes that stopped after their last try, oldest first (a thousand at most, all on one page unless `limit` is given): retry `delivery_id`
    to free one."""
    principal = principal_of(request)
    owner = None if registry.sees_all(principal) else principal.user_id
    return rest.page_of(request, queries.parked_lanes(user_id=owner, limit=LIMIT, reader=principal))


@hooks_router.get("/endpoints/")
@rest.needs(READ)
def list_endpoints(request: HttpRequest) -> dict[str, Any]:
    """Endpoints that don't answer, since when, and whether they are paused. What is not here is well."""
    principal = principal_of(request)
    owner = None if registry.sees_all(principal) else principal.user_id
    return rest.page_of(request, queries.ill_endpoints(user_id=owner))


@hooks_router.post("/endpoints/{int:endpoint_id}/try/")
@rest.needs(WRITE)
def try_endpoint(request: HttpRequest, endpoint_id: int) -> rest.Raw:
    """Ask an ill or paused endpoint now instead of at its time: 202."""
    principal = principal_of(request)
    owner = None if registry.sees_all(principal) else principal.user_id
    if endpoint_id not in {one["id"] for one in queries.ill_endpoints(user_id=owner)}:
        accounts.note_foreign(principal, EndpointHealth.objects.all(), endpoint_id)
        raise NotFound("Not found.")
    ask_endpoint(endpoint_id, now=clock.now())
    return rest.Raw(202, {"detail": "It is asked now."})
