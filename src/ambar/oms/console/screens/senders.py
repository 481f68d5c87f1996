"""*Sender addresses*: by which id each carrier knows a location. Source: "Akinon OMS: Stock Location Sender Address Services"."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.kit.ui.forms import Field
from ambar.oms.console import kept_records
from ambar.oms.locations.models import StockLocation
from ambar.oms.shipments.actions.generate_sender import generate_sender
from ambar.oms.shipments.actions.save_sender import change_sender, create_sender
from ambar.oms.shipments.models import Carrier, SenderAddress

COLUMNS = (
    Column(key="location", label=gettext_lazy("Location"), kind="clip"),
    Column(key="carrier", label=gettext_lazy("Carrier")),
    Column(key="origin", label=gettext_lazy("Id at the carrier"), kind="code"),
    Column(key="remote", label=gettext_lazy("Second id"), kind="code"),
    Column(key="modified", label=gettext_lazy("Changed"), kind="time"),
)
LONGEST = {"origin_id": 128, "remote_id": 128}
MOST_LOCATIONS = 500


def _rows(found: list[Any]) -> list[Mapping[str, Any]]:
    return [
        {
            "id": one.pk,
            "href": reverse("oms_console:sender", args=[one.pk]),
            "location": one.location.name,
            "carrier": one.carrier.name if one.carrier else _("Any carrier"),
            "origin": one.origin_id,
            "remote": one.remote_id,
            "modified": one.modified_at,
        }
        for one in found
    ]


def _may_write(request: HttpRequest) -> bool:
    principal = gate.principal(request)
    return principal.may("locations:write") and not kept_records.bound(request)


def _visible(request: HttpRequest) -> Any:
    rows = SenderAddress.objects.select_related("location", "carrier")
    bounds = gate.principal(request).bounds
    return rows.filter(location_id__in=bounds["location_ids"]) if "location_ids" in bounds else rows


@gate.screen("locations:read")
def senders(request: HttpRequest) -> HttpResponse:
    """All sender addresses; a person bound to locations sees those of the own ones."""
    found = listing.build(
        request,
        _visible(request),
        columns=COLUMNS,
        rows=_rows,
        search=lambda rows, text: rows.filter(location__name__icontains=text),
        default_sort="location__name",
        caption=_("Sender addresses"),
        empty_title=_("No sender addresses yet."),
        empty_text=_("They are needed only when a carrier knows your locations by ids of its own."),
    )
    return pages.show_list(
        request,
        found,
        title=_("Sender addresses"),
        search_hint=_("Location"),
        template="oms_console/senders.html",
        may_write=_may_write(request),
    )


@gate.screen("locations:read")
def sender(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The form of a sender address; without `pk` a new one. Location and carrier of a kept one stay."""
    found = SenderAddress() if pk is None else _visible(request).filter(pk=pk).first()
    if found is None:
        accounts.note_foreign(gate.principal(request), SenderAddress.objects.all(), pk or 0)
        return gate.missing(request)
    may_write = _may_write(request)
    if not may_write and (pk is None or request.method == "POST"):
        return kept_records.forbidden(request)
    fields = _fields(found)
    if request.method != "POST":
        return _show(request, found, fields, may_write)
    if "generate" in request.POST:
        return _generate(request, found, fields)
    posted = kept_records.post(request, fields, lambda values: _save(pk, _given(values)))
    if posted.saved is None:
        return _show(request, found, posted.fields, may_write, status=posted.status)
    kept_records.note(request, "sender_address", pk, posted.saved)
    return redirect("oms_console:senders")


def _generate(request: HttpRequest, found: SenderAddress, fields: list[Field]) -> HttpResponse:
    """The carrier is told the address of the location and answers the id; nothing is typed."""
    ends = [replace(one, required=True) for one in fields if one.name in ("stock_location", "carrier")]

    def ask(values: Mapping[str, Any]) -> SenderAddress:
        location = int(values.get("stock_location") or found.location_id)
        return generate_sender(location, int(values.get("carrier") or found.carrier_id or 0), now=clock.now())

    posted = kept_records.post(request, ends, ask)
    if posted.saved is None:
        told = {one.name: one for one in posted.fields}
        again = [replace(told.get(one.name, one), required=one.required) for one in fields]
        return _show(request, found, again, True, status=posted.status)
    accounts.audit(gate.principal(request), "sender_address.generated", "sender_address", posted.saved.pk, {})
    messages.success(request, _("The carrier knows the location as %(id)s.") % {"id": posted.saved.origin_id})
    return redirect("oms_console:sender", pk=posted.saved.pk)


def _save(pk: int | None, given: dict[str, Any]) -> SenderAddress:
    return change_sender(pk, given, now=clock.now()) if pk else create_sender(given, now=clock.now())


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"remote_id": None, **values}
    kept_records.no_longer_than(given, LONGEST)
    for name in ("stock_location", "carrier"):
        if name in given:
            given[name] = int(given[name])
    return given


def _fields(found: SenderAddress) -> list[Field]:
    own = [
        Field(
            name="origin_id", label=_("Id at the carrier"), kind="text", required=True, value=found.origin_id
        ),
        Field(name="remote_id", label=_("Second id"), kind="text", value=found.remote_id or ""),
    ]
    if found.pk:
        return own
    places = StockLocation.objects.order_by("name").values_list("pk", "name")[:MOST_LOCATIONS]
    carriers = Carrier.objects.order_by("name").values_list("pk", "name")[:MOST_LOCATIONS]
    return [
        Field(
            name="stock_location",
            label=_("Location"),
            kind="choice",
            required=True,
            options=tuple((str(pk), name) for pk, name in places),
        ),
        Field(
            name="carrier",
            label=_("Carrier"),
            kind="choice",
            options=tuple((str(pk), name) for pk, name in carriers),
            help=_("Empty: for every carrier without an own one."),
        ),
        *own,
    ]


def _show(
    request: HttpRequest, found: SenderAddress, fields: list[Field], may_write: bool, status: int = 200
) -> HttpResponse:
    context = {"sender": found, "fields": fields, "may_write": may_write}
    return render(request, "oms_console/sender.html", context, status=status)


@require_POST
@gate.screen("locations:write")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a sender address."""
    if not _may_write(request):
        return kept_records.forbidden(request)
    if not SenderAddress.objects.filter(pk=pk).delete()[0]:
        return gate.missing(request)
    kept_records.note_deleted(request, "sender_address", pk, _("The sender address has been deleted."))
    return redirect("oms_console:senders")
