"""Step 3: the nine package hooks are here, on, point at the Seller Center, are believed, and arrive."""

from __future__ import annotations

from typing import Any

from ambar.kit import vault
from ambar.kit.masks import masked_address
from ambar.kit.outbox import hook_secrets
from ambar.kit.outbox.models import Delivery, Hook
from ambar.kit.refusals import Refusal
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.gateways.ping import Parcel, Pinged, ping
from ambar.oms.doctor.visit import Visit
from ambar.oms.packages.domain.events import OF_STATE
from ambar.oms.setup.integration_plan import PACKAGE_CREATED, PACKAGE_STATUSES

REMEDY = "put_package_hook"
STATES = {event: int(state) for state, event in OF_STATE.items()}
CAUSES = {
    "token": "package_hook_token",
    "secret": "package_hook_secret",
    "time": "package_hook_time",
    "refused": "package_hook_refused",
    "no_answer": "package_hook_no_answer",
    "unusable": "package_hook_unusable",
}
EVENTS = (PACKAGE_CREATED, *PACKAGE_STATUSES)


def wanted(visit: Visit) -> dict[str, str]:
    """Target URL by event type, as the orders' endpoint says where the Seller Center is."""
    redirect = visit.settings.redirects.get("orders") if visit.settings else None
    if redirect is None:
        return {}
    root = f"{redirect.base_url.rstrip('/')}/packages"
    return {PACKAGE_CREATED: f"{root}/", **dict.fromkeys(PACKAGE_STATUSES, f"{root}/update-status/")}


def check(visit: Visit) -> list[Finding]:
    """A finding per package event, one for hooks that send twice, one for the secret."""
    targets = wanted(visit)
    by_event: dict[str, list[Hook]] = {event: [] for event in targets}
    for hook in Hook.objects.filter(event_type__in=targets).order_by("id"):
        by_event[hook.event_type].append(hook)
    chosen = {event: _chosen(url, by_event[event]) for event, url in targets.items()}
    tried = _tried(visit, {event: hook for event, hook in chosen.items() if hook is not None})
    found = []
    for event, url in targets.items():
        hook = chosen[event]
        if hook is None:
            found.append(_absent(event, url, by_event[event]))
        else:
            found.append(_present(visit, event, url, hook, tried.get(event)))
        found += _twins(event, url, by_event[event])
    return found + _secret(visit, chosen, tried)


def ping_payload(event: str, supplier_code: str) -> dict[str, Any]:
    """The smallest package event there is, marked as a test."""
    return {
        "number": "DOCTOR-PING",
        "test": True,
        "sequence": 1,
        "state": {"name": "", "enum_value": str(STATES.get(event, 100))},
        "order_number": "DOCTOR-PING",
        "supplier_code": supplier_code,
        "packageitem_set": [],
    }


def has_token(hook: Hook) -> bool:
    """Whether a hook carries an Authorization of any kind."""
    return any(name.lower() == "authorization" for name in hook.additional_headers) or bool(
        (hook.config or {}).get("auth")
    )


def _chosen(url: str, hooks: list[Hook]) -> Hook | None:
    """The hook that is meant to send there: one that is on goes first."""
    here = [hook for hook in hooks if hook.target_url == url]
    return next((hook for hook in here if hook.is_active), here[0] if here else None)


def _tried(visit: Visit, chosen: dict[str, Hook]) -> dict[str, Pinged]:
    """What came of a test event per hook that is on; none when the Seller Center takes no test events."""
    seller_center = visit.seller_center()
    if seller_center is None or not seller_center.get("test_events"):
        return {}
    supplier = str(seller_center.get("supplier_code"))
    sent = {event: hook for event, hook in chosen.items() if hook.is_active and _believable(hook)}
    parcels = [
        Parcel(hook=hook, event=event, payload=ping_payload(event, supplier)) for event, hook in sent.items()
    ]
    return dict(zip(sent, ping(parcels, now=visit.now, forge=True), strict=True))


def _believable(hook: Hook) -> bool:
    return bool(hook.secret_sealed) or has_token(hook)


def _absent(event: str, url: str, hooks: list[Hook]) -> Finding:
    elsewhere = sorted({masked_address(hook.target_url) for hook in hooks})
    return Finding(
        step=3,
        name=f"package_hook.{event}",
        code="package_hook_elsewhere" if elsewhere else "package_hook_missing",
        figures={"event": event, "url": url, "found": ", ".join(elsewhere)},
        remedy=REMEDY,
    )


def _present(visit: Visit, event: str, url: str, hook: Hook, tried: Pinged | None) -> Finding:
    figures: dict[str, object] = {"event": event, "url": url, "id": hook.pk}
    name = f"package_hook.{event}"
    if not hook.is_active:
        reason = hook.disabled_reason
        figures |= {"reason": reason or "switched off by hand", "reason_tr": reason or "elle kapatılmış"}
        return Finding(step=3, name=name, code="package_hook_off", figures=figures, remedy=REMEDY)
    if not _believable(hook):
        return Finding(step=3, name=name, code="package_hook_bare", figures=figures, remedy=REMEDY)
    if tried is not None and tried.cause != "arrives":
        figures |= {
            "status": tried.status,
            "answer": tried.body,
            "reason": tried.problem,
            "problem": tried.problem,
        }
        needs = ("hook_secret",) if tried.cause == "secret" and not _secrets(visit, hook) else ()
        remedy = "" if tried.cause in ("time", "no_answer") else REMEDY
        return Finding(
            step=3,
            name=name,
            code=CAUSES[tried.cause],
            figures=figures,
            remedy=remedy,
            needs=needs,
            took_ms=tried.took_ms,
        )
    if not hook.secret_sealed and _signs(visit):
        needs = () if _secrets(visit, hook) else ("hook_secret",)
        return Finding(
            step=3, name=name, code="package_hook_unsigned", figures=figures, remedy=REMEDY, needs=needs
        )
    if tried is not None:
        return Finding(step=3, name=name, code="package_hook_arrives", figures=figures, took_ms=tried.took_ms)
    return _by_the_log(name, hook, figures)


def _by_the_log(name: str, hook: Hook, figures: dict[str, object]) -> Finding:
    """What the last delivery tells, where no test event can be sent."""
    last = (
        Delivery.objects.filter(hook_id=hook.pk)
        .exclude(state=0, attempts=0)
        .order_by("-id")
        .values("state", "last_status", "last_error")
        .first()
    )
    if last is None:
        log = {"log": "nothing was sent yet", "log_tr": "henüz bir şey gönderilmedi"}
        return Finding(step=3, name=name, code="package_hook_here", figures=figures | log)
    if last["state"] == 1:
        log = {"log": "the last one was delivered", "log_tr": "sonuncusu teslim edildi"}
        return Finding(step=3, name=name, code="package_hook_here", figures=figures | log)
    told = str(last["last_status"] or last["last_error"])
    return Finding(step=3, name=name, code="package_hook_failing", figures=figures | {"log": told})


def _twins(event: str, url: str, hooks: list[Hook]) -> list[Finding]:
    on = [hook for hook in hooks if hook.target_url == url and hook.is_active]
    if len(on) < 2:
        return []
    figures = {"event": event, "url": url, "count": len(on), "ids": ", ".join(str(hook.pk) for hook in on)}
    return [
        Finding(
            step=3,
            name=f"package_hook_twice.{event}",
            code="package_hook_twice",
            figures=figures,
            remedy="switch_off_twins",
        )
    ]


def _signs(visit: Visit) -> bool:
    """Whether events are expected to be signed: a secret is configured here, or the Seller Center has one."""
    return bool((visit.seller or {}).get("hook_secret")) or bool(
        (visit.seller_center() or {}).get("checks_signatures")
    )


def _secrets(visit: Visit, but: Hook) -> list[str]:
    """Secrets that may be the right one instead of a hook's own: the configured, and those of the other hooks."""
    found = [str((visit.seller or {}).get("hook_secret") or "")]
    others = Hook.objects.filter(event_type__in=EVENTS, secret_sealed__isnull=False).exclude(pk=but.pk)
    found += [secret_of(hook) for hook in others]
    return [secret for secret in dict.fromkeys(found) if secret and secret != secret_of(but)]


def secret_of(hook: Hook) -> str:
    """A hook's secret in clear; empty when it has none, or one that can't be opened any more."""
    try:
        return vault.open(hook.secret_sealed or "")
    except Refusal:
        return ""


def candidates(visit: Visit, hook: Hook) -> list[str]:
    """As `_secrets`, for whoever puts a hook right; the hook's own goes first."""
    return [secret for secret in (secret_of(hook), *_secrets(visit, hook)) if secret]


def token_of(hook: Hook) -> str:
    """The Authorization a hook sends, in clear; empty when none."""
    headers, _ = hook_secrets.opened(hook.additional_headers, {})
    return next((str(value) for name, value in headers.items() if name.lower() == "authorization"), "")


def _secret(visit: Visit, chosen: dict[str, Hook | None], tried: dict[str, Pinged]) -> list[Finding]:
    if not chosen:
        return []
    checks = {one.checks_signature for one in tried.values() if one.checks_signature is not None}
    if checks:
        code = "secret_checked" if False not in checks else "secret_unchecked"
    elif any(hook is not None and hook.secret_sealed for hook in chosen.values()) or not tried:
        code = "secret_untried"
    else:
        code = "secret_none"
    wrong = code == "secret_unchecked"
    return [
        Finding(
            step=3,
            name="hook_secret",
            code=code,
            remedy="give_secret" if wrong else "",
            needs=("seller_center_admin_token",) if wrong else (),
        )
    ]
