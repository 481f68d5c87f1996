"""*Quarantine*: orders that could not be taken, by cause."""

import json

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import clock
from ambar.kit.refusals import NotFound
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.console import flow, intake_words, looks, rows
from ambar.oms.console.screens import quarantine_causes
from ambar.oms.upstream import configured
from ambar.oms.upstream.actions.redrive import redrive
from ambar.oms.upstream.domain.verdicts import QUARANTINED
from ambar.oms.upstream.models import Quarantined

COLUMNS = (
    Column(key="number", label=gettext_lazy("Order"), kind="code"),
    Column(key="kind", label=gettext_lazy("Kind")),
    Column(key="reason", label=gettext_lazy("Reason"), kind="clip"),
    Column(key="times", label=gettext_lazy("Seen"), kind="number"),
    Column(key="since", label=gettext_lazy("Since"), kind="time", sort="since"),
    Column(key="modified", label=gettext_lazy("Last seen"), kind="time", sort="modified"),
)


@gate.screen("intake:read")
def quarantine(request: HttpRequest) -> HttpResponse:
    """Open quarantine, newest first; `cause` narrows to one."""
    causes = [(str(cause), str(cause)) for cause, _reason, _count, _since in flow.causes(limit=200)]
    found = listing.build(
        request,
        Quarantined.objects.filter(closed_at=None).defer("payload"),
        columns=COLUMNS,
        rows=rows.quarantined,
        search=lambda held, text: held.filter(Q(number__startswith=text) | Q(reason__icontains=text)),
        choices=[
            listing.Choice(
                key="cause",
                label=_("Cause"),
                options=causes,
                narrow=lambda held, value: held.filter(cause=value),
            )
        ],
        sort={"since": "created_at", "modified": "modified_at"},
        default_sort="-id",
        caption=_("Quarantine"),
        empty_title=_("Nothing is in quarantine."),
        empty_text=_("An order that cannot be taken waits here with its reason; the others go on."),
    )
    return pages.show_list(
        request,
        found,
        title=_("Quarantine"),
        tabs=quarantine_causes.tabs("orders"),
        search_hint=_("Order number or reason"),
    )


@gate.screen("intake:read")
def quarantined(request: HttpRequest, pk: int) -> HttpResponse:
    """One order in quarantine with what was received."""
    found = Quarantined.objects.filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    context = {
        "row": found,
        "reason": intake_words.words(found.reason),
        "kind": looks.QUARANTINE_KINDS.get(found.kind, found.kind),
        "may_retry": found.closed_at is None and gate.principal(request).may("intake:write"),
        "detail": json.dumps(found.detail, ensure_ascii=False, indent=2) if found.detail else "",
        "payload": json.dumps(found.payload, ensure_ascii=False, indent=2),
    }
    return render(request, "oms_console/quarantined.html", context)


@require_POST
@gate.screen("intake:write")
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer one quarantined order to the intake again."""
    try:
        verdict = redrive(ids=[pk], configured=configured.current(), now=clock.now())[0]
    except NotFound:
        return gate.missing(request)
    if verdict.outcome == QUARANTINED:
        messages.error(
            request,
            _("It still cannot be taken: %(reason)s") % {"reason": intake_words.words(verdict.reason)},
        )
        return redirect("oms_console:quarantined", pk=pk)
    messages.success(request, _("The order has been offered again."))
    return redirect("oms_console:quarantine")
