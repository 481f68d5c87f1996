"""*Transitions*: the buttons between states, their list and form. Source: "Akinon OMS: How to Add or Edit a State Transition"."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import Invalid, NotFound, Refusal
from ambar.kit.ui import forms, gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.kit.ui.forms import Field
from ambar.oms.console import looks, refusals, select_action, transition_form
from ambar.oms.console.screens.states import KINDS, LOOKS, tabs
from ambar.oms.states import queries, registry
from ambar.oms.states.actions.delete_transition import delete_transition
from ambar.oms.states.actions.save_transition import save_transition
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.domain.fits import CommandFit
from ambar.oms.states.models import StateTransition

COLUMNS = (
    Column(key="name", label=gettext_lazy("Name"), kind="clip", sort="name"),
    Column(key="source", label=gettext_lazy("From state"), kind="state"),
    Column(key="destination", label=gettext_lazy("To state"), kind="state"),
    Column(key="command", label=gettext_lazy("Command"), kind="clip"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="visibility", label=gettext_lazy("Offered")),
    Column(key="kind", label=gettext_lazy("Kind")),
    Column(key="slug", label=gettext_lazy("Slug"), kind="code", sort="slug"),
)


def _rows(found: list[StateTransition]) -> list[Mapping[str, Any]]:
    return [
        {
            "id": row.pk,
            "href": reverse("oms_console:transition", args=[row.pk]),
            "name": looks.translated({"name": row.name, "translations": row.translations}),
            "kind": KINDS[row.kind],
            "source": LOOKS[row.kind](row.source.enum_value),
            "destination": LOOKS[row.kind](row.destination.enum_value),
            "command": select_action.command_title(row.command_code),
            "visibility": transition_form.VISIBILITIES.get(row.visibility, row.visibility),
            "state": looks.ACTIVE if row.is_active else looks.INACTIVE,
            "slug": row.slug,
        }
        for row in found
    ]


def _starts(rows: Any, value: str) -> Any:
    kind, code = value.split(":", 1)
    return rows.filter(kind=kind, source__enum_value=code)


@gate.screen("states:read")
def transitions(request: HttpRequest) -> HttpResponse:
    """All transitions, in the order of their states."""
    starts = [
        (f"{kind}:{row['enum_value']}", f"{looks.translated(row)} · {KINDS[kind]}")
        for kind, enum_class in (("package", "PackageStatus"), ("transfer", "TransferStatus"))
        for row in queries.states_of(enum_class)
    ]
    found = listing.build(
        request,
        queries.transitions(),
        columns=COLUMNS,
        rows=_rows,
        search=lambda rows, text: rows.filter(
            Q(slug__icontains=text) | Q(name__icontains=text) | Q(translations__icontains=text)
        ),
        choices=[
            listing.Choice(
                key="start",
                label=_("From state"),
                options=starts,
                narrow=_starts,
            ),
            listing.Choice(
                key="command",
                label=_("Command"),
                options=_commands(),
                narrow=lambda rows, value: rows.filter(command_code=value),
            ),
            listing.Choice(
                key="state",
                label=_("State"),
                options=[("on", _("Active")), ("off", _("Off"))],
                narrow=lambda rows, value: rows.filter(is_active=value == "on"),
            ),
        ],
        sort={"name": "name", "slug": "slug"},
        default_sort="id",
        caption=_("Transitions"),
        empty_title=_("No transitions yet."),
        empty_text=_("Without one nothing can be done on a screen."),
    )
    return pages.show_list(
        request,
        found,
        title=_("States"),
        tabs=tabs(request, "transitions"),
        search_hint=_("Name or slug"),
        template="oms_console/transitions.html",
        may_write=gate.principal(request).may("states:write"),
    )


def _commands() -> list[tuple[str, str]]:
    found = [(fit.code, f"{_(fit.title)} · {KINDS[fit.kind]}") for fit in registry.fits() if fit.pairs]
    return sorted(found, key=lambda pair: pair[1])


@gate.screen("states:write")
def transition(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The form of a transition; a new one begins with its command (`?command=`), which says what fits."""
    row = StateTransition(translations={}) if pk is None else queries.transitions().filter(pk=pk).first()
    if row is None:
        return gate.missing(request)
    code = request.POST.get("command") or request.GET.get("command") or row.command_code
    fit = registry.fit_of(code)
    if fit is None:
        return _show(request, row, None, [])
    inputs = transition_form.fields(row, fit)
    if request.method != "POST":
        return _show(request, row, fit, inputs)
    values, errors, raw = forms.read(inputs, request.POST)
    try:
        if errors:
            raise Invalid(fields=errors)
        saved = save_transition(transition_form.given(values, row, fit), transition_id=pk, now=clock.now())
    except Invalid as refusal:
        source = _source(raw.get("source_state"), fit)
        drawn, rest = transition_form.with_answers(inputs, raw, refusal.fields, fit, source)
        for words in rest:
            messages.error(request, words)
        return _show(request, row, fit, drawn, status=400)
    act = "state_transition.changed" if pk else "state_transition.created"
    accounts.audit(gate.principal(request), act, "state_transition", saved.pk, {"slug": saved.slug})
    messages.success(request, _("Saved."))
    return redirect("oms_console:transition", pk=saved.pk)


def _source(state_id: Any, fit: CommandFit) -> str:
    """The enum value of the chosen first state."""
    known = (row for row in queries.states_of(ENUM_OF_KIND[fit.kind]) if str(row["id"]) == state_id)
    return next((str(row["enum_value"]) for row in known), "")


def _show(
    request: HttpRequest,
    row: StateTransition,
    fit: CommandFit | None,
    fields: list[Field],
    status: int = 200,
) -> HttpResponse:
    context = {
        "row": row,
        "name": looks.translated({"name": row.name, "translations": row.translations}),
        "fit": fit,
        "fields": fields,
        "commands": _commands(),
        "kind": KINDS[fit.kind] if fit else "",
        "tabs": tabs(request, "transitions"),
    }
    return render(request, "oms_console/transition.html", context, status=status)


@require_POST
@gate.screen("states:write")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a transition of one's own; one that every installation has is switched off instead."""
    try:
        delete_transition(pk)
    except NotFound:
        return gate.missing(request)
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return redirect("oms_console:transition", pk=pk)
    accounts.audit(gate.principal(request), "state_transition.deleted", "state_transition", pk, {})
    messages.success(request, _("The transition has been deleted."))
    return redirect("oms_console:transitions")
