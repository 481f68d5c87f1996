"""Editing a scenario: its head with the four criteria, and its rules one by one."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambar.kit import clock
from ambar.kit.refusals import Invalid, Refusal
from ambar.kit.text import is_digits
from ambar.kit.ui import gate
from ambar.oms.console import refusals, scenario_forms
from ambar.oms.console.scenario_cards import arranged
from ambar.oms.console.screens import scenarios as showing
from ambar.oms.scenarios.actions.save_scenario import save
from ambar.oms.scenarios.kinds import KINDS, Kind


@gate.screen("scenarios:write")
def edit(request: HttpRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """The head of a scenario; without `pk` a new one. A posted `build` only redraws the form."""
    chosen = KINDS[kind]
    found = chosen.model() if pk is None else showing.find(chosen, pk)
    if found is None:
        return gate.missing(request)
    if request.method != "POST":
        return _show_head(request, chosen, found, scenario_forms.head_of(chosen, found))
    form = scenario_forms.posted_head(chosen, request.POST)
    if "build" in request.POST or "refresh" in request.POST:
        return _show_head(request, chosen, found, form)
    try:
        saved = save(
            chosen,
            scenario_forms.head_draft(chosen, form),
            scenario_id=pk,
            now=clock.now(),
            edit=showing.edit_of(request, expected=_version(request) if pk else None),
        )
    except Invalid as refusal:
        form.errors.update(refusals.lists(refusal.fields))
        return _show_head(request, chosen, found, form, status=400)
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return _show_head(request, chosen, found, form, status=409)
    showing.note_act(request, chosen, "changed" if pk else "created", saved.pk, name=saved.name)
    messages.success(request, _("Saved."))
    return redirect("oms_console:scenario", kind=kind, pk=saved.pk)


@gate.screen("scenarios:write")
def rule(request: HttpRequest, kind: str, pk: int, index: int | None = None) -> HttpResponse:
    """One rule; without `index` a new one at the end of the chain."""
    chosen = KINDS[kind]
    found = showing.find(chosen, pk)
    rules = chosen.draft_of(found)["rules"] if found is not None else []
    if found is None or (index is not None and index >= len(rules)):
        return gate.missing(request)
    if request.method != "POST":
        given = scenario_forms.new_rule(chosen) if index is None else rules[index]
        return _show_rule(request, chosen, found, index, scenario_forms.rule_of(chosen, given))
    form = scenario_forms.posted_rule(chosen, request.POST)
    if "build" in request.POST or "refresh" in request.POST:
        return _show_rule(request, chosen, found, index, form)
    place = len(rules) if index is None else index
    draft = scenario_forms.rule_draft(chosen, form)
    if form.errors:
        return _show_rule(request, chosen, found, index, form, status=400)
    changed = [*rules[:place], draft, *rules[place + 1 :]]
    try:
        _save_rules(request, chosen, pk, changed, _version(request))
    except Invalid as refusal:
        form.errors.update(_of_rule(refusal, place))
        return _show_rule(request, chosen, found, index, form, status=400)
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return _show_rule(request, chosen, found, index, form, status=409)
    messages.success(request, _("Saved."))
    return redirect("oms_console:scenario", kind=kind, pk=pk)


@require_POST
@gate.screen("scenarios:write")
def arrange(request: HttpRequest, kind: str, pk: int, index: int) -> HttpResponse:
    """Move a rule up or down in the chain, to a place of it, or remove it (`to`: up, down, a number from 0, away)."""
    chosen = KINDS[kind]
    found = showing.find(chosen, pk)
    rules = chosen.draft_of(found)["rules"] if found is not None else []
    if index >= len(rules):
        return gate.missing(request)
    place = arranged(request.POST.get("to", ""), index, len(rules))
    moved = rules.pop(index)
    if place is not None:
        rules.insert(place, moved)
    try:
        _save_rules(request, chosen, pk, rules, _version(request))
        messages.success(request, _("Saved."))
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
    return redirect("oms_console:scenario", kind=kind, pk=pk)


def _save_rules(
    request: HttpRequest, kind: Kind, pk: int, rules: list[Mapping[str, Any]], expected: int | None
) -> None:
    edit_ = showing.edit_of(request, expected=expected)
    save(kind, {"rules": rules}, scenario_id=pk, now=clock.now(), edit=edit_)
    showing.note_act(request, kind, "changed", pk, fields=["rules"])


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if is_digits(text) and len(text) < 9 else None


def _of_rule(refusal: Invalid, place: int) -> dict[str, list[str]]:
    """Errors of `rules[2].location_condition.all[0].value` under `location_condition`."""
    found: dict[str, list[str]] = {}
    for name, said in refusals.lists(refusal.fields).items():
        part = name.removeprefix(f"rules[{place}].").split(".")[0].split("[")[0]
        found.setdefault(part, []).extend(said)
    return found


def _show_head(
    request: HttpRequest, kind: Kind, found: Any, form: scenario_forms.Head, status: int = 200
) -> HttpResponse:
    context = {
        "kind": kind.name,
        "title": showing.TITLES[kind.name],
        "scenario": found,
        "form": scenario_forms.draw_head(kind, form),
        "errors": scenario_forms.loose(form.errors),
    }
    return render(request, "oms_console/scenario_form.html", context, status=status)


def _show_rule(
    request: HttpRequest,
    kind: Kind,
    found: Any,
    index: int | None,
    form: scenario_forms.RuleForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "kind": kind.name,
        "title": showing.TITLES[kind.name],
        "scenario": found,
        "index": index,
        "form": scenario_forms.draw_rule(kind, form),
        "errors": scenario_forms.loose(form.errors),
    }
    return render(request, "oms_console/rule_form.html", context, status=status)
