"""*Quarantine*: orders that could not be taken, by cause."""

import json

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.console import flow, rows
from ambar.oms.upstream.models import Quarantined

COLUMNS = (
    Column(key="number", label=lazy("Order"), kind="code"),
    Column(key="kind", label=lazy("Kind")),
    Column(key="reason", label=lazy("Reason"), kind="clip"),
    Column(key="times", label=lazy("Seen"), kind="number"),
    Column(key="since", label=lazy("Since"), kind="time", sort="since"),
    Column(key="modified", label=lazy("Last seen"), kind="time", sort="modified"),
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
    return pages.show_list(request, found, title=_("Quarantine"), search_hint=_("Order number or reason"))


@gate.screen("intake:read")
def quarantined(request: HttpRequest, pk: int) -> HttpResponse:
    """One order in quarantine with what was received."""
    found = Quarantined.objects.filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    context = {
        "row": found,
        "detail": json.dumps(found.detail, ensure_ascii=False, indent=2) if found.detail else "",
        "payload": json.dumps(found.payload, ensure_ascii=False, indent=2),
    }
    return render(request, "oms_console/quarantined.html", context)
