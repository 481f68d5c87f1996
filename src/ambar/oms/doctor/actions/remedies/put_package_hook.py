"""Make a package hook, or put one right: address, token, secret, on (public set-up page, step 3)."""

from __future__ import annotations

from typing import Any

from ambar.kit.outbox import hook_secrets, registry
from ambar.kit.outbox.actions.save_hook import change_hook, create_hook
from ambar.kit.outbox.domain.hook_fields import read_hook
from ambar.kit.outbox.models import Hook
from ambar.kit.refusals import Refusal
from ambar.oms.doctor.actions.checks import package_hooks
from ambar.oms.doctor.actions.remedies import stored_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed, needs
from ambar.oms.doctor.gateways.ping import Parcel, Pinged, ping
from ambar.oms.doctor.visit import SELLER_KEY, Visit
from ambar.oms.omnitron_client.domain.routing import with_scheme
from ambar.oms.setup.integrate import RETRY
from ambar.oms.setup.integration_plan import APPLICATION

ANEW = (
    "package_hook_missing",
    "package_hook_elsewhere",
    "package_hook_bare",
    "package_hook_token",
    "package_hook_refused",
    "package_hook_unusable",
)
"""Findings after which the token is taken from the entry `orders` of `endpoint_conf`."""


def put_package_hook(visit: Visit, finding: Finding, given: Given) -> Mended:
    """What the finding names is put right; a secret only when a test event signed with it arrives."""
    event = str(finding.figures["event"])
    url = package_hooks.wanted(visit).get(event)
    if url is None or visit.settings is None:
        return failed(
            "the entry orders of endpoint_conf must be mended first",
            "önce endpoint_conf'un orders girdisi düzeltilmeli",
        )
    hook = _hook(event, url)
    if finding.code == "package_hook_off" and hook is not None:
        change_hook(hook.pk, {"is_active": True}, now=visit.now)
        return done(f"hook {hook.pk} ({event}) switched on", f"{hook.pk} numaralı webhook ({event}) açıldı")
    new = hook or Hook(
        target_url=url, event_type=event, retry_countdown_config=RETRY, additional_headers={}, config={}
    )
    token = with_scheme(visit.settings.redirects["orders"].token) if finding.code in ANEW else None
    secret, tried = _secret(visit, new, event, url, token, given)
    if secret is None and finding.code in ("package_hook_secret", "package_hook_unsigned"):
        return needs("hook_secret")
    fields: dict[str, Any] = {"target_url": url, "is_active": True}
    if token is not None:
        fields["additional_headers"] = _headers(hook) | {"Authorization": token}
    if secret is not None:
        fields["secret_key"] = secret
    if finding.code == "package_hook_unusable":
        fields["retry_countdown_config"] = RETRY
    try:
        made = _save(hook, event, fields, visit, given)
    except Refusal as refused:
        return failed(refused.message, refused.message)
    if tried is not None and tried.cause != "arrives":
        told = tried.body or tried.problem
        return failed(
            f"hook {made.pk} ({event}) was written, but the Seller Center answered {tried.status}: {told}",
            f"{made.pk} numaralı webhook ({event}) yazıldı ama Seller Center {tried.status} yanıtladı: {told}",
        )
    return done(
        f"hook {made.pk} ({event} -> {url}) put right",
        f"{made.pk} numaralı webhook ({event} -> {url}) düzeltildi",
    )


def _hook(event: str, url: str) -> Hook | None:
    """The hook that is meant: at the right address, else one at a wrong address of a Seller Center's receivers."""
    hooks = list(Hook.objects.filter(event_type=event).order_by("-is_active", "id"))
    here = [hook for hook in hooks if hook.target_url == url]
    astray = [hook for hook in hooks if f"/{APPLICATION}/packages" in hook.target_url]
    return next(iter([*here, *astray]), None)


def _headers(hook: Hook | None) -> dict[str, Any]:
    if hook is None:
        return {}
    headers, _ = hook_secrets.opened(hook.additional_headers, {})
    return {name: value for name, value in headers.items() if name.lower() != "authorization"}


def _secret(
    visit: Visit, hook: Hook, event: str, url: str, token: str | None, given: Given
) -> tuple[str | None, Pinged | None]:
    """The secret a test event arrives with (None: leave it), and what came of the last one tried."""
    known = [
        secret for secret in (given.get("hook_secret"), *package_hooks.candidates(visit, hook)) if secret
    ]
    told = visit.seller_center()
    if told is None or not told.get("test_events"):
        return (known[0] if known else None), None
    trial = Hook(
        pk=hook.pk,
        target_url=url,
        event_type=event,
        retry_countdown_config=RETRY,
        additional_headers=hook.additional_headers,
        config=hook.config,
    )
    payload = package_hooks.ping_payload(event, str(told.get("supplier_code")))
    parcels = [
        Parcel(hook=trial, event=event, payload=payload, token=token, secret=secret)
        for secret in [*dict.fromkeys(known), ""]
    ]
    tried = ping(parcels, now=visit.now)
    for parcel, outcome in zip(parcels, tried, strict=True):
        if outcome.cause == "arrives":
            return parcel.secret or None, outcome
    return None, tried[0]


def _keep_for_receiving(secret: str, visit: Visit) -> None:
    """What the Seller Center pushes is signed with the same secret; the old one is taken for a while too."""
    value = stored_settings.read(SELLER_KEY)
    old = value.get("hook_secret")
    if value and old != secret:
        value |= {"hook_secret": secret, **({"previous_hook_secret": old} if old else {})}
        stored_settings.write(SELLER_KEY, value, now=visit.now)


def _save(hook: Hook | None, event: str, fields: dict[str, Any], visit: Visit, given: Given) -> Hook:
    if hook is not None:
        own = package_hooks.secret_of(hook)
        if fields.get("secret_key") == own:
            fields.pop("secret_key", None)
        if hook.secret_sealed and not own:
            # Sealed with a key that is gone: nothing could be compared with it, nor signed.
            Hook.objects.filter(pk=hook.pk).update(secret_sealed=None)
        read = read_hook(fields, partial=True, known_type=registry.is_known)
        return change_hook(hook.pk, read, now=visit.now)
    body = {"event_type": event, "retry_countdown_config": RETRY, **fields}
    read = read_hook(body, partial=False, known_type=registry.is_known)
    return create_hook(read, user_id=given.user_id, now=visit.now)
