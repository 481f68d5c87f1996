"""Step 3: the nine package hooks are here, on, and point at the Seller Center with a way to be believed."""

from __future__ import annotations

from ambar.kit.outbox.models import Hook
from ambar.oms.doctor.findings import Finding
from ambar.oms.omnitron_client.gateways.client import Client

STATUSES = (
    "preparing",
    "packed",
    "delivered",
    "shipped",
    "packed_for_refund",
    "out_of_stock",
    "ready_for_customer_pickup",
    "cancelled",
)
WHY = "the Seller Center would not learn of this"


def wanted(client: Client) -> dict[str, str]:
    """Target URL by event type, as the orders' endpoint says where the Seller Center is."""
    redirect = client.settings.redirects.get("orders")
    if redirect is None:
        return {}
    root = f"{redirect.base_url.rstrip('/')}/packages"
    return {
        "package.created": f"{root}/",
        **{f"package.status.{status}": f"{root}/update-status/" for status in STATUSES},
    }


def check(client: Client) -> list[Finding]:
    """A finding per package event."""
    targets = wanted(client)
    hooks = list(Hook.objects.filter(event_type__in=targets))
    return [
        _hook(event, url, [hook for hook in hooks if hook.event_type == event])
        for event, url in targets.items()
    ]


def _hook(event: str, url: str, hooks: list[Hook]) -> Finding:
    name = f"package_hook.{event}"
    here = [hook for hook in hooks if hook.target_url == url]
    on = [hook for hook in here if hook.is_active]
    believed = [hook for hook in on if hook.secret_sealed or "Authorization" in hook.additional_headers]
    if believed:
        return Finding(step=3, name=name, ok=True, what=f"{event} goes to {url}", why=WHY)
    if on:
        what, fix = (
            f"the hook {event} -> {url} has neither a secret nor a token",
            f"set secret_key of hook {on[0].pk}",
        )
    elif here:
        what = f"the hook {event} -> {url} is off ({here[0].disabled_reason or 'switched off by hand'})"
        fix = f'PATCH whisperer/hooks/{here[0].pk}/ {{"is_active": true}}'
    elif hooks:
        what = f"{event} goes to {', '.join(sorted({hook.target_url for hook in hooks}))} instead of {url}"
        fix = f"register {event} -> {url}, or run `ambar oms integrate`"
    else:
        what, fix = f"no hook for {event}", f"register {event} -> {url}, or run `ambar oms integrate`"
    return Finding(step=3, name=name, ok=False, what=what, why=WHY, fix=fix)
