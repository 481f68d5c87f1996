"""*Transfers*: list by state, one transfer, its actions. Source: "Akinon OMS: Transfers"."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts
from ambar.kit.refusals import Invalid, NotFound, Refusal
from ambar.kit.ui import forms, gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.kit.ui.webhooks import reads as hook_reads
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.console import files, floor_looks, looks, many, refusals, rows, select_action
from ambar.oms.console.screens.packages import EVENT_COLUMNS, state_history
from ambar.oms.shipments.queries import of_transfers as parcels_of
from ambar.oms.states.domain.codes import TransferStatus
from ambar.oms.transfers import queries
from ambar.oms.transfers.models import Transfer, TransferItem

COLUMNS = (
    Column(key="number", label=gettext_lazy("Transfer"), kind="code", sort="number"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="source", label=gettext_lazy("From"), kind="clip"),
    Column(key="destination", label=gettext_lazy("To location"), kind="clip"),
    Column(key="package", label=gettext_lazy("Package"), kind="code"),
    Column(key="items", label=gettext_lazy("Items"), kind="number"),
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


@gate.screen("transfers:read")
def transfers(request: HttpRequest) -> HttpResponse:
    """Transfers that leave or reach a location of this person, newest first."""
    principal = gate.principal(request)
    found = listing.build(
        request,
        queries.minimal(principal),
        columns=COLUMNS,
        rows=rows.transfers,
        search=lambda moves, text: moves.filter(number__startswith=text),
        choices=[
            listing.Choice(
                key="state",
                label=_("State"),
                options=[(str(code), looks.transfer(str(code)).word) for code in TransferStatus],
                narrow=lambda moves, value: moves.filter(state=value),
            )
        ],
        sort={"number": "number", "created": "created_at", "modified": "modified_at"},
        default_sort="-id",
        pick=principal.may("transfers:command"),
        caption=_("Transfers"),
        empty_title=_("No transfers here."),
        empty_text=_("A transfer appears when a package waits for goods of another location."),
    )
    asked = request.GET.get("state", "")
    states = [asked] if asked in set(TransferStatus) else [str(code) for code in TransferStatus]
    return pages.show_list(
        request,
        found,
        title=_("Transfers"),
        search_hint=_("Transfer number"),
        selection_template="oms_console/bulk_bar.html",
        bulk=many.transfer_choices(states, principal),
        bulk_url=reverse("oms_console:bulk_transfers"),
        files=files.address("transfer_orders", request.GET, {"state": "state__enum_value"}),
    )


def _find(request: HttpRequest, pk: int) -> Transfer | None:
    found = queries.visible(gate.principal(request)).select_related("source", "destination", "package")
    row: Transfer | None = found.filter(pk=pk).first()
    if row is None:
        accounts.note_foreign(gate.principal(request), Transfer.objects.all(), pk)
    return row


@gate.screen("transfers:read")
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """One transfer. `?action=<slug>` opens that command's form in place."""
    found = _find(request, pk)
    if found is None:
        return gate.missing(request)
    choices = select_action.transfer_choices(found, gate.principal(request))
    chosen = next((choice for choice in choices if choice.slug == request.GET.get("action")), None)
    return _show(request, found, choices, chosen)


@require_POST
@gate.screen("transfers:command")
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Run the command of the posted transition `slug`."""
    principal = gate.principal(request)
    found = _find(request, pk)
    if found is None:
        return gate.missing(request)
    choices = select_action.transfer_choices(found, principal)
    chosen = next((choice for choice in choices if choice.slug == request.POST.get("slug")), None)
    if chosen is None:
        messages.error(request, _("This action can no longer be run: the transfer has moved on."))
        return redirect("oms_console:transfer", pk=pk)
    values, errors, raw = forms.read(chosen.fields, request.POST)
    if errors:
        return _show(request, found, choices, chosen.with_answers(raw, errors), status=400)
    try:
        select_action.run(pk, chosen, values, principal, kind=TRANSFERS)
    except NotFound:
        return gate.missing(request)
    except Invalid as refusal:
        placed, rest = refusals.at_inputs(refusal.fields, chosen.fields)
        for words in rest:
            messages.error(request, words)
        answered = chosen.with_answers(raw, placed)
        return _show(request, found, choices, answered, status=400)
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return redirect("oms_console:transfer", pk=pk)
    messages.success(request, _("Done: %(action)s.") % {"action": chosen.label})
    return redirect("oms_console:transfer", pk=pk)


def _show(
    request: HttpRequest,
    found: Transfer,
    choices: Sequence[select_action.Choice],
    chosen: select_action.Choice | None,
    status: int = 200,
) -> HttpResponse:
    items = TransferItem.objects.select_related("product").filter(transfer_id=found.pk).order_by("id")
    sees_hooks = gate.principal(request).may("hooks:read")
    parcel = parcels_of([found.pk])[found.pk]
    context: dict[str, Any] = {
        "transfer": found,
        "parcel": parcel,
        "parcel_look": None if parcel is None else floor_looks.shipment(parcel["state"]["enum_value"]),
        "look": looks.transfer(found.state),
        "package_look": looks.package(found.package.state),
        "items": rows.transfer_items(items),
        "item_columns": ITEM_COLUMNS,
        "choices": choices,
        "main": next((choice for choice in choices if choice.main), None),
        "chosen": chosen,
        "moves": state_history("transfer", found.pk, looks.transfer),
        "events": hook_reads.about("transfer", found.pk) if sees_hooks else None,
        "event_columns": EVENT_COLUMNS,
    }
    return render(request, "oms_console/transfer.html", context, status=status)
