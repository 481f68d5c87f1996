"""*Imports*: CSV files of stock figures, with live progress and the rows that were wrong."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import Refusal
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.console import looks, refusals
from ambar.oms.stock.actions.import_file import cancel_import, resume_import, store_file
from ambar.oms.stock.models import Import

COLUMNS = (
    Column(key="number", label=gettext_lazy("No."), kind="code"),
    Column(key="name", label=gettext_lazy("File"), kind="clip"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="rows", label=gettext_lazy("Rows"), kind="number"),
    Column(key="done", label=gettext_lazy("Done"), kind="number"),
    Column(key="changed", label=gettext_lazy("Changed rows"), kind="number"),
    Column(key="errors", label=gettext_lazy("Errors"), kind="number"),
    Column(key="created", label=gettext_lazy("Created"), kind="time"),
)
MOST_ERRORS = 200
BIGGEST = 50 * 1024 * 1024


def _visible(request: HttpRequest) -> Any:
    principal = gate.principal(request)
    if "location_ids" not in principal.bounds:
        return Import.objects.all()
    return Import.objects.filter(created_by=principal.user_id)


def _rows(found: list[Import]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "href": reverse("oms_console:stock_import", args=[one.pk]),
            "number": str(one.pk),
            "name": one.name,
            "state": looks.PROGRESS[one.state],
            "rows": one.rows,
            "done": one.done,
            "changed": one.changed,
            "errors": one.errors,
            "created": one.created_at,
        }
        for one in found
    ]


@gate.screen("stock:write")
def imports(request: HttpRequest) -> HttpResponse:
    """Files, the newest first; a posted `file` is taken and applied in the background."""
    if request.method == "POST":
        return _take(request)
    found = listing.build(
        request,
        _visible(request),
        columns=COLUMNS,
        rows=_rows,  # type: ignore[arg-type]
        caption=_("Imports"),
        empty_title=_("No files yet."),
        empty_text=_("Choose a CSV file with the columns erp_code, sku, quantity."),
    )
    return pages.show_list(request, found, title=_("Imports"), template="oms_console/imports.html")


def _take(request: HttpRequest) -> HttpResponse:
    principal = gate.principal(request)
    sent = request.FILES.get("file")
    if sent is None or (sent.size or 0) > BIGGEST:
        messages.error(request, _("Choose a CSV file of at most 50 MB."))
        return redirect("oms_console:stock_imports")
    own = principal.bounds.get("location_ids")
    try:
        made = store_file(
            sent.read(), name=sent.name or "", bound_to=own, user_id=principal.user_id, now=clock.now()
        )
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return redirect("oms_console:stock_imports")
    accounts.audit(principal, "stock.import", "stock_import", made.pk, {"name": made.name, "rows": made.rows})
    return redirect("oms_console:stock_import", pk=made.pk)


@gate.screen("stock:write")
def stock_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: progress while it runs, then its figures and wrong rows."""
    found = _visible(request).filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    share = found.done / found.rows if found.rows else 1.0
    context = {
        "found": found,
        "look": looks.PROGRESS[found.state],
        "open": found.state in (Import.WAITING, Import.RUNNING),
        "stopped": found.state == Import.CANCELLED,
        "length": round(600 * min(1.0, share)),
        "faults": [
            {"line": one.line, "field": one.field, "words": refusals.sentence(one.message)}
            for one in found.wrong.order_by("line", "id")[:MOST_ERRORS]
        ],
        "more": max(0, found.errors - MOST_ERRORS),
    }
    return render(request, "oms_console/import.html", context)


@require_POST
@gate.screen("stock:write")
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a running file, or go on with a stopped one (`to` is stop or on)."""
    found = _visible(request).filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    try:
        (resume_import if request.POST.get("to") == "on" else cancel_import)(found, now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
    return redirect("oms_console:stock_import", pk=pk)
