"""One transition on many packages or transfers: the form for its parameters, then the outcome of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import clock
from ambar.kit.refusals import Refusal
from ambar.kit.text import is_digits
from ambar.kit.ui import gate
from ambar.oms.commands.actions import bulk
from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.calls import may_ask
from ambar.oms.commands.domain.verdicts import Verdict
from ambar.oms.commands.kinds import PACKAGES, Kind
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.console import looks, many, refusals
from ambar.oms.console.select_action import Choice
from ambar.oms.packages.queries import location_bounds
from ambar.oms.packages.queries import visible as visible_packages
from ambar.oms.transfers.queries import visible as visible_transfers

MOST_AT_ONCE = 1000
AT_ONCE = 50
"""More than these, and whatever asks services outside, are carried out in the background."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A kind of record as this screen handles it; `act`, `record`, `listing` are names of addresses."""

    kind: Kind
    noun: Any
    nouns: Any
    act: str
    record: str
    listing: str
    visible: Callable[[Any], Any]
    choices: Callable[..., list[Choice]]
    look: Callable[..., Any]


PACKAGE = Target(
    kind=PACKAGES,
    noun=gettext_lazy("Package"),
    nouns=gettext_lazy("Packages"),
    act="oms_console:bulk",
    record="oms_console:package",
    listing="oms_console:packages",
    visible=visible_packages,
    choices=many.package_choices,
    look=looks.package,
)
TRANSFER = Target(
    kind=TRANSFERS,
    noun=gettext_lazy("Transfer"),
    nouns=gettext_lazy("Transfers"),
    act="oms_console:bulk_transfers",
    record="oms_console:transfer",
    listing="oms_console:transfers",
    visible=visible_transfers,
    choices=many.transfer_choices,
    look=looks.transfer,
)

TARGETS = {target.kind.name: target for target in (PACKAGE, TRANSFER)}


@require_POST
@gate.screen("packages:command")
def packages(request: HttpRequest) -> HttpResponse:
    """One transition on the chosen packages; a refused one leaves the others alone."""
    return _bulk(request, PACKAGE)


@require_POST
@gate.screen("transfers:command")
def transfers(request: HttpRequest) -> HttpResponse:
    """One transition on the chosen transfers; a refused one leaves the others alone."""
    return _bulk(request, TRANSFER)


def ids_of(request: HttpRequest, most: int = MOST_AT_ONCE) -> list[int]:
    """The ticked records, each once."""
    texts = [text for text in request.POST.getlist("id") if is_digits(text) and len(text) < 18]
    return list(dict.fromkeys(map(int, texts)))[:most]


def back_of(request: HttpRequest) -> str:
    """The query of the list that people came from."""
    back = request.POST.get("back", "")
    return back if back.startswith("?") else ""


def _bulk(request: HttpRequest, target: Target) -> HttpResponse:
    principal = gate.principal(request)
    ids = ids_of(request)
    slug = request.POST.get("slug", "")[:128]
    rows = target.visible(principal).select_related(None).filter(pk__in=ids)
    found = {row.pk: row for row in rows.only("id", "number", "state")}
    choices = target.choices({row.state for row in found.values()}, principal)
    chosen = next((choice for choice in choices if choice.slug == slug), None)
    form = many.asked(chosen, principal) if chosen else None
    parameters: Any = {}
    if chosen and form and (form.needs_form or "answered" in request.POST):
        own = [found[one] for one in ids if one in found]
        if many.too_many(form, len(own)):
            messages.error(request, many.too_many(form, len(own)))
            return redirect(target.listing)
        if "answered" not in request.POST:
            return _ask(request, target, chosen, form, many.own_inputs(form, [row.pk for row in own]), own)
        answers = many.read(form, ids, request.POST)
        if answers.wrong:
            return _ask(request, target, chosen, answers.form, answers.each, own, status=400)
        parameters = answers.parameters
    if chosen and chosen.given:
        parameters = {one: {**chosen.given, **parameters.get(one, {})} for one in ids}
    try:
        if chosen and (len(found) > AT_ONCE or may_ask(target.kind, slug=slug)):
            return _start(request, target, slug, [one for one in ids if one in found], parameters)
        verdicts = run_many(
            slug,
            ids,
            kind=target.kind,
            parameters=parameters,
            location_ids=location_bounds(principal),
            user_id=principal.user_id,
            now=clock.now(),
        )
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return redirect(target.listing)
    return _outcome(request, target, verdicts, found)


def _start(
    request: HttpRequest, target: Target, slug: str, ids: Sequence[int], parameters: Any
) -> HttpResponse:
    principal = gate.principal(request)
    made = bulk.start(
        target.kind,
        [(one, parameters.get(one)) for one in ids],
        slug=slug,
        transition_id=None,
        parameters={},
        location_ids=location_bounds(principal),
        user_id=principal.user_id,
        now=clock.now(),
    )
    return redirect("oms_console:bulk_action", pk=made.pk)


def _ask(
    request: HttpRequest,
    target: Target,
    chosen: Choice,
    form: many.Asked,
    each: Any,
    records: Sequence[Any],
    status: int = 200,
) -> HttpResponse:
    context = {
        "target": target,
        "chosen": chosen,
        "form": form,
        "records": [(row, target.look(row.state), each.get(row.pk, ())) for row in records],
        "count": len(records),
        "back": back_of(request),
    }
    return render(request, "oms_console/bulk_form.html", context, status=status)


def _outcome(
    request: HttpRequest, target: Target, verdicts: Sequence[Verdict], found: dict[int, Any]
) -> HttpResponse:
    shown = [verdict for verdict in verdicts if verdict.id in found]
    context = {
        "target": target,
        "outcomes": [
            {
                "record": found[verdict.id],
                "look": looks.DONE if verdict.refusal is None else looks.REFUSED,
                "state": target.look(verdict.state) if verdict.state is not None else None,
                "words": refusals.words(verdict.refusal) if verdict.refusal else "",
            }
            for verdict in sorted(shown, key=lambda verdict: verdict.refusal is None)
        ],
        "done": sum(verdict.refusal is None for verdict in verdicts),
        "refused": sum(verdict.refusal is not None for verdict in verdicts),
        "back": back_of(request),
    }
    return render(request, "oms_console/bulk_outcome.html", context)
