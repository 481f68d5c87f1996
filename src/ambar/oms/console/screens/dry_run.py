"""*Dry run*: what would become of an order, and why; nothing is written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits
from ambar.kit.ui import gate
from ambar.oms.catalogue.models import Channel
from ambar.oms.console import dry_runs, holds, looks, why
from ambar.oms.orders import queries as orders
from ambar.oms.planning import telling
from ambar.oms.planning.actions.dry_run import asked_of, dry_run


@gate.screen("planning:read")
def try_order(request: HttpRequest) -> HttpResponse:
    """The form, and below it the same picture as *Why here?*. The whole question stands in the address."""
    form = dry_runs.read(request.GET)
    context: dict[str, Any] = {
        "form": form,
        "lines": form.padded(form.lines, 2),
        "stock": form.padded(form.stock, 3),
        "channels": list(Channel.objects.order_by("name").values_list("name", flat=True)[:200]),
    }
    status = 200
    if form.asked:
        if form.order and not _visible(request, form.order):
            return gate.missing(request)
        context |= _answer(request, form)
        status = 400 if form.errors else 200
    return render(request, "oms_console/dry_run.html", context, status=status)


def _visible(request: HttpRequest, order: str) -> bool:
    """Whether the order of this number or id is one this person may see."""
    principal = gate.principal(request)
    found = orders.visible(principal)
    by_id = is_digits(order) and len(order) < 19
    rows = found.filter(number=order) | found.filter(pk=int(order)) if by_id else found.filter(number=order)
    return principal.may("orders:read") and rows.exists()


def _answer(request: HttpRequest, form: dry_runs.Form) -> dict[str, Any]:
    asked = dry_runs.body(form)
    if asked is None:
        return {}
    try:
        found = dry_run(asked, now=clock.now())
    except Invalid as refusal:
        dry_runs.refused(form, refusal)
        return {}
    told = telling.tried(found)
    places = [location.properties for location in found.places.locations.values()]
    answer = {**told["decision"], "scenario": found.plan.scenario_id}
    hold = told["hold"]
    return {
        "told": told,
        "hold": holds.words([hold["code"], hold["message"]]) if hold else "",
        "outcome": looks.planning(told["outcome"]),
        "packages": [{**one, "look": looks.package(int(one["state"]))} for one in told["packages"]],
        "picture": why.picture(
            answer,
            why.read_snapshots(found.rules.source, places),
            line=_number(request),
            everything="all" in request.GET,
            address=(asked_of(found.order)["latitude"], asked_of(found.order)["longitude"]),
            ways=[(way.source_id, way.destination_id) for way in found.plan.transfers],
        ),
    }


def _number(request: HttpRequest) -> int:
    text = request.GET.get("line", "")
    return int(text) if is_digits(text) and len(text) < 9 else 0
