"""Basic Setup, Webhooks: register at Omnitron the hooks that feed this OMS (Akinon OMS: Webhook Setup Services).

When orders come from a Seller Center there is nothing to register: the public set-up page has these hooks switched
off. A hook that is there, on or off, is never touched.
"""

from __future__ import annotations

from typing import Any

from ambar.kit import accounts
from ambar.oms.omnitron_client.domain.routing import SELLER_CENTER
from ambar.oms.omnitron_client.gateways.client import Client, UpstreamFailed
from ambar.oms.setup.steps import Needed, Progress, Step

EVENTS = {
    "order.created": "oms/orders-webhook/",
    "order.updated": "oms/orders-webhook/",
    "cancellation_plan.created": "oms/cancellation_plan/",
    "cancellation_plan.updated": "oms/cancellation_plan/",
}
RETRY = {"choice": "exponential", "kwargs": {"base": 2, "limit": 3600}}


def wanted(client: Client) -> dict[str, str]:
    """Target URL by event type; none when orders are redirected to a Seller Center."""
    if client.source("orders") == SELLER_CENTER:
        return {}
    root = client.settings.oms_url.rstrip("/")
    return {event: f"{root}/{path}" for event, path in EVENTS.items()}


def is_required(client: Client) -> Needed:
    """True when a hook is missing at Omnitron; one that is switched off counts as there."""
    targets = wanted(client)
    if not targets:
        return Needed(is_required=False, detail={"missing": []})
    there = {
        (hook.get("event_type"), hook.get("target_url"))
        for page in client.pages("hooks", limit=999)
        for hook in page
    }
    missing = sorted(event for event, url in targets.items() if (event, url) not in there)
    return Needed(is_required=bool(missing), detail={"missing": missing})


def run(client: Client, progress: Progress) -> dict[str, Any]:
    """Add what is missing, with a token of its own; 406 means it is there already."""
    missing = is_required(client).detail["missing"]
    if not missing:
        return {"registered": [], "known": []}
    targets = wanted(client)
    user = accounts.ensure_user("omnitron-hooks", None, ["integration"], {})
    token = accounts.issue_token(user, name="Omnitron hooks", scopes=["intake:write"])
    registered, known = [], []
    for event in missing:
        body = {
            "event_type": event,
            "target_url": targets[event],
            "retry_countdown_config": RETRY,
            "additional_headers": {"Authorization": f"Token {token}"},
        }
        try:
            client.call("hooks", method="POST", body=body)
            registered.append(event)
        except UpstreamFailed as failure:
            if failure.status != 406:
                raise
            known.append(event)
        progress(1, len(missing))
    return {"registered": registered, "known": known}


STEP = Step(name="webhooks", path="setup/webhooks", is_required=is_required, run=run)
