"""*Quarantine*: orders that could not be taken, by cause."""

import json

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import NotFound
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.console import flow, intake_words, looks, quarantine_tabs, rows
from ambar.oms.orders.models import Order
from ambar.oms.upstream import configured
from ambar.oms.upstream.actions.redrive import redrive
from ambar.oms.upstream.domain.verdicts import ANOTHER_ORDER, QUARANTINED
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
        tabs=quarantine_tabs.tabs("orders"),
        search_hint=_("Order number or reason"),
    )


@gate.screen("intake:read")
def quarantined(request: HttpRequest, pk: int) -> HttpResponse:
    """One order in quarantine with what was received."""
    found = Quarantined.objects.filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    may_retry = found.closed_at is None and gate.principal(request).may("intake:write")
    context = {
        "row": found,
        "reason": intake_words.words(found.reason),
        "kind": looks.QUARANTINE_KINDS.get(found.kind, found.kind),
        "may_retry": may_retry,
        "other": _under_another_number(found) if may_retry else None,
        "detail": json.dumps(found.detail, ensure_ascii=False, indent=2) if found.detail else "",
        "payload": json.dumps(found.payload, ensure_ascii=False, indent=2),
    }
    return render(request, "oms_console/quarantined.html", context)


def _under_another_number(row: Quarantined) -> Order | None:
    """The order that is here under this one's id with another number, which it may get from it; None of anything else."""
    if row.closed_at is not None or row.cause != f"{ANOTHER_ORDER}:number" or not row.number:
        return None
    here = Order.objects.filter(source=row.source, upstream_id=row.upstream_id)
    return here.exclude(number=row.number).only("id", "number").first()


@require_POST
@gate.screen("intake:write")
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer one order again that has another number here: a person has seen both (`here`, `given`), and says it is the same order."""
    row = Quarantined.objects.filter(pk=pk, closed_at=None).first()
    if row is None:
        return gate.missing(request)
    other = _under_another_number(row)
    if other is None or (request.POST.get("here"), request.POST.get("given")) != (other.number, row.number):
        messages.error(request, _("The numbers are others by now. Look again."))
        return redirect("oms_console:quarantined", pk=pk)
    try:
        verdict = redrive(ids=[pk], configured=configured.current(), now=clock.now(), renames=True)[0]
    except NotFound:
        return gate.missing(request)
    accounts.audit(
        gate.principal(request), "quarantine.redriven", "quarantine", None, {"ids": [pk], "rename": True}
    )
    if verdict.outcome == QUARANTINED:
        told = _("It still cannot be taken: %(reason)s")
        messages.error(request, told % {"reason": intake_words.words(verdict.reason or "")})
        return redirect("oms_console:quarantined", pk=pk)
    number = Order.objects.values_list("number", flat=True).get(pk=other.pk)
    if number == row.number:
        messages.success(request, _("The order has the number %(number)s now.") % {"number": number})
    else:
        told = _(
            "The order keeps its number %(number)s: a rule refuses what came, or a later version of it is here."
        )
        messages.warning(request, told % {"number": number})
    return redirect("oms_console:order", pk=other.pk)


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
