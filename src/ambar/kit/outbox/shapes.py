"""Hooks, deliveries and outbox rows as JSON objects, keys in the documented order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from ambar.kit import vault
from ambar.kit.accounts import Principal
from ambar.kit.outbox import hook_secrets, replays_store
from ambar.kit.outbox.models import Attempt, Delivery, DeliveryState, Hook, Inbox, InboxState, Replay


def hooks(rows: Sequence[Hook], *, principal: Principal) -> list[dict[str, Any]]:
    """Hook objects; secrets, also those in the address, in clear only where the caller is the owner."""
    return [hook(row, principal=principal) for row in rows]


def hook(row: Hook, *, principal: Principal) -> dict[str, Any]:
    """One hook object of the documented twelve keys."""
    own = row.user_id == principal.user_id
    secret = None if row.secret_sealed is None else vault.open(row.secret_sealed)
    turn = hook_secrets.opened if own else hook_secrets.masked
    headers, config = turn(row.additional_headers, row.config)
    return {
        "id": row.pk,
        "retry_countdown_config": row.retry_countdown_config,
        "created_date": row.created_at,
        "modified_date": row.modified_at,
        "target_url": hook_secrets.shown_address(row.target_url, owner_id=row.user_id, reader=principal),
        "is_active": row.is_active,
        "secret_key": secret if own or secret is None else vault.mask(secret),
        "event_type": row.event_type,
        "callback": row.callback,
        "additional_headers": headers,
        "config": config,
    }


def deliveries(rows: Sequence[Delivery], *, principal: Principal) -> list[dict[str, Any]]:
    """Delivery log objects; `rows` come with their event and hook."""
    tries: dict[int, list[Attempt]] = defaultdict(list)
    for one in Attempt.objects.filter(delivery_id__in=[row.pk for row in rows]).order_by("-number"):
        tries[one.delivery_id].append(one)
    return [_delivery(row, tries[row.pk], principal) for row in rows]


def _delivery(row: Delivery, tries: list[Attempt], principal: Principal) -> dict[str, Any]:
    event, last = row.event, tries[0] if tries else None
    envelope = {"type": event.type, "uuid": event.uuid.hex}
    return {
        "id": row.pk,
        "webhook": hook(row.hook, principal=principal),
        "created_date": event.created_at,
        "modified_date": last.at if last else event.created_at,
        "uuid": event.uuid.hex,
        "request_payload": {"event": envelope, "payload": orjson.loads(event.payload)},
        "response_content": last.response if last else "",
        "response_http_status": _status(last),
        "response_time": last.took_ms / 1000 if last else None,
        "delivered": row.state == DeliveryState.DELIVERED,
        "request_datetimes": [one.at for one in tries],
        "retry_count": row.attempts,
        "object_id": str(row.aggregate_id),
        "content_type": row.kind,
        "state": DeliveryState(row.state).label,
        "error": row.last_error,
        "due_date": row.due_at if row.state == DeliveryState.PENDING else None,
        "sequence": event.sequence,
    }


def _status(last: Attempt | None) -> int | None:
    # A network failure counts as 500 in the documented log.
    return None if last is None else (last.status or 500)


def retried(row: Delivery) -> dict[str, Any]:
    """The answer to a retry: what is known until the new try has been made."""
    last = Attempt.objects.filter(delivery_id=row.pk).order_by("-number").first()
    return {
        "detail": "The event will be sent again" + ("." if row.hook.is_active else " once its hook is on."),
        "response_status": _status(last),
        "response_content": last.response if last else "",
        "delivered": False,
        "response_time": last.took_ms / 1000 if last else None,
    }


def replays(rows: Sequence[Replay]) -> list[dict[str, Any]]:
    """Replays with how far they are (one statement for all). `counted_elsewhere`: deliveries of it that were under
    way already, or have since been sent again by a later replay and count with that."""
    states = replays_store.progress([row.pk for row in rows])
    return [
        {
            "id": row.pk,
            "state": row.state,
            "wanted": row.wanted,
            "hooks": row.hook_ids,
            "total": row.total,
            "done": row.done,
            "delivered": states[row.pk].get(DeliveryState.DELIVERED, 0),
            "waiting": states[row.pk].get(DeliveryState.PENDING, 0),
            "parked": states[row.pk].get(DeliveryState.PARKED, 0),
            "superseded": states[row.pk].get(DeliveryState.SUPERSEDED, 0),
            "counted_elsewhere": max(0, row.done - sum(states[row.pk].values())),
            "created_date": row.created_at,
            "modified_date": row.modified_at,
            "finished_date": row.finished_at,
        }
        for row in rows
    ]


def queued(rows: Sequence[Delivery]) -> list[dict[str, Any]]:
    """Outbox rows whose first try is still to come."""
    return [
        {
            "id": row.pk,
            "created_date": row.event.created_at,
            "modified_date": row.event.created_at,
            "uuid": row.event.uuid.hex,
            "hook_id": row.hook_id,
            "event_type": row.event.type,
            "app_label": None,
            "model_name": row.kind,
            "object_id": str(row.aggregate_id),
            "instance_dict": {},
        }
        for row in rows
    ]


def received(rows: Sequence[Inbox]) -> list[dict[str, Any]]:
    """Received events; `reason`: why one was set aside, or is tried again later."""
    return [
        {
            "id": row.pk,
            "source": row.source,
            "uuid": row.uuid.hex,
            "event_type": row.type,
            "aggregate": row.aggregate,
            "sequence": row.sequence,
            "state": InboxState(row.state).label,
            "late": row.late,
            "reason": row.reason,
            "attempts": row.attempts,
            "due_date": row.due_at if row.state == InboxState.WAITING else None,
            "received_date": row.received_at,
            "applied_date": row.applied_at,
        }
        for row in rows
    ]


def body_of(row: Inbox) -> Any:
    """The body of a received event."""
    return orjson.loads(row.payload)
