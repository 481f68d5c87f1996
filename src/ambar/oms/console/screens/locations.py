"""One *location*: what it may do, how much it takes on, and which inventory engine keeps its stock."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from ambar.kit import accounts
from ambar.kit.refusals import Invalid
from ambar.kit.rest import problems
from ambar.kit.ui import forms, gate
from ambar.kit.ui.forms import Field
from ambar.oms.console import place_fields, refusals
from ambar.oms.locations import queries
from ambar.oms.locations.actions.save_location import save_location
from ambar.oms.locations.models import StockLocation
from ambar.oms.locations.schemas import NULLABLE, LocationBody, LocationPatch
from ambar.oms.stock.models import Engine

TEXTS = (
    ("name", gettext_lazy("Name"), "text"),
    ("erp_code", gettext_lazy("ERP code"), "text"),
    ("stock_location_type", gettext_lazy("Type"), "text"),
    ("engine", gettext_lazy("Whose stock figures count"), "choice"),
    ("priority", gettext_lazy("Priority"), "integer"),
    ("max_quota", gettext_lazy("Quota: open packages at most"), "integer"),
    ("exit_time", gettext_lazy("Exit time (hh:mm)"), "text"),
    ("targeted_packaging_minutes", gettext_lazy("Minutes a package should take"), "integer"),
)
FLAGS = (
    ("is_active", gettext_lazy("Active")),
    ("is_fulfillment_center", gettext_lazy("Packs orders")),
    ("is_transfer_location", gettext_lazy("Takes part in transfers")),
    ("is_shipper_location", gettext_lazy("Ships packages")),
    ("is_pickup_location", gettext_lazy("Customers collect here")),
    ("is_delivery_location", gettext_lazy("Delivers by itself")),
    ("is_return_available", gettext_lazy("Takes returns")),
    ("is_fast_delivery_available", gettext_lazy("Fast delivery")),
)
REACHED = (
    ("line", gettext_lazy("Address"), "long"),
    ("postcode", gettext_lazy("Postcode"), "text"),
    ("latitude", gettext_lazy("Latitude"), "number"),
    ("longitude", gettext_lazy("Longitude"), "number"),
    ("daytime_phone", gettext_lazy("Telephone"), "text"),
    ("email", gettext_lazy("E-mail"), "text"),
    ("tags", gettext_lazy("Tags"), "list"),
)
REQUIRED = ("name", "erp_code", "stock_location_type", "priority")
HELP = {
    "priority": gettext_lazy("The lowest is taken first."),
    "max_quota": gettext_lazy("Empty: no limit."),
    "engine": gettext_lazy("Empty: the figures kept here."),
}


@gate.screen("locations:read")
def location(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A location; without `pk` a new one. Who may not write, or is bound to locations, reads it."""
    principal = gate.principal(request)
    found = StockLocation() if pk is None else queries.visible(principal).filter(pk=pk).first()
    if found is None:
        accounts.note_foreign(principal, StockLocation.objects.all(), pk or 0)
        return gate.missing(request)
    may_write = principal.may("locations:write") and "location_ids" not in principal.bounds
    if not may_write and (pk is None or request.method == "POST"):
        return render(request, "ui/forbidden.html", status=403)
    if request.method != "POST":
        return _show(request, found, _fields(found), may_write)
    fields = _fields(found, request.POST)
    if "refresh" in request.POST:
        typed = forms.read(fields, request.POST)[2]
        return _show(request, found, forms.answered(fields, typed, {}), may_write)
    values, errors, raw = forms.read(fields, request.POST)
    try:
        if errors:
            raise Invalid(fields=errors)
        given = _given(values, new=pk is None)
        saved = save_location(given, location_id=pk)
    except Invalid as refusal:
        drawn = forms.answered(fields, raw, refusals.lists(refusal.fields))
        return _show(request, found, drawn, may_write, status=400)
    act = "location.changed" if pk else "location.created"
    accounts.audit(principal, act, "stock_location", saved.pk, {"fields": sorted(given)})
    messages.success(request, _("Saved."))
    return redirect("oms_console:location", pk=saved.pk)


def _given(values: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """The typed values as the REST body takes them: what was emptied is null, or empty where it can't be."""
    names = [name for name, _label, _kind in (*TEXTS, *REACHED)]
    given = {**{name: _empty(name) for name in names if name not in REQUIRED}, **values}
    for name in ("engine", *place_fields.LEVELS):
        given[name] = int(given[name]) if given.get(name) else None
    try:
        body = (LocationBody if new else LocationPatch).model_validate(given)
    except ValidationError as error:
        refused = problems.fields_of(error.errors(include_url=False, include_input=False))
        raise Invalid(fields=refused) from error
    return body.model_dump(exclude_unset=True)


def _empty(name: str) -> Any:
    return None if name in NULLABLE else [] if name == "tags" else ""


def _fields(found: StockLocation, posted: Mapping[str, str] | None = None) -> list[Field]:
    """The inputs; the places offered follow from what is `posted`, or else from what stands."""
    engines = tuple((str(pk), name) for pk, name in Engine.objects.order_by("name").values_list("pk", "name"))
    made = [
        Field(
            name=name,
            label=str(label),
            kind=kind,
            required=name in REQUIRED,
            help=str(HELP.get(name, "")),
            value=_shown(found, name),
            options=engines if name == "engine" else (),
            pick=reverse("oms_console:suggest", args=["location-types"])
            if name == "stock_location_type"
            else "",
        )
        for name, label, kind in (*TEXTS, *REACHED)
    ]
    flags = [
        Field(name=name, label=str(label), kind="check", value=getattr(found, name)) for name, label in FLAGS
    ]
    standing = {level: getattr(found, f"{level}_id") for level in place_fields.LEVELS}
    places = place_fields.fields(standing if posted is None else posted)
    return [*made[: len(TEXTS)], *flags, *places, *made[len(TEXTS) :]]


def _shown(found: StockLocation, name: str) -> Any:
    value = getattr(found, "engine_id" if name == "engine" else name)
    if value is None:
        return ""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return "\n".join(value) if name == "tags" else str(value)


def _show(
    request: HttpRequest, found: StockLocation, fields: list[Field], may_write: bool, status: int = 200
) -> HttpResponse:
    last = [name for name, _label, _kind in REACHED]
    place = (
        [getattr(found, level) for level in ("district", "township", "city", "country")] if found.pk else []
    )
    context = {
        "found": found,
        "fields": fields,
        "first": [one for one in fields if one.name not in (*place_fields.LEVELS, *last)],
        "places": [one for one in fields if one.name in place_fields.LEVELS],
        "reached": [one for one in fields if one.name in last],
        "facts": [(field.label, _told(field)) for field in fields],
        "place": " / ".join(one.name for one in place if one),
        "may_write": may_write,
    }
    return render(request, "oms_console/location.html", context, status=status)


def _told(field: Field) -> str:
    if field.kind == "check":
        return _("yes") if field.value else _("no")
    if field.kind == "choice":
        return dict(field.options).get(
            field.value, _("The figures kept here") if field.name == "engine" else ""
        )
    return str(field.value)
