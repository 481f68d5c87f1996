"""*States*: names of states, the picture, the check, the log. Source: "Akinon OMS: States", "State Transition Logs"."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit import accounts, clock
from ambar.kit.refusals import Invalid
from ambar.kit.ui import forms, gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.kit.ui.forms import Field
from ambar.kit.ui.looks import Look
from ambar.oms.console import floor_looks, looks, reasons, refusals, select_action, state_findings
from ambar.oms.console.floor_rows import parcel_name
from ambar.oms.orders import queries as orders
from ambar.oms.packages.models import Package
from ambar.oms.shipments.models import Shipment
from ambar.oms.states import queries, soundness
from ambar.oms.states.actions.save_state import save_state
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.models import State
from ambar.oms.transfers.models import Transfer

CLASSES = {
    "PackageStatus": gettext_lazy("Packages"),
    "TransferStatus": gettext_lazy("Transfers"),
    "ShipmentStatus": gettext_lazy("Shipments"),
    "OrderStatus": gettext_lazy("Orders"),
}
KINDS = {
    "package": gettext_lazy("Package"),
    "transfer": gettext_lazy("Transfer"),
    "shipment": gettext_lazy("Shipment"),
    "order": gettext_lazy("Order"),
    "order_item": gettext_lazy("Order item"),
}
LOOKS: Mapping[str, Callable[[str], Look]] = {
    "package": lambda code: looks.package(int(code)),
    "order": lambda code: looks.order(int(code)),
    "order_item": lambda code: looks.order(int(code)),
    "transfer": looks.transfer,
    "shipment": floor_looks.shipment,
}
LOG_COLUMNS = (
    Column(key="record", label=gettext_lazy("Record"), kind="code"),
    Column(key="kind", label=gettext_lazy("Kind")),
    Column(key="before", label=gettext_lazy("From"), kind="state"),
    Column(key="after", label=gettext_lazy("To state"), kind="state"),
    Column(key="command", label=gettext_lazy("Command"), kind="clip"),
    Column(key="by", label=gettext_lazy("By")),
    Column(key="at", label=gettext_lazy("When"), kind="time"),
)
PERIODS = {
    "1": gettext_lazy("Last day"),
    "7": gettext_lazy("Last 7 days"),
    "30": gettext_lazy("Last 30 days"),
}
LONGEST_NAME = 128
NUMBERS_SEARCHED = 1000


def tabs(request: HttpRequest, current: str) -> list[pages.Tab]:
    """The pages about states, for whoever is not bound to locations; the others only need the log."""
    if "location_ids" in gate.principal(request).bounds:
        return []
    named = (
        ("states", _("Names")),
        ("transitions", _("Transitions")),
        ("state_picture", _("Picture")),
        ("state_check", _("Check")),
        ("state_log", _("Log")),
    )
    return [
        pages.Tab(label=label, href=reverse(f"oms_console:{name}"), current=name == current)
        for name, label in named
    ]


@gate.screen("states:read")
def states(request: HttpRequest) -> HttpResponse:
    """Every state of every kind with its names."""
    found = []
    for enum_class, title in CLASSES.items():
        kind = next(name for name, known in ENUM_OF_KIND.items() if known == enum_class)
        found.append(
            {
                "title": title,
                "rows": [
                    {
                        "id": row["id"],
                        "code": row["enum_value"],
                        "look": LOOKS[kind](row["enum_value"]),
                        "english": _name(row, "en-us") or row["name"],
                        "turkish": _name(row, "tr-tr"),
                    }
                    for row in queries.states_of(enum_class)
                ],
            }
        )
    context = {
        "classes": found,
        "tabs": tabs(request, "states"),
        "may_write": gate.principal(request).may("states:write"),
    }
    return render(request, "oms_console/states.html", context)


def _name(row: Mapping[str, Any], language: str) -> str:
    told = (row["translations"] or {}).get(language) or {}
    return str(told.get("name") or "")


@gate.screen("states:write")
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """The names of one state; its code stays."""
    found = State.objects.filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    row = queries.as_json(found)
    fields = [
        Field(
            name="english",
            label=_("Name, English"),
            kind="text",
            required=True,
            value=_name(row, "en-us") or found.name,
        ),
        Field(name="turkish", label=_("Name, Turkish"), kind="text", value=_name(row, "tr-tr")),
    ]
    status = 200
    if request.method == "POST":
        values, errors, raw = forms.read(fields, request.POST)
        try:
            _save_state(found, values, errors)
        except Invalid as refusal:
            fields = forms.answered(fields, raw, refusals.lists(refusal.fields))
            status = 400
        else:
            accounts.audit(gate.principal(request), "state.changed", "state", pk, {"code": found.enum_value})
            messages.success(request, _("Saved. Other processes show the new name within five seconds."))
            return redirect("oms_console:states")
    context = {"state": found, "fields": fields, "title": CLASSES[found.enum_class]}
    return render(request, "oms_console/state.html", context, status=status)


def _save_state(found: State, values: Mapping[str, Any], errors: Mapping[str, Any]) -> None:
    if errors:
        raise Invalid(fields=dict(errors))
    for name, text in values.items():
        if len(text) > LONGEST_NAME:
            raise Invalid(fields={name: [_("At most %(most)s characters.") % {"most": LONGEST_NAME}]})
    told = {**found.translations, "en-us": {"name": values["english"]}}
    told.pop("tr-tr", None)
    if values.get("turkish"):
        told["tr-tr"] = {"name": values["turkish"]}
    save_state({"name": values["english"], "translations": told}, state_id=found.pk, now=clock.now())


@gate.screen("states:read")
def picture(request: HttpRequest) -> HttpResponse:
    """The active transitions as a flowchart; `kind` is package or transfer."""
    kind = request.GET.get("kind", "package")
    kind = kind if kind in soundness.KINDS else "package"
    language = reasons.language()
    here = reverse("oms_console:state_picture")
    context = {
        # Made of our own shapes; every name in it is escaped where it is drawn.
        "drawing": mark_safe(soundness.flowchart(kind, language=language)),  # noqa: S308
        "kinds": [(f"{here}?kind={one}", KINDS[one], one == kind) for one in soundness.KINDS],
        "tabs": tabs(request, "state_picture"),
        "file": f"/api/v1/oms/state-transitions/flowchart/?kind={kind}&language={language}",
    }
    return render(request, "oms_console/state_picture.html", context)


@gate.screen("states:read")
def check(request: HttpRequest) -> HttpResponse:
    """Unreachable states, dead ends, circles and transitions that can't be run."""
    found = [state_findings.shown(one) for one in soundness.findings()]
    context = {
        "findings": [(one, KINDS[one.kind]) for one in found],
        "tabs": tabs(request, "state_check"),
        "may_write": gate.principal(request).may("states:write"),
    }
    return render(request, "oms_console/state_check.html", context)


def _of_number(rows: Any, text: str) -> Any:
    """Log rows of the records whose number begins so."""
    numbers = (
        ("package", Package, "number"),
        ("transfer", Transfer, "number"),
        ("shipment", Shipment, "awb_number"),
    )
    wanted = Q(pk=None)
    for kind, model, column in numbers:
        named = model.objects.filter(**{f"{column}__startswith": text}).values_list("pk", flat=True)
        # As a list, not a subquery: so the log is read by its index on (kind, object).
        wanted |= Q(kind=kind, object_id__in=list(named[:NUMBERS_SEARCHED]))
    return rows.filter(wanted)


@gate.screen("states:read")
def log(request: HttpRequest) -> HttpResponse:
    """Every change of state that this person may see, newest first."""
    principal = gate.principal(request)
    options = [
        (str(row["id"]), f"{looks.translated(row)} · {title}")
        for enum_class, title in CLASSES.items()
        for row in queries.states_of(enum_class)
    ]
    found = listing.build(
        request,
        queries.visible_logs(principal),
        columns=LOG_COLUMNS,
        rows=lambda rows: _log_rows(rows, principal),
        search=_of_number,
        choices=[
            listing.Choice(
                key="kind",
                label=_("Kind"),
                options=list(KINDS.items()),
                narrow=lambda rows, value: rows.filter(kind=value),
            ),
            listing.Choice(
                key="before",
                label=_("From state"),
                options=options,
                narrow=lambda rows, value: rows.filter(old_state_id=int(value)),
            ),
            listing.Choice(
                key="after",
                label=_("To state"),
                options=options,
                narrow=lambda rows, value: rows.filter(new_state_id=int(value)),
            ),
            listing.Choice(
                key="days",
                label=_("When"),
                options=list(PERIODS.items()),
                narrow=lambda rows, value: rows.filter(
                    created_at__gte=clock.now() - timedelta(days=int(value))
                ),
            ),
        ],
        caption=_("Log"),
        empty_title=_("Nothing has changed its state yet."),
        empty_text=_("Every change of state is written here with who did it."),
    )
    return pages.show_list(
        request,
        found,
        title=_("States"),
        tabs=tabs(request, "state_log"),
        search_hint=_("Package, transfer or tracking number"),
    )


def _log_rows(found: list[Any], principal: Any) -> list[Mapping[str, Any]]:
    records = _records(found, principal)
    people = select_action.user_names({row.user_id for row in found if row.user_id})
    return [
        {
            "id": row.pk,
            "record": records.get((row.kind, row.object_id), (f"#{row.object_id}", ""))[0],
            "href": records.get((row.kind, row.object_id), ("", ""))[1],
            "kind": KINDS.get(row.kind, row.kind),
            "before": _end(row.kind, row.old_state),
            "after": _end(row.kind, row.new_state),
            "command": select_action.command_title(str(row.attributes.get("command.slug") or "")),
            "by": people.get(row.user_id, "") if row.user_id else "",
            "at": row.created_at,
        }
        for row in found
    ]


def _end(kind: str, end: Any) -> Look | None:
    return LOOKS[kind](end.enum_value) if end is not None and kind in LOOKS else None


def _records(found: Collection[Any], principal: Any) -> dict[tuple[str, int], tuple[str, str]]:
    """`{(kind, id): (number, address)}`, one statement per kind on the page."""
    ids: dict[str, set[int]] = defaultdict(set)
    for row in found:
        ids[row.kind].add(row.object_id)
    named: dict[tuple[str, int], tuple[str, str]] = {}
    for kind, model in (("package", Package), ("transfer", Transfer)):
        if ids[kind]:
            for pk, number in model.objects.filter(pk__in=ids[kind]).values_list("pk", "number"):
                named[kind, pk] = (number, reverse(f"oms_console:{kind}", args=[pk]))
    if ids["shipment"]:
        for parcel in Shipment.objects.filter(pk__in=ids["shipment"]).only("pk", "awb_number"):
            named["shipment", parcel.pk] = (
                parcel_name(parcel),
                reverse("oms_console:shipment", args=[parcel.pk]),
            )
    if ids["order"]:
        for pk, number in orders.visible(principal).filter(pk__in=ids["order"]).values_list("pk", "number"):
            named["order", pk] = (number, reverse("oms_console:order", args=[pk]))
    return named
