"""Step 3: no hook leads to or from a Seller Center that orders came from before (decision 101)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count

from ambar.kit.outbox.models import Delivery, DeliveryState, Hook
from ambar.kit.refusals import Refusal
from ambar.oms.doctor.actions.checks import package_hooks
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.gateways.probe import PROBLEMS, Answer
from ambar.oms.doctor.models import FormerSellerCenter
from ambar.oms.doctor.visit import Visit
from ambar.oms.setup.integration_plan import APPLICATION, PUSHED, api_root, receivers_root

NAME = "former_seller_center."
NEEDS = ("former_hooks",)
MOST = 999
"""Hooks read at the former Seller Center: only a seller's own are listed there."""


def check(visit: Visit) -> list[Finding]:
    """A finding for each former Seller Center that is not done with: its hooks here, then its hooks there."""
    decided = {row.root: row for row in FormerSellerCenter.objects.all()}
    current = {root for url in package_hooks.wanted(visit).values() if (root := receivers_root(url))}
    if current & decided.keys():
        FormerSellerCenter.objects.filter(root__in=current).delete()
    found = (_looked_at(visit, root, hooks, decided.get(root)) for root, hooks in former(visit).items())
    return [finding for finding in found if finding is not None]


def former(visit: Visit) -> dict[str, list[Hook]]:
    """Package hooks by the `…/applications/oms` they lead to, when that is not where orders come from.

    Events without a hook at the right address are left out: of those, the hook that leads elsewhere is moved there.
    """
    targets = package_hooks.wanted(visit)
    hooks = list(Hook.objects.filter(event_type__in=targets).order_by("id"))
    here = {hook.event_type for hook in hooks if hook.target_url == targets[hook.event_type]}
    now = {receivers_root(url) for url in targets.values()}
    found: dict[str, list[Hook]] = defaultdict(list)
    for hook in hooks:
        root = receivers_root(hook.target_url)
        if root is not None and root not in now and hook.event_type in here:
            found[root].append(hook)
    return dict(found)


def _looked_at(
    visit: Visit, root: str, hooks: list[Hook], decided: FormerSellerCenter | None
) -> Finding | None:
    on = [hook for hook in hooks if hook.is_active]
    if decided is not None and decided.outcome == FormerSellerCenter.DISMISSED:
        figures = {"root": root, "at": f"{decided.at:%Y-%m-%d %H:%M}", "count": len(on)}
        return Finding(step=3, name=name_of(root), code="former_dismissed", figures=figures)
    if decided is not None and not on:
        return None
    answer = ask(visit, root, hooks)
    pushing = pushing_here(visit, answer)
    told = _told(answer, pushing)
    if not on and pushing == []:
        FormerSellerCenter.objects.update_or_create(
            root=root, defaults={"outcome": FormerSellerCenter.LEFT, "at": visit.now}
        )
        return None
    code = "former_sends" if on else "former_silent" if pushing is None else "former_pushes"
    figures = {"root": root, "count": len(on), "waiting": _waiting(on), **told}
    return Finding(
        step=3,
        name=name_of(root),
        code=code,
        figures=figures,
        remedy="leave_former",
        needs=NEEDS,
        took_ms=answer.took_ms,
    )


def name_of(root: str) -> str:
    """The finding's name of a former Seller Center."""
    return f"{NAME}{root}"[:200]


def ask(visit: Visit, root: str, hooks: list[Hook]) -> Answer:
    """The hooks our user has at a former Seller Center, asked with the token our package hooks carry there."""
    url = f"{root.removesuffix(f'/{APPLICATION}')}/whisperer/hooks/"
    return visit.probe.ask("GET", url, token_for(hooks), params={"limit": MOST})


def token_for(hooks: list[Hook]) -> str:
    """The newest token one of the hooks carries; empty when none can be opened any more."""
    for hook in reversed(hooks):
        try:
            if token := package_hooks.token_of(hook):
                return token
        except Refusal:
            continue
    return ""


def pushing_here(visit: Visit, answer: Answer) -> list[dict[str, Any]] | None:
    """The hooks there that are on and lead to this OMS; None when it can't be known."""
    if answer.status in (404, 405):
        return []
    rows = answer.payload.get("results") if isinstance(answer.payload, dict) else answer.payload
    if not answer.good or not isinstance(rows, list):
        return None
    assert visit.settings is not None
    ours = {f"{api_root(visit.settings.oms_url)}/{path}" for path in PUSHED.values()}
    return [
        row
        for row in rows
        if isinstance(row, dict) and row.get("is_active") and row.get("target_url") in ours
    ]


def _told(answer: Answer, pushing: list[dict[str, Any]] | None) -> dict[str, object]:
    if pushing is None:
        en, tr = unreadable(answer)
        return {"there": f"it can't be asked: {en}", "there_tr": f"ona sorulamıyor: {tr}", "pushing": 0}
    if not pushing:
        return {"there": "it pushes nothing here", "there_tr": "buraya bir şey itmiyor", "pushing": 0}
    number = len(pushing)
    return {
        "there": f"hooks of it that push orders here: {number}",
        "there_tr": f"{number} webhook'u buraya sipariş itiyor",
        "pushing": number,
    }


def unreadable(answer: Answer) -> tuple[str, str]:
    """Why a former Seller Center could not be asked, in English and Turkish."""
    if answer.status == 0:
        return PROBLEMS[answer.problem]
    return f"it answered {answer.status}", f"{answer.status} yanıtladı"


def _waiting(hooks: list[Hook]) -> int:
    rows = Delivery.objects.filter(hook__in=[hook.pk for hook in hooks], state=DeliveryState.PENDING)
    return int(rows.aggregate(n=Count("id"))["n"])


def origin(root: str) -> str:
    """Scheme and host of a root, as people name a system."""
    return "{0.scheme}://{0.netloc}".format(urlsplit(root))
