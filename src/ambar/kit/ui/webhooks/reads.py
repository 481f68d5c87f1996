"""Rows of the hook list and of the delivery log. Secrets never reach a screen."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ambar.kit.accounts import Principal
from ambar.kit.masks import masked_address
from ambar.kit.outbox import hook_secrets, queries, registry
from ambar.kit.outbox.models import Attempt, Delivery, DeliveryState, Hook
from ambar.kit.ui.looks import Look

LOOKS = {
    DeliveryState.PENDING: Look(tone="info", shape="ring", word=_("Pending")),
    DeliveryState.DELIVERED: Look(tone="good", shape="check", word=_("Delivered")),
    DeliveryState.PARKED: Look(tone="bad", shape="stop", word=_("Parked")),
    DeliveryState.SUPERSEDED: Look(tone="neutral", shape="arrow", word=_("Superseded")),
}
RETRYING = Look(tone="warn", shape="half", word=_("Retrying"))
ACTIVE = Look(tone="good", shape="disc", word=_("Active"))
INACTIVE = Look(tone="neutral", shape="cross", word=_("Off"))
WELL = Look(tone="good", shape="check", word=_("Answers"))
FAILING = Look(tone="warn", shape="half", word=_("Failing"))
ASTRAY = (404, 405)
"""Answers that say of a hook's address that nothing takes events there."""
KINDS = {
    "package": _("package"),
    "transfer": _("transfer"),
    "shipment": _("shipment"),
    "order": _("order"),
    "stock_location": _("location"),
    "cancellation_plan": _("cancellation plan"),
    "retail_store": _("store"),
}
PAUSED = Look(tone="bad", shape="stop", word=_("Paused"))


def visible_hooks(principal: Principal) -> QuerySet[Hook]:
    """The person's own hooks; everybody's for who oversees them."""
    rows = Hook.objects.all()
    return rows if registry.sees_all(principal) else rows.filter(user_id=principal.user_id)


def owner_of(principal: Principal) -> int | None:
    """Whose hooks alone the person sees; `None` = everybody's."""
    return None if registry.sees_all(principal) else principal.user_id


def search(rows: QuerySet[Hook], text: str, principal: Principal) -> QuerySet[Hook]:
    """Hooks with this text in their event or address. Nobody finds out by searching what is masked for them."""
    address = Q(target_url__icontains=text)
    if not principal.is_superuser:
        others = rows.exclude(user_id=principal.user_id).values_list("pk", "target_url")
        shown = [pk for pk, url in others if text.lower() in masked_address(url).lower()]
        address = Q(pk__in=shown) | (address & Q(user_id=principal.user_id))
    return rows.filter(Q(event_type__icontains=text) | address)


def health(principal: Principal) -> list[dict[str, Any]]:
    """Endpoints of the person's hooks that don't answer, with their look."""
    found = queries.ill_endpoints(user_id=owner_of(principal))
    return [{**one, "look": PAUSED if one["paused_at"] else FAILING} for one in found]


def health_of(target_url: str, ill: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The row of the endpoint this URL lies at, when it is ill."""
    return next(
        (one for one in ill if target_url == one["origin"] or target_url.startswith(f"{one['origin']}/")),
        None,
    )


def look(delivery: Delivery) -> Look:
    """State of a delivery; a pending one that has failed before is retrying."""
    if delivery.state == DeliveryState.PENDING and delivery.attempts:
        return RETRYING
    return LOOKS[DeliveryState(delivery.state)]


def hook_rows(hooks: Sequence[Hook], *, principal: Principal) -> list[Mapping[str, Any]]:
    """Hooks with what waits and what is parked in each, and how their endpoints are (two statements for all)."""
    ill = [{**one, "look": PAUSED if one["paused_at"] else FAILING} for one in queries.ill_endpoints()]
    open_states = (DeliveryState.PENDING, DeliveryState.PARKED)
    counts = {
        row["hook_id"]: row
        for row in Delivery.objects.filter(hook_id__in=[hook.pk for hook in hooks], state__in=open_states)
        .values("hook_id")
        .annotate(
            waiting=Count("id", filter=Q(state=DeliveryState.PENDING)),
            parked=Count("id", filter=Q(state=DeliveryState.PARKED)),
            oldest=Max("due_at"),
        )
    }
    return [
        {
            "id": hook.pk,
            "href": reverse("webhooks:hook", args=[hook.pk]),
            "event_type": hook.event_type,
            "target": hook_secrets.shown_address(hook.target_url, owner_id=hook.user_id, reader=principal),
            "state": ACTIVE if hook.is_active else INACTIVE,
            "endpoint": (health_of(hook.target_url, ill) or {"look": WELL})["look"],
            "signed": hook.secret_sealed is not None,
            "waiting": counts.get(hook.pk, {}).get("waiting", 0),
            "parked": counts.get(hook.pk, {}).get("parked", 0),
            "reason": hook.disabled_reason,
            "modified": hook.modified_at,
        }
        for hook in hooks
    ]


def about_words(kind: str, aggregate_id: int) -> str:
    """A record as people name it, on one line: its kind and its id."""
    return f"{kind_word(kind)}\N{NO-BREAK SPACE}{aggregate_id}"


def kind_word(kind: str) -> str:
    """What a kind of record that events tell about is called; an unknown one stays as it is."""
    return str(KINDS.get(kind, kind))


def delivery_rows(deliveries: Sequence[Delivery]) -> list[Mapping[str, Any]]:
    """Rows of the log; hook and event come joined."""
    return [
        {
            "id": delivery.pk,
            "href": reverse("webhooks:delivery", args=[delivery.pk]),
            "type": delivery.event.type,
            "about": about_words(delivery.kind, delivery.aggregate_id),
            "sequence": delivery.event.sequence,
            "host": urlsplit(delivery.hook.target_url).netloc,
            "state": look(delivery),
            "answer": delivery.last_status or delivery.last_error or None,
            "attempts": delivery.attempts,
            "created": delivery.event.created_at,
        }
        for delivery in deliveries
    ]


def deliveries() -> Any:
    """The log with hook and event, without payloads."""
    return Delivery.objects.select_related("hook", "event").defer("event__payload")


def visible_deliveries(principal: Principal) -> Any:
    """The log of the hooks this person sees."""
    owner = owner_of(principal)
    return deliveries() if owner is None else deliveries().filter(hook__user_id=owner)


def delivery(pk: int, principal: Principal) -> Delivery | None:
    """One delivery of a hook this person sees, with its payload."""
    owner = owner_of(principal)
    rows = Delivery.objects.select_related("hook", "event").filter(pk=pk)
    return (rows if owner is None else rows.filter(hook__user_id=owner)).first()


def parked_lanes(principal: Principal) -> list[Mapping[str, Any]]:
    """Lanes that wait for a person, oldest first."""
    found = queries.parked_lanes(user_id=owner_of(principal), limit=500, reader=principal)
    seen: set[int] = set()
    lanes = []
    for lane in found:
        status = lane["last_status"]
        lanes.append(
            {
                **lane,
                "host": urlsplit(lane["target_url"]).netloc,
                "answer": lane["last_error"] or (f"HTTP {status}" if status else ""),
                "first_of_hook": lane["hook_id"] not in seen,
            }
        )
        seen.add(lane["hook_id"])
    return lanes


def attempts(pk: int) -> list[Attempt]:
    """Tries of a delivery, newest first."""
    return list(Attempt.objects.filter(delivery_id=pk).order_by("-number")[:50])


def about(kind: str, aggregate_id: int, *, limit: int = 50) -> list[Mapping[str, Any]]:
    """Deliveries of the events of one record, newest first, for its own page."""
    found = deliveries().filter(event__kind=kind, event__aggregate_id=aggregate_id).order_by("-id")[:limit]
    return delivery_rows(list(found))


def pretty(payload: str) -> str:
    """The payload indented for reading; as it is when it is not JSON."""
    try:
        return json.dumps(json.loads(payload), ensure_ascii=False, indent=2)
    except ValueError:
        return payload


def parked_count() -> int:
    """Deliveries set aside, over all hooks."""
    return Delivery.objects.filter(state=DeliveryState.PARKED).count()


def retrying_count() -> int:
    """Deliveries that have failed and will be tried again."""
    return Delivery.objects.filter(state=DeliveryState.PENDING, attempts__gt=0).count()
