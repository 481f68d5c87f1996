"""`/whisperer/`: hooks, the log of deliveries, the outbox rows. Its lists refuse unknown parameters at every system, whatever the
system's other lists do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.accounts import Principal
from ambar.kit.masks import masked_address
from ambar.kit.outbox import registry, shapes
from ambar.kit.outbox.actions.retry_delivery import retry_delivery
from ambar.kit.outbox.actions.save_hook import change_hook, create_hook, switch_off
from ambar.kit.outbox.domain.hook_fields import read_hook
from ambar.kit.outbox.models import Delivery, DeliveryState, Hook
from ambar.kit.refusals import Invalid, NotFound
from ambar.kit.rest.filters import Filter, read_boolean, read_integer
from ambar.kit.text import is_digits

READ, WRITE = "hooks:read", "hooks:write"
LIMIT = 1000

hooks_router = rest.Router()


def _target_url(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    """By the address as it was set or as it is shown to others: whoever reads it masked finds the hook by what they read."""
    asked = {value.lower() for value in values if "****" in value}
    rows = queryset.values_list("pk", "target_url") if asked else ()
    shown = [pk for pk, url in rows if masked_address(url).lower() in asked]
    wanted = Q(pk__in=shown)
    for value in values:
        wanted |= Q(target_url__iexact=value)
    return queryset.filter(wanted)


_HOOKS = rest.Filters(
    {
        "target_url": _target_url,
        "event_type": rest.iexact("event_type"),
        "is_active": rest.boolean("is_active"),
    }
)


def _delivered(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    wanted = {read_boolean(value) for value in values}
    if len(wanted) == 2:
        return queryset
    done = DeliveryState.DELIVERED
    return queryset.filter(state=done) if True in wanted else queryset.exclude(state=done)


def uuids_of(values: list[str]) -> list[UUID]:
    """The values of a filter `uuid`."""
    try:
        return [UUID(value) for value in values]
    except ValueError as error:
        raise Invalid(fields={"uuid": ["Must be a UUID."]}) from error


def _uuid(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    return queryset.filter(event__uuid__in=uuids_of(values))


def _answered(read: Callable[[str], int]) -> Filter:
    """By the last answer as the log shows it: a try that got none counts as 500."""

    def narrow(queryset: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
        wanted = {read(value) for value in values}
        found = Q(last_status__in=wanted)
        return queryset.filter(found | Q(last_status=0, attempts__gt=0) if 500 in wanted else found)

    return narrow


_EVENTS = rest.Filters(
    {
        "uuid": _uuid,
        "event_type": rest.iexact("event__type"),
        "response_http_status": _answered(read_integer),
        "delivered": _delivered,
        "state": rest.choice_in("state", {one.label: one.value for one in DeliveryState}),
        "object_id": rest.integer("aggregate_id"),
        "content_type": rest.exact("kind"),
        "webhook": rest.integer("hook_id"),
        "created_date": rest.datetime("event__created_at"),
        **{
            f"created_date__{step}": rest.datetime(f"event__created_at__{step}")
            for step in ("gt", "gte", "lt", "lte")
        },
    }
)

_QUEUES = rest.Filters(
    {
        "event_type": rest.iexact("event__type"),
        "object_id": rest.integer("aggregate_id"),
        "model_name": rest.iexact("kind"),
    }
)


def principal_of(request: HttpRequest) -> Principal:
    """Who calls."""
    found: Principal = request.principal  # type: ignore[attr-defined]
    return found


def visible_hooks(request: HttpRequest) -> QuerySet[Hook]:
    """The caller's own hooks; everybody's for an administrator."""
    principal = principal_of(request)
    rows = Hook.objects.all()
    return rows if registry.sees_all(principal) else rows.filter(user_id=principal.user_id)


def visible_deliveries(request: HttpRequest) -> QuerySet[Delivery]:
    """The log of the hooks the caller sees."""
    principal = principal_of(request)
    rows = Delivery.objects.select_related("event", "hook")
    return rows if registry.sees_all(principal) else rows.filter(hook__user_id=principal.user_id)


def _hook(request: HttpRequest, hook_id: int) -> Hook:
    found = visible_hooks(request).filter(pk=hook_id).first()
    if found is None:
        accounts.note_foreign(principal_of(request), Hook.objects.all(), hook_id)
        raise NotFound("Not found.")
    return found


def _delivery(request: HttpRequest, key: str) -> Delivery:
    rows = visible_deliveries(request)
    is_number = is_digits(key) and len(key) < 19
    if is_number:
        found = rows.filter(pk=int(key)).first()
    else:
        try:
            found = rows.filter(event__uuid=UUID(key)).order_by("id").first()
        except ValueError:
            found = None
    if found is None:
        if is_number:
            accounts.note_foreign(principal_of(request), Delivery.objects.all(), int(key))
        raise NotFound("Not found.")
    return found


@hooks_router.get("/hooks/")
@rest.needs(READ)
def list_hooks(request: HttpRequest) -> dict[str, Any]:
    """All hooks for an administrator, else the caller's own."""
    return rest.page(
        request,
        visible_hooks(request),
        partial(shapes.hooks, principal=principal_of(request)),
        filters=_HOOKS,
        max_limit=LIMIT,
        strict=True,
        sort={
            "id": "id",
            "event_type": "event_type",
            "created_date": "created_at",
            "modified_date": "modified_at",
        },
    )


@hooks_router.post("/hooks/")
@rest.needs(WRITE)
def add_hook(request: HttpRequest) -> rest.Raw:
    """201 with the hook; 406 `webhook_100_2` when user, URL and event are already registered."""
    principal = principal_of(request)
    fields = read_hook(rest.loads(request.body), partial=False, known_type=registry.is_known)
    made = create_hook(fields, user_id=principal.user_id, now=clock.now())
    return rest.Raw(201, shapes.hook(made, principal=principal))


@hooks_router.get("/hooks/registry/")
@rest.needs(READ)
def list_types(request: HttpRequest) -> list[str]:
    """The known event types, a plain array: all of them, whatever `page` and `limit` say."""
    rest.refuse_unknown(request, known=("limit", "page"))
    return registry.known_types()


@hooks_router.get("/hooks/{int:hook_id}/")
@rest.needs(READ)
def read_one_hook(request: HttpRequest, hook_id: int) -> dict[str, Any]:
    """A hook, also an inactive one."""
    return shapes.hook(_hook(request, hook_id), principal=principal_of(request))


@hooks_router.patch("/hooks/{int:hook_id}/")
@rest.needs(WRITE)
def patch_hook(request: HttpRequest, hook_id: int) -> dict[str, Any]:
    """Changes the given fields."""
    return _changed(request, hook_id, partial_change=True)


@hooks_router.put("/hooks/{int:hook_id}/")
@rest.needs(WRITE)
def put_hook(request: HttpRequest, hook_id: int) -> dict[str, Any]:
    """Like PATCH, with the required fields required."""
    return _changed(request, hook_id, partial_change=False)


def _changed(request: HttpRequest, hook_id: int, *, partial_change: bool) -> dict[str, Any]:
    principal = principal_of(request)
    hook = _hook(request, hook_id)
    fields = read_hook(rest.loads(request.body), partial=partial_change, known_type=registry.is_known)
    return shapes.hook(change_hook(hook.pk, fields, now=clock.now(), by=principal), principal=principal)


@hooks_router.delete("/hooks/{int:hook_id}/")
@rest.needs(WRITE)
def delete_hook(request: HttpRequest, hook_id: int) -> rest.Raw:
    """204; the hook is only switched off."""
    switch_off(_hook(request, hook_id).pk, now=clock.now())
    return rest.Raw(204, b"")


@hooks_router.get("/hook_events/")
@rest.needs(READ)
def list_deliveries(request: HttpRequest) -> dict[str, Any]:
    """The log of deliveries, newest first."""
    return deliveries_page(request)


def deliveries_page(request: HttpRequest) -> dict[str, Any]:
    """A page of the log, for every address that shows it."""
    return rest.page(
        request,
        visible_deliveries(request),
        partial(shapes.deliveries, principal=principal_of(request)),
        filters=_EVENTS,
        max_limit=LIMIT,
        default_sort="-id",
        cursor=True,
        strict=True,
    )


@hooks_router.get("/hook_events/{key}/")
@rest.needs(READ)
def read_delivery(request: HttpRequest, key: str) -> dict[str, Any]:
    """One delivery by its id, or the first of an event by the event's uuid."""
    return one_delivery(request, key)


def one_delivery(request: HttpRequest, key: str) -> dict[str, Any]:
    """One delivery as the log shows it, for every address that shows it."""
    return shapes.deliveries([_delivery(request, key)], principal=principal_of(request))[0]


@hooks_router.post("/hook_events/{key}/retry/")
@rest.needs(WRITE)
def retry(request: HttpRequest, key: str) -> dict[str, Any]:
    """Sends again; 406 `event_100_3` when delivered, `event_100_6` when still retrying and not forced."""
    delivery = _delivery(request, key)
    body = rest.loads(request.body) if request.body else {}
    force = body.get("force", False) if isinstance(body, dict) else None
    if not isinstance(force, bool):
        raise Invalid(fields={"force": ["Must be a valid boolean."]})
    return shapes.retried(retry_delivery(delivery.pk, force=force))


@hooks_router.get("/event_queues/")
@rest.needs(READ)
def list_queue(request: HttpRequest) -> dict[str, Any]:
    """Outbox rows whose first try is still to come."""
    rows = visible_deliveries(request).filter(state=DeliveryState.PENDING, attempts=0)
    return rest.page(request, rows, shapes.queued, filters=_QUEUES, max_limit=LIMIT, strict=True)
