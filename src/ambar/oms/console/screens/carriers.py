"""*Carriers*: who is connected, how the talk with each goes, their form, *Try it*. Source: Akinon, "Shipment Flows"."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import clock
from ambar.kit.refusals import Refusal
from ambar.kit.ui import gate
from ambar.kit.ui.forms import Field
from ambar.oms.console import floor_looks, kept_records, looks, refusals
from ambar.oms.shipments.actions.remove_carrier import remove_carrier
from ambar.oms.shipments.actions.save_carrier import save_carrier
from ambar.oms.shipments.actions.try_carrier import try_carrier
from ambar.oms.shipments.gateways.adapters import ADAPTERS
from ambar.oms.shipments.models import Carrier, Shipment
from ambar.oms.shipments.schemas import MASK

ADAPTER_NAMES = {"shipment_flow": gettext_lazy("Shipment flow (HTTP)")}
LONGEST = {
    "code": 64,
    "name": 255,
    "base_url": 2048,
    "username": 255,
    "password": 255,
    "credentials_identifier": 255,
}
MOST_SECONDS = {"timeout_seconds": 60, "poll_seconds": 86_400}
TALKS = ("to_ask", "known", "error")


def _talks() -> dict[int, dict[str, Any]]:
    """`{carrier id: how many parcels are at which point of the talk, when the next is due, the latest trouble}`."""
    counts = {talk: Count("pk", filter=Q(talk=talk)) for talk in TALKS}
    due = Min("due_at", filter=Q(talk__in=("to_ask", "known")))
    waiting = Q(talk__in=("to_ask", "known")) & ~Q(problem="")
    rows = Shipment.objects.filter(carrier__isnull=False, talk__in=TALKS).values("carrier_id")
    return {
        row["carrier_id"]: row
        for row in rows.annotate(
            **counts, due=due, troubled=Count("pk", filter=waiting), latest=Max("modified_at")
        ).order_by()
    }


@gate.screen("settings:write")
def carriers(request: HttpRequest) -> HttpResponse:
    """Every connected carrier with the parcels that are being talked about."""
    if kept_records.bound(request):
        return kept_records.forbidden(request)
    talks = _talks()
    found = [
        {
            "row": one,
            "look": looks.ACTIVE if one.is_active else looks.INACTIVE,
            "talk": _talk_look(talks.get(one.pk, {})),
            **{talk: talks.get(one.pk, {}).get(talk, 0) for talk in TALKS},
            "due": talks.get(one.pk, {}).get("due"),
        }
        for one in Carrier.objects.order_by("name", "pk")
    ]
    return render(request, "oms_console/carriers.html", {"carriers": found})


def _talk_look(talk: Mapping[str, Any]) -> Any:
    if not talk:
        return None
    if talk["error"]:
        return looks.FAILED
    return looks.WARNING if talk["troubled"] else looks.OK


@gate.screen("settings:write")
def carrier(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The form of a carrier; without `pk` a new one."""
    if kept_records.bound(request):
        return kept_records.forbidden(request)
    found = Carrier() if pk is None else Carrier.objects.filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    fields = _fields(found)
    if request.method != "POST":
        return _show(request, found, fields)
    posted = kept_records.post(
        request, fields, lambda values: save_carrier(_given(values), carrier_id=pk, now=clock.now())
    )
    if posted.saved is None:
        return _show(request, found, posted.fields, status=posted.status)
    kept_records.note(request, "carrier", pk, posted.saved, code=posted.saved.code)
    return redirect("oms_console:carrier", pk=posted.saved.pk)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {"username": "", "password": "", "credentials_identifier": "", **values}
    kept_records.no_longer_than(given, LONGEST)
    kept_records.from_one_to(given, MOST_SECONDS)
    return given


def _show(
    request: HttpRequest, found: Carrier, fields: list[Field], status: int = 200, **more: Any
) -> HttpResponse:
    talk = _talks().get(found.pk) if found.pk else None
    context = {
        "carrier": found,
        "fields": fields,
        "due": talk["due"] if talk else None,
        "talk_looks": [(key, floor_looks.TALK[key], (talk or {}).get(key, 0)) for key in TALKS],
        "problems": _problems(found) if found.pk else [],
        **more,
    }
    return render(request, "oms_console/carrier.html", context, status=status)


def _problems(found: Carrier) -> list[Any]:
    """Parcels the carrier has trouble with, the latest first."""
    rows = Shipment.objects.filter(carrier=found, talk__in=TALKS).exclude(problem="")
    return list(rows.order_by("-modified_at").only("id", "awb_number", "problem", "talk", "modified_at")[:5])


def _fields(found: Carrier) -> list[Field]:
    numbers = {"timeout_seconds": _("Answers within (seconds)"), "poll_seconds": _("Asked every (seconds)")}
    return [
        Field(
            name="code",
            label=_("Code"),
            kind="text",
            required=True,
            value=found.code,
            help=_("The cargo company's code on orders and packages."),
        ),
        Field(name="name", label=_("Name"), kind="text", required=True, value=found.name),
        Field(
            name="adapter",
            label=_("It speaks"),
            kind="choice",
            required=True,
            options=tuple((key, str(ADAPTER_NAMES.get(key, key))) for key in ADAPTERS),
            value=found.adapter,
        ),
        Field(name="base_url", label=_("Address"), kind="text", required=True, value=found.base_url),
        Field(name="username", label=_("User name"), kind="text", value=found.username),
        Field(
            name="password",
            label=_("Password"),
            kind="secret",
            value=MASK if found.password else "",
            help=_("Asterisks keep the stored one."),
        ),
        Field(
            name="credentials_identifier",
            label=_("Account there"),
            kind="text",
            value=found.credentials_identifier,
            help=_("When you have several accounts at this carrier."),
        ),
        *(
            Field(name=name, label=label, kind="integer", required=True, value=getattr(found, name))
            for name, label in numbers.items()
        ),
        Field(name="is_active", label=_("New parcels are asked for"), kind="check", value=found.is_active),
    ]


@require_POST
@gate.screen("settings:write")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """*Try it*: a harmless call now; nothing is written."""
    if kept_records.bound(request):
        return kept_records.forbidden(request)
    found = Carrier.objects.filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    return _show(request, found, _fields(found), tried=try_carrier(found))


@require_POST
@gate.screen("settings:write")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a carrier that no parcel and no sender address names."""
    if kept_records.bound(request):
        return kept_records.forbidden(request)
    try:
        gone = remove_carrier(pk)
    except Refusal as refusal:
        if refusal.code == "not_found":
            return gate.missing(request)
        messages.error(request, refusals.words(refusal))
        return redirect("oms_console:carrier", pk=pk)
    words = _("%(name)s has been deleted.") % {"name": gone.name}
    kept_records.note_deleted(request, "carrier", pk, words, code=gone.code)
    return redirect("oms_console:carriers")
