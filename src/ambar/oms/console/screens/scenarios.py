"""*Scenarios* and *Transfer scenarios*: the chain in order, one scenario with its rules, history, switching on and off."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import NotFound, Refusal
from ambar.kit.text import is_digits
from ambar.kit.ui import gate
from ambar.oms.console import looks, refusals, scenario_cards
from ambar.oms.console.scenario_cards import arranged
from ambar.oms.scenarios import queries
from ambar.oms.scenarios.actions.copy_scenario import copy_scenario
from ambar.oms.scenarios.actions.delete_scenario import delete_scenario
from ambar.oms.scenarios.actions.go_back import go_back
from ambar.oms.scenarios.actions.lint import findings_about, lint_scenarios
from ambar.oms.scenarios.actions.put_in_order import put_in_order
from ambar.oms.scenarios.actions.save_scenario import Edit, save
from ambar.oms.scenarios.kinds import DISTRIBUTION, KINDS, Kind
from ambar.oms.scenarios.models import ScenarioVersion

TITLES = {
    "distribution": gettext_lazy("Scenarios"),
    "transfer": gettext_lazy("Transfer scenarios"),
}
LEADS = {
    "distribution": gettext_lazy("The first active scenario that matches an order plans it."),
    "transfer": gettext_lazy("Where units that are missing at a package’s location come from."),
}
MOST_VERSIONS = 50


def edit_of(request: HttpRequest, *, expected: int | None = None) -> Edit:
    """Who changes and why, as posted."""
    note = request.POST.get("note", "").replace("\x00", "").strip()[:2000]
    return Edit(author=gate.principal(request).username, note=note, expected_version=expected)


def note_act(request: HttpRequest, kind: Kind, act: str, scenario_id: int | None, **detail: Any) -> None:
    """The audit entry the REST door writes too."""
    prefix = "scenario" if kind is DISTRIBUTION else "transfer_scenario"
    accounts.audit(gate.principal(request), f"{prefix}.{act}", kind.noun, scenario_id, detail)


def find(kind: Kind, pk: int) -> Any:
    """The scenario with its rules, or None."""
    return kind.model.objects.prefetch_related("rules").filter(pk=pk).first()


@gate.screen("scenarios:read")
def scenarios(request: HttpRequest, kind: str) -> HttpResponse:
    """Active scenarios in the order they are asked, then the others; what the linter says about all together."""
    chosen = KINDS[kind]
    found = list(chosen.model.objects.prefetch_related("rules").order_by("-is_active", "priority", "id"))
    channels = scenario_cards.channel_names(found)
    findings = lint_scenarios(now=clock.now())["findings"]
    active = [row.pk for row in found if row.is_active]
    cards = [
        {
            "row": row,
            "state": scenario_cards.state(row),
            "criteria": scenario_cards.asked(row, channels),
            "rules": [rule.name for rule in row.rules.all()],
            "findings": scenario_cards.told(
                one for one in findings if one["kind"] == kind and one["scenario"] == row.pk
            ),
            "is_first": row.is_active and active[0] == row.pk,
            "is_last": row.is_active and active[-1] == row.pk,
        }
        for row in found
    ]
    context = {
        "kind": kind,
        "title": TITLES[kind],
        "lead": LEADS[kind],
        "cards": cards,
        "around": scenario_cards.told(one for one in findings if one["kind"] == "installation"),
        "may_write": gate.principal(request).may("scenarios:write"),
    }
    return render(request, "oms_console/scenarios.html", context)


@gate.screen("scenarios:read")
def scenario(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """One scenario: its chain of rules as cards, criteria, linter, history."""
    chosen = KINDS[kind]
    found = find(chosen, pk)
    if found is None:
        return gate.missing(request)
    told = scenario_cards.told(findings_about(chosen, pk, now=clock.now()))
    context = {
        "kind": kind,
        "title": TITLES[kind],
        "scenario": found,
        "state": scenario_cards.state(found),
        "criteria": scenario_cards.criteria(found, scenario_cards.channel_names([found])),
        "cards": scenario_cards.rule_cards(chosen, found, told),
        "findings": [one for one in told if one.position is None],
        "statuses": _statuses(found) if chosen is DISTRIBUTION else (),
        "versions": _versions(chosen, found),
        "back": reverse("oms_console:back_scenario", args=[kind, pk]),
        "may_write": gate.principal(request).may("scenarios:write"),
    }
    return render(request, "oms_console/scenario.html", context)


def _statuses(found: Any) -> tuple[Any, Any]:
    return looks.package(found.initial_status), looks.package(found.initial_status_multiple)


def _versions(kind: Kind, found: Any) -> list[dict[str, Any]]:
    rows: list[ScenarioVersion] = list(queries.versions(kind, found.pk).order_by("-number")[:MOST_VERSIONS])
    return [{**scenario_cards.kept(row), "current": row.number == found.version} for row in rows]


def act(run: Callable[[HttpRequest, Kind, int], str]) -> Callable[..., HttpResponse]:
    """A posted act on one scenario: its sentence, or its refusal, is shown on the scenario's screen."""

    @require_POST
    @gate.screen("scenarios:write")
    def posted(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        try:
            messages.success(request, run(request, KINDS[kind], pk))
        except NotFound:
            return gate.missing(request)
        except Refusal as refusal:
            messages.error(request, refusals.words(refusal))
        goal = getattr(request, "goal", None)
        return goal or redirect("oms_console:scenario", kind=kind, pk=pk)

    return posted


def _switch(request: HttpRequest, kind: Kind, pk: int) -> str:
    on = request.POST.get("to") == "on"
    save(kind, {"is_active": on}, scenario_id=pk, now=clock.now(), edit=edit_of(request))
    note_act(request, kind, "activated" if on else "deactivated", pk, note=edit_of(request).note)
    return _("The scenario is active now.") if on else _("The scenario is off now.")


def _copy(request: HttpRequest, kind: Kind, pk: int) -> str:
    name = request.POST.get("name", "").replace("\x00", "").strip()[:255]
    if not name:
        row = find(kind, pk)
        if row is None:
            raise NotFound
        name = _("%(name)s (copy)") % {"name": row.name}
    made = copy_scenario(kind, pk, name, now=clock.now(), edit=edit_of(request))
    note_act(request, kind, "copied", made.pk, **{"from": pk, "name": made.name})
    request.goal = redirect("oms_console:scenario", kind=kind.name, pk=made.pk)  # type: ignore[attr-defined]
    return _("Copied. The copy is off until you activate it.")


def _delete(request: HttpRequest, kind: Kind, pk: int) -> str:
    name = delete_scenario(kind, pk)
    note_act(request, kind, "deleted", pk, name=name)
    request.goal = redirect("oms_console:scenarios", kind=kind.name)  # type: ignore[attr-defined]
    return _("%(name)s has been deleted.") % {"name": name}


def _back(request: HttpRequest, kind: Kind, pk: int) -> str:
    text = request.POST.get("version", "")
    if not (is_digits(text) and len(text) < 9):
        raise NotFound
    go_back(kind, pk, int(text), now=clock.now(), edit=edit_of(request))
    note_act(request, kind, "went_back", pk, version=int(text))
    return _("Version %(number)s stands again.") % {"number": text}


def _move(request: HttpRequest, kind: Kind, pk: int) -> str:
    ids = list(
        kind.model.objects.filter(is_active=True).order_by("priority", "id").values_list("pk", flat=True)
    )
    if pk not in ids:
        raise NotFound
    at = ids.index(pk)
    to = arranged(request.POST.get("to", ""), at, len(ids))
    ids.insert(at if to is None else to, ids.pop(at))
    put_in_order(kind, ids, now=clock.now(), edit=edit_of(request))
    note_act(request, kind, "put_in_order", None, ids=ids)
    request.goal = redirect("oms_console:scenarios", kind=kind.name)  # type: ignore[attr-defined]
    return _("The order has been changed.")


switch, copy, delete, back, move = act(_switch), act(_copy), act(_delete), act(_back), act(_move)
