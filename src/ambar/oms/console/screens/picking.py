"""*Pick and pack*: what a location has to do, oldest first; the scan field; pick lists and packing slips."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit.text import is_digits
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.console import floor_rows, flow, many, scanning
from ambar.oms.console.screens.bulk import ids_of
from ambar.oms.locations.models import StockLocation
from ambar.oms.packages.queries import visible
from ambar.oms.shipments import papers
from ambar.oms.shipments.api import PAGES_AT_ONCE

COLUMNS = (
    Column(key="number", label=gettext_lazy("Package"), kind="code"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="pieces", label=gettext_lazy("Pieces"), kind="number"),
    Column(key="items", label=gettext_lazy("Items"), kind="clip"),
    Column(key="location", label=gettext_lazy("Location"), kind="clip"),
    Column(key="carrier", label=gettext_lazy("Carrier")),
    Column(key="placed", label=gettext_lazy("Ordered"), kind="time"),
)
TABS: tuple[tuple[str, Any, tuple[int, ...]], ...] = (
    ("", gettext_lazy("To pick"), (100,)),
    ("preparing", gettext_lazy("Preparing"), (200,)),
    ("ready", gettext_lazy("Ready"), (400,)),
    ("packed", gettext_lazy("Packed"), (500,)),
    ("cancelling", gettext_lazy("Cancellation waiting"), (800,)),
)
MOST_LOCATIONS = 500


def _locations(request: HttpRequest) -> list[tuple[str, str]]:
    bounds = gate.principal(request).bounds
    rows = StockLocation.objects.order_by("name")
    if "location_ids" in bounds:
        rows = rows.filter(pk__in=bounds["location_ids"])
    return [(str(pk), name) for pk, name in rows.values_list("id", "name")[:MOST_LOCATIONS]]


def _tabs(request: HttpRequest, current: str, locations: list[tuple[str, str]]) -> list[pages.Tab]:
    bounds = gate.principal(request).bounds.get("location_ids")
    chosen = request.GET.get("location", "")
    known = chosen if chosen in dict(locations) else ""
    counts = flow.package_counts(location_ids=[int(known)] if known else bounds)
    here = reverse("oms_console:picking")
    return [
        pages.Tab(
            label=label,
            href=f"{here}?{urlencode({name: value for name, value in (('tab', key), ('location', known)) if value})}",
            current=key == current,
            count=sum(counts.get(state, 0) for state in states),
        )
        for key, label, states in TABS
    ]


@gate.screen("packages:read")
def picking(request: HttpRequest) -> HttpResponse:
    """Packages that wait for hands, the oldest first."""
    principal = gate.principal(request)
    tab = request.GET.get("tab", "")
    key, states = next(((key, states) for key, _label, states in TABS if key == tab), ("", (100,)))
    locations = _locations(request)
    rows = visible(principal).filter(state__in=states).select_related("location", "order")
    found = listing.build(
        request,
        rows.defer("order__raw", "order__billing_address", "order__shipping_address", "shipping_label"),
        columns=[column for column in COLUMNS if column.key != "location" or len(locations) != 1],
        rows=floor_rows.to_pick,
        choices=[
            listing.Choice(
                key="location",
                label=_("Location"),
                options=locations,
                narrow=lambda packages, value: packages.filter(location_id=int(value)),
            )
        ]
        if len(locations) != 1
        else [],
        default_sort="id",
        kept=("tab",),
        pick=True,
        caption=_("Pick and pack"),
        empty_title=_("Nothing to do here."),
        empty_text=_("Packages appear as soon as orders are planned."),
    )
    return pages.show_list(
        request,
        found,
        title=_("Pick and pack"),
        tabs=_tabs(request, key, locations),
        template="oms_console/picking.html",
        selection_template="oms_console/bulk_bar.html",
        bulk=many.package_choices(states, principal),
        bulk_url=reverse("oms_console:bulk"),
        sheets_url=reverse("oms_console:sheets"),
    )


@gate.screen("packages:read")
def scan(request: HttpRequest) -> HttpResponse:
    """Open what the scanned `code` belongs to; with `package`, an item of it is ticked off first (`got` so far)."""
    principal = gate.principal(request)
    code = scanning.cleaned(request.GET.get("code", ""))
    if not code:
        return redirect("oms_console:picking")
    inside, package, got = request.GET.get("package", ""), None, ""
    if is_digits(inside) and len(inside) < 18:
        package = visible(principal).filter(pk=int(inside)).first()
        got = request.GET.get("got", "")
        now = scanning.tick(package, got, code) if package else None
        if now is not None:
            return _goes_on(int(inside), now.text)
        if package is not None and scanning.belongs(package, code):
            messages.error(request, _("All of %(code)s in this package is scanned already.") % {"code": code})
            return _goes_on(package.pk, scanning.ticked(package, got).text)
    found = scanning.find(code, principal)
    if found.transfer is not None and principal.may("transfers:read"):
        return redirect("oms_console:transfer", pk=found.transfer)
    if len(found.packages) == 1:
        return redirect(f"{reverse('oms_console:package', args=found.packages)}?scan=1")
    if not found.packages:
        messages.error(request, _("Nothing here has the number %(code)s.") % {"code": code})
        if package is not None:
            return _goes_on(package.pk, scanning.ticked(package, got).text)
        return redirect("oms_console:picking")
    rows = visible(principal).filter(pk__in=found.packages).select_related("location", "order").order_by("pk")
    context = {
        "rows": floor_rows.to_pick(list(rows.defer("order__raw"))),
        "columns": COLUMNS,
        "code": code,
    }
    return render(request, "oms_console/scanned.html", context)


def _goes_on(package_id: int, got: str) -> HttpResponse:
    """Back to the open package with what is ticked: a slip of the hand costs no scan made before."""
    address = reverse("oms_console:package", args=[package_id])
    return redirect(f"{address}?{urlencode({'scan': 1, **({'got': got} if got else {})})}")


@require_POST
@gate.screen("packages:read")
def sheets(request: HttpRequest) -> HttpResponse:
    """A pick list (`sheet` is picks) or the packing slips (slips) of the chosen packages, as PDF."""
    ids = ids_of(request, PAGES_AT_ONCE + 1)
    own = visible(gate.principal(request)).filter(pk__in=ids).order_by("pk")
    found = list(own.values_list("pk", flat=True))
    if not found or len(ids) > PAGES_AT_ONCE:
        messages.error(request, _("Choose from 1 to %(most)s packages.") % {"most": PAGES_AT_ONCE})
        return redirect("oms_console:picking")
    slips = request.POST.get("sheet") == "slips"
    drawn = papers.packing_slips(found) if slips else papers.pick_list(found)
    answer = HttpResponse(drawn, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{"packing-slips" if slips else "pick-list"}.pdf"'
    return answer
