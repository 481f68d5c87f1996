"""Step 1: Omnitron's six hooks that point at this OMS must be off; those of others are none of our business."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ambar.kit.masks import masked_address
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.gateways.probe import PROBLEMS, Answer
from ambar.oms.doctor.models import SeenOff
from ambar.oms.doctor.visit import Visit
from ambar.oms.setup.integration_plan import OMNITRON_EVENTS as EVENTS
from ambar.oms.upstream.domain.verdicts import ANOTHER_ORDER
from ambar.oms.upstream.models import Quarantined

PORTS = {"http": 80, "https": 443}


def check(visit: Visit) -> list[Finding]:
    """The sign-in, the six hooks, whether our own address is known right, and what came here of hooks nobody shows us."""
    assert visit.settings is not None
    found = [_login(visit), *_own_address(visit)]
    if visit.takes_from_seller_center:
        found += [*_hooks(visit), *_arrived(visit.settings.oms_url)]
    return found


def _arrived(oms_url: str) -> list[Finding]:
    """That orders of another system wait in quarantine: somebody pushes them, and a hook of Omnitron's is the likeliest."""
    waiting = Quarantined.objects.filter(kind=ANOTHER_ORDER, closed_at__isnull=True).order_by("-id")
    newest = waiting.values("number", "modified_at").first()
    if newest is None:
        return []
    figures = {
        "count": waiting.count(),
        "number": newest["number"],
        "date": f"{newest['modified_at']:%Y-%m-%d %H:%M} UTC",
        "url": oms_url.rstrip("/"),
    }
    return [Finding(step=1, name="omnitron_hooks.orders", code="orders_of_others", figures=figures)]


def _login(visit: Visit) -> Finding:
    assert visit.settings is not None
    answer = visit.login()
    figures: dict[str, Any] = {
        "url": visit.settings.base_url,
        "username": visit.settings.username,
        "status": answer.status,
    }
    name, step, remedy = "omnitron_login", 1, "correct_omnitron"
    if answer.status == 0:
        en, tr = PROBLEMS[answer.problem]
        return Finding(
            step=step,
            name=name,
            code="omnitron_silent",
            figures=figures | {"problem": en, "problem_tr": tr},
            remedy=remedy,
            needs=("omnitron_url",),
        )
    if visit.omnitron_token():
        return Finding(
            step=step, name=name, code="omnitron_signs_in", figures=figures, took_ms=answer.took_ms
        )
    if visit.stranger:
        return Finding(
            step=step,
            name=name,
            code="omnitron_is_other_system",
            figures=figures | {"system": visit.stranger},
            remedy=remedy,
            needs=("omnitron_url",),
        )
    refused = answer.status in (400, 401, 403, 429) and isinstance(answer.payload, dict)
    return Finding(
        step=step,
        name=name,
        code="omnitron_refuses" if refused else "omnitron_is_another",
        figures=figures,
        remedy=remedy,
        needs=("omnitron_username", "omnitron_password") if refused else ("omnitron_url",),
    )


def _own_address(visit: Visit) -> list[Finding]:
    assert visit.settings is not None
    parts = urlsplit(visit.settings.oms_url)
    answer = visit.probe.ask("GET", f"{parts.scheme}://{parts.netloc}/healthz")
    figures: dict[str, Any] = {"url": visit.settings.oms_url}
    if answer.status == 0:
        en, tr = PROBLEMS[answer.problem]
        figures |= {"problem": en, "problem_tr": tr}
        return [Finding(step=1, name="oms_url", code="oms_url_unreached", figures=figures)]
    system = answer.payload.get("system") if isinstance(answer.payload, dict) else None
    if system == "oms":
        return [
            Finding(step=1, name="oms_url", code="oms_url_is_here", figures=figures, took_ms=answer.took_ms)
        ]
    return [
        Finding(
            step=1,
            name="oms_url",
            code="oms_url_elsewhere",
            figures=figures,
            remedy="correct_oms_url",
            needs=("oms_url",),
        )
    ]


def _hooks(visit: Visit) -> list[Finding]:
    assert visit.settings is not None
    who: dict[str, Any] = {"username": visit.settings.username}
    if not visit.omnitron_token():
        return [Finding(step=1, name="omnitron_hooks", code="hooks_unseen", figures=who)]
    answer = visit.ask("hooks", params={"limit": 999})
    rows = _rows(answer)
    if rows is None:
        figures = who | {"status": answer.status}
        return [Finding(step=1, name="omnitron_hooks", code="hooks_unlisted", figures=figures)]
    ours = [hook for hook in rows if mine(hook, visit.settings.oms_url)]
    on = [hook for hook in ours if hook.get("is_active")]
    seen_off = {row.hook_id: row for row in SeenOff.objects.filter(hook_id__in=[hook["id"] for hook in ours])}
    _remember([hook for hook in ours if not hook.get("is_active")], seen_off, visit)
    found = [_hook(hook, seen_off.get(hook["id"]), on) for hook in on]
    if not _sees_all(visit):
        found.append(Finding(step=1, name="omnitron_hooks.others", code="hooks_of_others", figures=who))
    elif not on:
        found.append(Finding(step=1, name="omnitron_hooks", code="hooks_off", took_ms=answer.took_ms))
    return found


def _rows(answer: Answer) -> list[dict[str, Any]] | None:
    payload = answer.payload
    rows = payload.get("results") if isinstance(payload, dict) else payload
    if not answer.good or not isinstance(rows, list):
        return None
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)]


def _hook(hook: dict[str, Any], before: SeenOff | None, on: list[dict[str, Any]]) -> Finding:
    event = hook["event_type"]
    alike = sum(other["event_type"] == event for other in on)
    url = masked_address(str(hook["target_url"]))
    figures: dict[str, Any] = {"id": hook["id"], "event": event, "url": url}
    if before is not None:
        figures["date"] = f"{before.seen_at:%Y-%m-%d}"
    return Finding(
        step=1,
        name=f"omnitron_hook.{event}" + (f".{hook['id']}" if alike > 1 else ""),
        code="hook_on" if before is None else "hook_came_back",
        figures=figures,
        remedy="switch_off_hook",
    )


def _remember(off: list[dict[str, Any]], known: dict[int, SeenOff], visit: Visit) -> None:
    SeenOff.objects.bulk_create(
        [
            SeenOff(
                hook_id=hook["id"],
                event_type=str(hook["event_type"])[:124],
                target_url=masked_address(str(hook["target_url"]))[:255],
                seen_at=visit.now,
            )
            for hook in off
            if hook["id"] not in known
        ],
        ignore_conflicts=True,
    )


def _sees_all(visit: Visit) -> bool:
    """Whether our user at Omnitron is shown every user's hooks; what does not say is taken for yes."""
    payload = visit.ask("active_user").payload
    if not isinstance(payload, dict) or "is_superuser" not in payload:
        return True
    return bool(payload["is_superuser"]) or "admin" in (payload.get("roles") or ())


def mine(hook: dict[str, Any], oms_url: str) -> bool:
    """Whether a hook is one of the six and its target lies under this OMS, in whatever way its address is written."""
    target = _origin(str(hook.get("target_url")))
    return hook.get("event_type") in EVENTS and target is not None and target == _origin(oms_url)


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port an address leads to; None for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    return parts.scheme, (parts.hostname or "").removesuffix("."), port
