"""*Bulk actions*: one transition on many records in the background, with live progress and what became of each."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import clock
from ambar.kit.refusals import Conflict, Invalid, NotFound, Refusal
from ambar.kit.text import is_digits
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.kit.ui.looks import Look
from ambar.oms.commands.actions import bulk
from ambar.oms.commands.models import BulkAction, BulkEntry
from ambar.oms.commands.queries import SCOPE, visible_actions
from ambar.oms.console import looks, refusals
from ambar.oms.console.screens.bulk import TARGETS, Target
from ambar.oms.console.select_action import user_names
from ambar.oms.states import queries as states

COLUMNS = (
    Column(key="number", label=gettext_lazy("No."), kind="code"),
    Column(key="action", label=gettext_lazy("Action"), kind="clip"),
    Column(key="kind", label=gettext_lazy("Records"), kind="text"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="records", label=gettext_lazy("All"), kind="number"),
    Column(key="done", label=gettext_lazy("Done"), kind="number"),
    Column(key="refused", label=gettext_lazy("Refused"), kind="number"),
    Column(key="by", label=gettext_lazy("By"), kind="text"),
    Column(key="created", label=gettext_lazy("Created"), kind="time"),
)
MOST_SHOWN = 200


def _labels() -> dict[int, str]:
    """What each transition is called, by id."""
    return {
        row.id: looks.translated({"name": row.name, "translations": row.translations})
        for name in TARGETS
        for row in states.lately_active(name)
    }


def _rows(found: Sequence[BulkAction]) -> list[dict[str, Any]]:
    labels = _labels()
    names = user_names({one.created_by for one in found if one.created_by is not None})
    return [
        {
            "id": one.pk,
            "href": reverse("oms_console:bulk_action", args=[one.pk]),
            "number": str(one.pk),
            "action": labels.get(one.transition_id, one.slug),
            "kind": str(TARGETS[one.kind].nouns),
            "state": looks.PROGRESS[one.state],
            "records": one.records,
            "done": one.done,
            "refused": one.refused,
            "by": names.get(one.created_by or 0, ""),
            "created": one.created_at,
        }
        for one in found
    ]


@gate.screen(SCOPE)
def actions(request: HttpRequest) -> HttpResponse:
    """Actions, the newest first."""
    found = listing.build(
        request,
        visible_actions(gate.principal(request)),
        columns=COLUMNS,
        rows=_rows,  # type: ignore[arg-type]
        caption=_("Bulk actions"),
        empty_title=_("No bulk actions yet."),
        empty_text=_("Tick packages or transfers on their list and choose what to do with them."),
    )
    return pages.show_list(request, found, title=_("Bulk actions"))


@gate.screen(SCOPE)
def action(request: HttpRequest, pk: int) -> HttpResponse:
    """One action: progress while it runs, what was refused, then what was done."""
    found = _one(request, pk)
    if found is None:
        return gate.missing(request)
    target = TARGETS[found.kind]
    told = found.done + found.refused
    entries = BulkEntry.objects.filter(of=found, verdict__isnull=False)
    shown = list(entries.order_by("is_done", "pk")[:MOST_SHOWN])
    context = {
        "found": found,
        "target": target,
        "label": _labels().get(found.transition_id, found.slug),
        "look": looks.PROGRESS[found.state],
        "open": found.state in BulkAction.OPEN,
        "stopped": found.state == BulkAction.CANCELLED,
        "told": told,
        "by": user_names({found.created_by}).get(found.created_by, "") if found.created_by else "",
        "length": round(600 * told / found.records),
        "outcomes": _outcomes(request, target, shown),
        "more": max(0, told - MOST_SHOWN),
    }
    return render(request, "oms_console/bulk_action.html", context)


@require_POST
@gate.screen(SCOPE)
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a running action, or go on with a stopped one (`to` is stop or on)."""
    if _one(request, pk) is None:
        return gate.missing(request)
    try:
        (bulk.resume if request.POST.get("to") == "on" else bulk.cancel)(pk, now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
    return redirect("oms_console:bulk_action", pk=pk)


def _one(request: HttpRequest, pk: int) -> BulkAction | None:
    return visible_actions(gate.principal(request)).filter(pk=pk).first()


def _outcomes(request: HttpRequest, target: Target, entries: Sequence[BulkEntry]) -> list[dict[str, Any]]:
    rows = target.visible(gate.principal(request)).select_related(None)
    ids = [entry.record_id for entry in entries]
    numbers = dict(rows.filter(pk__in=ids).values_list("pk", "number"))
    return [
        {
            "id": entry.record_id if entry.record_id in numbers else None,
            "number": numbers.get(entry.record_id, str(entry.record_id)),
            "look": looks.DONE if entry.is_done else looks.REFUSED,
            "state": _state(target, entry.verdict or {}),
            "words": "" if entry.is_done else refusals.words(_refusal(entry.verdict or {})),
        }
        for entry in entries
    ]


def _state(target: Target, verdict: dict[str, Any]) -> Look | None:
    state = verdict.get("state")
    if state is None:
        return None
    text = str(state)
    return target.look(int(text) if is_digits(text) else state)  # type: ignore[no-any-return]


def _refusal(verdict: dict[str, Any]) -> Refusal:
    """The refusal as it was, from what was kept of it."""
    if "errors" in verdict:
        return Invalid(fields=verdict["errors"])
    if verdict.get("code") == NotFound.code:
        return NotFound(verdict["en"])
    figures = {key: value for key, value in verdict.items() if key not in ("code", "en", "done", *TARGETS)}
    return Conflict(verdict.get("en", ""), code=verdict.get("code"), **figures)
