"""Rows of the hook list and of the delivery log. Secrets never reach a screen."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ambar.kit.outbox.models import Attempt, Delivery, DeliveryState, Hook
from ambar.kit.ui.looks import Look

LOOKS = {
    DeliveryState.PENDING: Look(tone="info", shape="ring", word=_("Pending")),
    DeliveryState.DELIVERED: Look(tone="good", shape="check", word=_("Delivered")),
    DeliveryState.PARKED: Look(tone="bad", shape="stop", word=_("Parked")),
}
RETRYING = Look(tone="warn", shape="half", word=_("Retrying"))
ACTIVE = Look(tone="good", shape="disc", word=_("Active"))
INACTIVE = Look(tone="neutral", shape="cross", word=_("Off"))


def look(delivery: Delivery) -> Look:
    """State of a delivery; a pending one that has failed before is retrying."""
    if delivery.state == DeliveryState.PENDING and delivery.attempts:
        return RETRYING
    return LOOKS[DeliveryState(delivery.state)]


def hook_rows(hooks: Sequence[Hook]) -> list[Mapping[str, Any]]:
    """Hooks with what waits and what is parked in each (one statement for all)."""
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
            "href": f"{reverse('webhooks:deliveries')}?hook={hook.pk}",
            "event_type": hook.event_type,
            "target": hook.target_url,
            "state": ACTIVE if hook.is_active else INACTIVE,
            "signed": hook.secret_sealed is not None,
            "waiting": counts.get(hook.pk, {}).get("waiting", 0),
            "parked": counts.get(hook.pk, {}).get("parked", 0),
            "reason": hook.disabled_reason,
            "modified": hook.modified_at,
        }
        for hook in hooks
    ]


def delivery_rows(deliveries: Sequence[Delivery]) -> list[Mapping[str, Any]]:
    """Rows of the log; hook and event come joined."""
    return [
        {
            "id": delivery.pk,
            "href": reverse("webhooks:delivery", args=[delivery.pk]),
            "type": delivery.event.type,
            "about": f"{delivery.kind} {delivery.aggregate_id}",
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


def delivery(pk: int) -> Delivery | None:
    """One delivery with its payload."""
    return Delivery.objects.select_related("hook", "event").filter(pk=pk).first()


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
