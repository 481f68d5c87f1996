"""*Shipments*: list, one parcel with its carrier's story, what the carrier can be asked. Source: "Akinon OMS: Shipments"."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import Refusal
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.kit.ui.looks import Look
from ambar.oms.console import floor_looks, floor_rows, looks, refusals
from ambar.oms.packages.queries import visible as visible_packages
from ambar.oms.shipments import queries
from ambar.oms.shipments.actions import pass_on
from ambar.oms.shipments.actions.poll_now import poll_now
from ambar.oms.shipments.actions.retry import retry
from ambar.oms.shipments.models import (
    Carrier,
    Shipment,
    ShipmentPackage,
    ShipmentStatusEntry,
    ShipmentTransfer,
)
from ambar.oms.states.domain.codes import ShipmentStatus
from ambar.oms.transfers.queries import visible as visible_transfers

COLUMNS = (
    Column(key="number", label=gettext_lazy("Shipment"), kind="code"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="packages", label=gettext_lazy("Packages"), kind="clip"),
    Column(key="carrier", label=gettext_lazy("Carrier")),
    Column(key="talk", label=gettext_lazy("Talk"), kind="state"),
    Column(key="problem", label=gettext_lazy("Problem"), kind="clip"),
    Column(key="created", label=gettext_lazy("Created"), kind="time", sort="created"),
)
ASKS = {
    "dates": gettext_lazy("When the carrier could come"),
    "return": gettext_lazy("Ask for a return"),
    "return_state": gettext_lazy("How the return stands"),
    "call_off": gettext_lazy("Call the return off"),
}
LONGEST_BODY = 10_000
NUMBERS_SEARCHED = 1000


def _search(parcels: Any, text: str) -> Any:
    named = ShipmentPackage.objects.filter(package__number__startswith=text).values_list(
        "shipment_id", flat=True
    )
    moved = ShipmentTransfer.objects.filter(transfer__number__startswith=text).values_list(
        "shipment_id", flat=True
    )
    return parcels.filter(
        Q(awb_number__startswith=text)
        | Q(pk__in=list(moved[:NUMBERS_SEARCHED]))
        | Q(tracking_numbers__contains=[text])
        | Q(pk__in=list(named[:NUMBERS_SEARCHED]))
    )


@gate.screen("shipments:read")
def shipments(request: HttpRequest) -> HttpResponse:
    """Parcels with packages or transfers this person may see, newest first."""
    principal = gate.principal(request)
    carriers = [(str(pk), name) for pk, name in Carrier.objects.order_by("name").values_list("pk", "name")]
    found = listing.build(
        request,
        queries.visible(principal).select_related("carrier").defer("label"),
        columns=COLUMNS,
        rows=lambda parcels: floor_rows.shipments(parcels, principal),
        search=_search,
        choices=[
            listing.Choice(
                key="state",
                label=_("State"),
                options=[(str(code), floor_looks.shipment(str(code)).word) for code in ShipmentStatus],
                narrow=lambda parcels, value: parcels.filter(state=value),
            ),
            listing.Choice(
                key="talk",
                label=_("Talk with the carrier"),
                options=[(key or "none", look.word) for key, look in floor_looks.TALK.items()],
                narrow=lambda parcels, value: parcels.filter(talk="" if value == "none" else value),
            ),
            listing.Choice(
                key="carrier",
                label=_("Carrier"),
                options=carriers,
                narrow=lambda parcels, value: parcels.filter(carrier_id=int(value)),
            ),
        ],
        sort={"created": "created_at", "modified": "modified_at"},
        default_sort="-id",
        caption=_("Shipments"),
        empty_title=_("No shipments yet."),
        empty_text=_("A parcel appears when a package is packed for a carrier, or shipped by hand."),
    )
    return pages.show_list(
        request,
        found,
        title=_("Shipments"),
        search_hint=_("Tracking or package number"),
        template="oms_console/shipments.html",
        may_see_senders=principal.may("locations:read"),
    )


def _find(request: HttpRequest, pk: int) -> Shipment | None:
    principal = gate.principal(request)
    found: Shipment | None = queries.visible(principal).select_related("carrier").filter(pk=pk).first()
    if found is None:
        accounts.note_foreign(principal, Shipment.objects.all(), pk)
    return found


@gate.screen("shipments:read")
def shipment(request: HttpRequest, pk: int) -> HttpResponse:
    """One parcel: its packages or transfers, numbers, label, and what its carrier told."""
    found = _find(request, pk)
    return gate.missing(request) if found is None else _show(request, found)


def _show(request: HttpRequest, found: Shipment, status: int = 200, **more: Any) -> HttpResponse:
    principal = gate.principal(request)
    inside = ShipmentPackage.objects.filter(shipment=found).values("package_id")
    packages = visible_packages(principal).filter(pk__in=inside).select_related("location").order_by("pk")
    moved = ShipmentTransfer.objects.filter(shipment=found).values("transfer_id")
    transfers = visible_transfers(principal).filter(pk__in=moved).select_related("source", "destination")
    told = ShipmentStatusEntry.objects.filter(shipment=found).order_by("-at", "-pk")
    knows = found.carrier_id is not None and found.talk in ("known", "ended")
    link = found.tracking_url or ""
    context = {
        "shipment": found,
        "name": floor_rows.parcel_name(found),
        "look": floor_looks.shipment(found.state),
        "talk": floor_looks.TALK[found.talk],
        "packages": [(package, looks.package(package.state)) for package in packages],
        "transfers": [(transfer, looks.transfer(transfer.state)) for transfer in transfers.order_by("pk")],
        "numbers": list(reversed(found.tracking_numbers)),
        "tracking_url": link if link.startswith(("https://", "http://")) else "",
        "story": [
            {"look": _story_look(entry.status), "entry": entry, "late": not entry.applied} for entry in told
        ],
        "may_command": principal.may("shipments:command"),
        "may_poll": found.talk in ("to_ask", "known"),
        "may_retry": found.talk == "error" or (found.talk == "" and found.state == ShipmentStatus.CREATED),
        "asking": found.talk in ("to_ask", "known") and (found.due_at is None or found.due_at <= clock.now()),
        "asks": list(ASKS.items()) if knows else [],
        **more,
    }
    return render(request, "oms_console/shipment.html", context, status=status)


def _story_look(status: str) -> Any:
    """A carrier's word may be none of our states."""
    if status in set(ShipmentStatus):
        return floor_looks.shipment(status)
    return Look(tone="neutral", shape="ring", word=status)


@require_POST
@gate.screen("shipments:command")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the carrier be asked now: for its story, or once more for a parcel it did not make."""
    found = _find(request, pk)
    if found is None:
        return gate.missing(request)
    try:
        (retry if found.talk in ("error", "") else poll_now)(pk, now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return redirect("oms_console:shipment", pk=pk)
    accounts.audit(gate.principal(request), "shipment.asked", "shipment", pk, {})
    messages.success(request, _("The carrier is being asked; the answer appears here."))
    return redirect("oms_console:shipment", pk=pk)


@require_POST
@gate.screen("shipments:command")
def hand_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Appointments and returns: `what` is handed to the carrier with the posted `details`, its answer is shown."""
    found = _find(request, pk)
    what = request.POST.get("what", "")
    if found is None or what not in ASKS:
        return gate.missing(request)
    details = request.POST.get("details", "").strip()
    try:
        body = json.loads(details) if details else {}
        if not isinstance(body, dict) or len(details) > LONGEST_BODY or "\\u0000" in details:
            raise ValueError
    except (ValueError, RecursionError):
        messages.error(request, _("Details must be a JSON object."))
        return _show(request, found, status=400, details=details)
    try:
        answer = _asked(found, what, body)
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return _show(request, found, status=409, details=details)
    accounts.audit(gate.principal(request), f"shipment.{what}", "shipment", pk, {})
    drawn = json.dumps(answer, ensure_ascii=False, indent=2)[:LONGEST_BODY]
    return _show(request, found, answer=drawn, answered=ASKS[what], details=details)


def _asked(found: Shipment, what: str, body: dict[str, Any]) -> dict[str, Any]:
    if what == "dates":
        return pass_on.appointment_dates(found, body)
    method = {"return": "POST", "return_state": "GET", "call_off": "DELETE"}[what]
    return pass_on.easy_return(found, method, body if method == "POST" else None)
