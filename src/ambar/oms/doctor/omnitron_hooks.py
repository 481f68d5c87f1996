"""Step 1: Omnitron's six hooks that point at this OMS must be off; those of others are none of our business."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ambar.oms.doctor.findings import Finding
from ambar.oms.omnitron_client.domain.routing import SELLER_CENTER
from ambar.oms.omnitron_client.gateways.client import Client, UpstreamFailed

EVENTS = (
    "cancellation_plan.created",
    "cancellation_plan.updated",
    "order.created",
    "order.updated",
    "retail_store.created",
    "retail_store.updated",
)
WHY = "orders would reach this OMS twice: from Omnitron directly and through the Seller Center"


def check(client: Client) -> list[Finding]:
    """One finding for the list, and one per hook that is still on."""
    if client.source("orders") != SELLER_CENTER:
        return []
    try:
        hooks = [hook for page in client.pages("hooks", limit=999) for hook in page]
    except UpstreamFailed as failure:
        return [
            Finding(
                step=1,
                name="omnitron_hooks",
                ok=False,
                what=f"Omnitron's hooks can't be listed: {failure}",
                why="nobody knows whether Omnitron still sends orders here",
                fix="check auth and urls.base_url in OMNITRON_CLIENT_SETTINGS; the user needs the scope hooks:read",
            )
        ]
    on = [hook for hook in hooks if mine(hook, client.settings.oms_url) and hook.get("is_active")]
    if not on:
        return [
            Finding(
                step=1,
                name="omnitron_hooks",
                ok=True,
                what="none of the six hooks at Omnitron is on",
                why=WHY,
            )
        ]
    return [
        Finding(
            step=1,
            name=f"omnitron_hook.{hook['event_type']}",
            ok=False,
            what=f"Omnitron's hook {hook['id']} ({hook['event_type']} -> {hook['target_url']}) is on",
            why=WHY,
            fix=f'PATCH whisperer/hooks/{hook["id"]}/ {{"is_active": false}} at Omnitron, or `ambar oms integrate`',
        )
        for hook in on
    ]


def mine(hook: dict[str, Any], oms_url: str) -> bool:
    """Whether a hook is one of the six and its target lies under this OMS."""
    ours, target = urlsplit(oms_url), urlsplit(str(hook.get("target_url")))
    return hook.get("event_type") in EVENTS and (ours.scheme, ours.netloc) == (target.scheme, target.netloc)
