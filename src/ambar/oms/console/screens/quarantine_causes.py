"""*Quarantine by cause*: one thing mended releases all orders that wait for it; what would happen is shown before."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import NotFound
from ambar.kit.ui import gate
from ambar.kit.ui.looks import Look
from ambar.oms.console import flow, intake_words
from ambar.oms.console.quarantine_tabs import tabs
from ambar.oms.console.screens import learned_names
from ambar.oms.upstream import configured
from ambar.oms.upstream.actions.redrive import redrive
from ambar.oms.upstream.domain.verdicts import CREATED, FILTERED, QUARANTINED, UNCHANGED, UPDATED, Verdict
from ambar.oms.upstream.models import Quarantined

MOST_CAUSES = 200
MOST_LOOKED_AT = 200
OUTCOMES = {
    CREATED: Look(tone="good", shape="check", word=gettext_lazy("Taken")),
    UPDATED: Look(tone="good", shape="check", word=gettext_lazy("Changed")),
    UNCHANGED: Look(tone="neutral", shape="ring", word=gettext_lazy("Known already")),
    FILTERED: Look(tone="neutral", shape="cross", word=gettext_lazy("Refused by a rule")),
    QUARANTINED: Look(tone="warn", shape="triangle", word=gettext_lazy("Still waits")),
}


@gate.screen("intake:read")
def causes(request: HttpRequest) -> HttpResponse:
    """Every cause with how many orders wait for it; `?cause=` shows what would become of these now."""
    cause = _text(request.GET.get("cause", ""))
    context: dict[str, Any] = {
        "tabs": tabs("causes"),
        "causes": [
            {"cause": one, "reason": intake_words.words(reason), "count": count, "since": since}
            for one, reason, count, since in flow.causes(limit=MOST_CAUSES)
        ],
        "may_retry": gate.principal(request).may("intake:write"),
    }
    if cause:
        context["preview"] = _preview(cause)
    return render(request, "oms_console/quarantine_causes.html", context)


def _preview(cause: str) -> dict[str, Any]:
    """What the intake would say to the oldest of these orders now; nothing changes."""
    waiting = Quarantined.objects.filter(closed_at__isnull=True, cause=cause)
    ids = list(waiting.order_by("id").values_list("pk", flat=True)[:MOST_LOOKED_AT])
    try:
        found = (
            redrive(ids=ids, configured=configured.current(), now=clock.now(), preview=True) if ids else []
        )
    except NotFound:
        found = []
    counted = Counter(one.outcome for one in found)
    return {
        "cause": cause,
        "lesson": learned_names.lesson(cause),
        "waiting": waiting.count(),
        "looked_at": len(found),
        "outcomes": [(look, counted[key]) for key, look in OUTCOMES.items() if counted[key]],
        "rows": [_row(one) for one in found[:20]],
    }


def _row(verdict: Verdict) -> dict[str, Any]:
    said = verdict.reason or verdict.rule or ""
    return {
        "number": verdict.number or verdict.upstream_id,
        "look": OUTCOMES[verdict.outcome],
        "reason": intake_words.words(said) if verdict.reason else said,
    }


@require_POST
@gate.screen("intake:write")
def release(request: HttpRequest) -> HttpResponse:
    """Offer all orders of a cause to the intake again."""
    cause = _text(request.POST.get("cause", ""))
    try:
        found = redrive(cause=cause, configured=configured.current(), now=clock.now())
    except NotFound:
        return gate.missing(request)
    still = sum(one.outcome == QUARANTINED for one in found)
    gone = len(found) - still
    detail = {"cause": cause, "released": gone, "waiting": still}
    accounts.audit(gate.principal(request), "quarantine.redriven", "quarantine", None, detail)
    if gone:
        told = ngettext(
            "%(count)s order has left quarantine.", "%(count)s orders have left quarantine.", gone
        )
        messages.success(request, told % {"count": gone})
    if still:
        told = ngettext("%(count)s order still waits.", "%(count)s orders still wait.", still)
        messages.warning(request, told % {"count": still})
    return redirect("oms_console:quarantine_causes")


def _text(text: str) -> str:
    return text.replace("\x00", "").strip()[:400]
