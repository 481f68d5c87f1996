"""*Settings > Integration doctor*: the set-up page as a checklist, with what mends each finding."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import NotFound
from ambar.kit.ui import gate
from ambar.oms.console import doctoring, reasons
from ambar.oms.doctor.actions.examine import examine
from ambar.oms.doctor.actions.mend import Did, mend
from ambar.oms.doctor.actions.remedies import GIVEN
from ambar.oms.doctor.actions.walk import walk
from ambar.oms.doctor.domain.mended import Given

PAGE = "oms_console:doctor"
LONGEST = 1024


@gate.screen("doctor:read")
def doctor(request: HttpRequest) -> HttpResponse:
    """What was found last; looking again, mending and walking are buttons."""
    context = {
        "sheet": doctoring.sheet(),
        "history": doctoring.history(),
        "may_mend": gate.principal(request).may("doctor:write"),
    }
    return render(request, "oms_console/doctor.html", context)


@require_POST
@gate.screen("doctor:read")
def look(request: HttpRequest) -> HttpResponse:
    """Examine steps 1 to 4 now."""
    examine(now=clock.now())
    return redirect(PAGE)


@require_POST
@gate.screen("doctor:write")
def fix(request: HttpRequest) -> HttpResponse:
    """Mend one finding, or all; each deed is told."""
    principal = gate.principal(request)
    name = request.POST.get("finding") or None
    values = {key: request.POST.get(key, "").strip()[:LONGEST] for key in GIVEN}
    given = Given(user_id=principal.user_id, values={key: value for key, value in values.items() if value})
    try:
        did, _found = mend(given, only=name, now=clock.now())
    except NotFound:
        messages.info(request, _("That is mended already."))
        return redirect(PAGE)
    for one in did:
        accounts.audit(
            principal,
            "doctor.mended",
            "finding",
            0,
            {"finding": one.finding.name, "outcome": one.mended.outcome},
        )
        _tell(request, one)
    if not did:
        messages.info(request, _("There is nothing the doctor can mend."))
    return redirect(PAGE)


def _tell(request: HttpRequest, one: Did) -> None:
    text = one.mended.tr if reasons.language() == "tr" else one.mended.en
    if one.mended.needs:
        asked = ", ".join(str(doctoring.LABELS[name]) for name in one.mended.needs)
        text = _("%(finding)s: give first: %(asked)s") % {"finding": one.finding.name, "asked": asked}
    tell = messages.success if one.mended.outcome in ("done", "already", "started") else messages.error
    tell(request, text)


@require_POST
@gate.screen("doctor:write")
def walk_through(request: HttpRequest) -> HttpResponse:
    """Walk a synthetic order through."""
    walk(now=clock.now())
    accounts.audit(gate.principal(request), "doctor.walked", "finding", 0, {})
    return redirect(PAGE)
