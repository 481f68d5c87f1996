"""*Packages*: list by state, one package, *Select Action*. Source: "Akinon OMS: Packages", "States"."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts
from ambar.kit.refusals import Invalid, NotFound, Refusal
from ambar.kit.ui import forms, gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.kit.ui.looks import Look
from ambar.kit.ui.webhooks import reads as hook_reads
from ambar.oms.console import (
    files,
    floor_looks,
    floor_rows,
    flow,
    looks,
    many,
    pickers,
    refusals,
    rows,
    scanning,
    select_action,
)
from ambar.oms.invoices import queries as invoices
from ambar.oms.locations.models import StockLocation
from ambar.oms.packages import lineage
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.packages.queries import visible
from ambar.oms.shipments import queries as shipments
from ambar.oms.states import queries as states
from ambar.oms.stock.models import Reservation
from ambar.oms.transfers import queries as transfers
from ambar.oms.transfers.models import TransferItem

COLUMNS = (
    Column(key="number", label=gettext_lazy("Package"), kind="code", sort="number"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="location", label=gettext_lazy("Location"), kind="clip"),
    Column(key="channel", label=gettext_lazy("Channel"), kind="clip"),
    Column(key="carrier", label=gettext_lazy("Carrier")),
    Column(key="amount", label=gettext_lazy("Amount"), kind="money"),
    Column(key="created", label=gettext_lazy("Created"), kind="time", sort="created"),
    Column(key="modified", label=gettext_lazy("Changed"), kind="time", sort="modified"),
)
ITEM_COLUMNS = (
    Column(key="sku", label=gettext_lazy("SKU"), kind="code"),
    Column(key="name", label=gettext_lazy("Product"), kind="clip"),
    Column(key="barcode", label=gettext_lazy("Barcode"), kind="code"),
    Column(key="quantity", label=gettext_lazy("Quantity"), kind="number"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
)
SCANNED = Column(key="scanned", label=gettext_lazy("Scanned"), kind="state")
PARCEL_COLUMNS = (
    Column(key="number", label=gettext_lazy("Tracking number"), kind="code"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="carrier", label=gettext_lazy("Carrier")),
    Column(key="talk", label=gettext_lazy("Talk with the carrier"), kind="state"),
)
EVENT_COLUMNS = (
    Column(key="type", label=gettext_lazy("Event"), kind="code"),
    Column(key="host", label=gettext_lazy("To"), kind="clip"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="answer", label=gettext_lazy("Answer"), kind="clip"),
    Column(key="created", label=gettext_lazy("Recorded"), kind="time"),
)
TRANSFER_COLUMNS = (
    Column(key="number", label=gettext_lazy("Transfer"), kind="code"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="source", label=gettext_lazy("From"), kind="clip"),
    Column(key="items", label=gettext_lazy("Items"), kind="number"),
    Column(key="tracking", label=gettext_lazy("Tracking number"), kind="code"),
)
RESERVATION_COLUMNS = (
    Column(key="sku", label=gettext_lazy("SKU"), kind="code"),
    Column(key="location", label=gettext_lazy("Reserved at"), kind="clip"),
    Column(key="quantity", label=gettext_lazy("Quantity"), kind="number"),
    Column(key="since", label=gettext_lazy("Since"), kind="time"),
)
TABS: tuple[tuple[str, Any, tuple[int, ...]], ...] = (
    ("", gettext_lazy("All"), ()),
    ("waiting", gettext_lazy("Waiting"), (100, 150)),
    ("preparing", gettext_lazy("Preparing"), (200,)),
    ("transfer", gettext_lazy("Waiting for transfer"), (300,)),
    ("ready", gettext_lazy("Ready"), (400,)),
    ("packed", gettext_lazy("Packed"), (500,)),
    ("shipped", gettext_lazy("Shipped"), (600, 620, 640, 660)),
    ("failed", gettext_lazy("Not delivered"), (640, 660)),
    ("delivered", gettext_lazy("Delivered"), (700,)),
    ("stuck", gettext_lazy("Stuck"), flow.PROBLEMS),
    ("rescheduling", gettext_lazy("Needs rescheduling"), (910,)),
    ("out_of_stock", gettext_lazy("Out of stock"), (920,)),
    ("blocked", gettext_lazy("Blocked"), (930,)),
    ("cancelling", gettext_lazy("Cancellation waiting"), (800,)),
)
RARE = ("transfer", "failed", "cancelling", "rescheduling", "out_of_stock", "blocked")
"""Tabs that only show when there is something in them; `failed` is part of *Shipped* and reached from home."""


def _tabs(current: str, counts: Mapping[int, int]) -> list[pages.Tab]:
    return [
        pages.Tab(
            label=label,
            href=f"?tab={key}" if key else reverse("oms_console:packages"),
            current=key == current,
            count=sum(counts.get(state, 0) for state in states_) if states_ else sum(counts.values()),
        )
        for key, label, states_ in TABS
        if key == current
        or key not in RARE
        or (key != "failed" and any(counts.get(state) for state in states_))
    ]


def _locations(principal: Any) -> list[tuple[str, str]]:
    found = StockLocation.objects.order_by("name")
    if "location_ids" in principal.bounds:
        found = found.filter(pk__in=principal.bounds["location_ids"])
    return [(str(pk), name) for pk, name in found.values_list("id", "name")[:500]]


@gate.screen("packages:read")
def packages(request: HttpRequest) -> HttpResponse:
    """Packages by state, newest first."""
    principal = gate.principal(request)
    tab = request.GET.get("tab", "")
    wanted = next((states_ for key, _label, states_ in TABS if key == tab), ())
    found = (
        visible(principal)
        .select_related("location", "channel", "order")
        .defer(
            "order__raw",
            "order__billing_address",
            "order__shipping_address",
            "order__customer",
            "shipping_label",
        )
    )
    listed = listing.build(
        request,
        found.filter(state__in=wanted) if wanted else found,
        columns=COLUMNS,
        rows=rows.packages,
        search=lambda packages, text: packages.filter(number__startswith=text),
        choices=[
            listing.Choice(
                key="location",
                label=_("Location"),
                options=_locations(principal),
                narrow=lambda packages, value: packages.filter(location_id=int(value)),
            ),
            listing.Choice(
                key="channel",
                label=_("Channel"),
                options=pickers.options("channel_id"),
                narrow=lambda packages, value: packages.filter(channel_id=int(value)),
            ),
        ],
        sort={"number": "number", "created": "created_at", "modified": "modified_at"},
        default_sort="-id",
        kept=("tab",),
        pick=principal.may("packages:command"),
        caption=_("Packages"),
        empty_title=_("No packages here."),
        empty_text=_("Packages appear as soon as orders are planned."),
    )
    counts = flow.package_counts(location_ids=principal.bounds.get("location_ids"))
    return pages.show_list(
        request,
        listed,
        title=_("Packages"),
        tabs=_tabs(tab, counts),
        selection_template="oms_console/bulk_bar.html",
        bulk=many.package_choices(wanted or [state for state, n in counts.items() if n], principal),
        bulk_url=reverse("oms_console:bulk"),
        sheets_url=reverse("oms_console:sheets"),
        search_hint=_("Package or order number"),
        files=files.address(
            "packages",
            request.GET,
            {"location": "stock_location", "channel": "channel", "q": "number__startswith"},
            state__enum_value__in=",".join(map(str, wanted)),
        ),
    )


@gate.screen("packages:read")
def package(request: HttpRequest, pk: int) -> HttpResponse:
    """One package. `?action=<slug>` opens that command's form in place."""
    found = _find(request, pk)
    if found is None:
        return gate.missing(request)
    choices = select_action.choices(found, gate.principal(request))
    chosen = select_action.chosen(choices, request.GET.get("action"), found)
    return _show(request, found, choices=choices, chosen=chosen)


@require_POST
@gate.screen("packages:command")
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Run the command of the posted transition `slug`; its own refusal is shown beside the field or above."""
    principal = gate.principal(request)
    found = _find(request, pk)
    if found is None:
        return gate.missing(request)
    choices = select_action.choices(found, principal)
    chosen = select_action.chosen(choices, request.POST.get("slug"), found)
    if chosen is None:
        messages.error(request, _("This action can no longer be run: the package has moved on."))
        return redirect("oms_console:package", pk=pk)
    values, errors, raw = forms.read(chosen.fields, request.POST)
    if errors:
        return _show(request, found, choices=choices, chosen=chosen.with_answers(raw, errors), status=400)
    try:
        select_action.run(pk, chosen, values, principal)
    except Invalid as refusal:
        placed, rest = refusals.at_inputs(refusal.fields, chosen.fields)
        for words in rest:
            messages.error(request, words)
        return _show(
            request,
            found,
            choices=choices,
            chosen=chosen.with_answers(raw, placed),
            status=400,
        )
    except NotFound:
        return gate.missing(request)
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return redirect(_back(request, pk))
    messages.success(request, _("Done: %(action)s.") % {"action": chosen.label})
    return redirect(_back(request, pk))


def _back(request: HttpRequest, pk: int) -> str:
    """Where the action was chosen: the package, or the screen that posted itself as `next`."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and safe else reverse("oms_console:package", args=[pk])


def _find(request: HttpRequest, pk: int) -> Package | None:
    found = (
        visible(gate.principal(request)).select_related("location", "channel", "order").defer("order__raw")
    )
    row: Package | None = found.filter(pk=pk).first()
    if row is None:
        accounts.note_foreign(gate.principal(request), Package.objects.all(), pk)
    return row


def _show(
    request: HttpRequest,
    found: Package,
    *,
    choices: Sequence[select_action.Choice],
    chosen: select_action.Choice | None,
    status: int = 200,
) -> HttpResponse:
    principal = gate.principal(request)
    items = PackageItem.objects.select_related("product").filter(package_id=found.pk).order_by("id")
    asked = invoices.open_calls([found.pk]).get(found.pk)
    context = {
        "invoice": invoices.current([found.pk]).get(found.pk),
        "invoice_call": asked,
        "again": next((choice for choice in choices if asked and choice.slug == asked["transition"]), None),
        "package": found,
        "look": looks.package(found.state),
        "may_ask": principal.may("planning:read"),
        "items": rows.package_items(items),
        "item_columns": ITEM_COLUMNS,
        "parcels": floor_rows.shipments(
            list(
                shipments.visible(principal).filter(packages=found).select_related("carrier").order_by("-pk")
            ),
            principal,
        )
        if principal.may("shipments:read")
        else [],
        "parcel_columns": PARCEL_COLUMNS,
        "address": rows.address_lines(found.order.shipping_address),
        "customer": rows.customer_name(found.order.customer),
        "choices": choices,
        "main": next((choice for choice in choices if choice.main), None),
        "chosen": chosen,
        "moves": state_history("package", found.pk, lambda code: looks.package(int(code))),
        "events": hook_reads.about("package", found.pk) if principal.may("hooks:read") else None,
        "event_columns": EVENT_COLUMNS,
        "beside": lineage.beside(found.pk),
        "transfers": rows.transfers(transfers.minimal(principal).filter(package_id=found.pk).order_by("id"))
        if principal.may("transfers:read")
        else [],
        "transfer_columns": TRANSFER_COLUMNS,
        "reservations": rows.reservations(_reservations(found.pk)),
        "reservation_columns": RESERVATION_COLUMNS,
        "blocked_from": looks.package(found.previous_state) if found.previous_state else None,
    }
    if "scan" in request.GET:
        context |= _scanned(found, request.GET.get("got", ""), context["items"])
    return render(request, "oms_console/package.html", context, status=status)


def _scanned(found: Package, text: str, items: Sequence[Any]) -> dict[str, Any]:
    """The items with how many units of each were scanned, and whether all were."""
    so_far = scanning.ticked(found, text)
    return {
        "scan": True,
        "got": so_far.text,
        "done_scanning": so_far.complete,
        "items": [
            {**item, "scanned": floor_looks.scanned(so_far.counts.get(item["id"], 0), item["quantity"])}
            for item in items
        ],
        "item_columns": (*ITEM_COLUMNS[:4], SCANNED, *ITEM_COLUMNS[4:]),
    }


def _reservations(pk: int) -> Any:
    """What is reserved for the package: its own items, and what its transfers bring."""
    own = Q(holder_kind="package_item", holder_id__in=PackageItem.objects.filter(package_id=pk).values("pk"))
    brought = TransferItem.objects.filter(transfer__package_id=pk).values("pk")
    held = Reservation.objects.filter(own | Q(holder_kind="transfer_item", holder_id__in=brought))
    return held.select_related("location", "product").order_by("holder_kind", "holder_id")


def state_history(kind: str, pk: int, look: Callable[[str], Look]) -> list[dict[str, Any]]:
    """The states a package or transfer went through, newest first, with who and by which command."""
    logs = (
        states.TransitionLog.objects.select_related("old_state", "new_state")
        .filter(kind=kind, object_id=pk)
        .order_by("-id")[:100]
    )
    logged = list(logs)
    names = select_action.user_names({row.user_id for row in logged if row.user_id})
    return [
        {
            "look": look(row.new_state.enum_value),
            "at": row.created_at,
            "by": names.get(row.user_id, "") if row.user_id else "",
            "command": select_action.command_title(str(row.attributes.get("command.slug") or "")),
        }
        for row in logged
    ]
