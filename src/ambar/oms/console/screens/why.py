"""*Why here?*: how the planner decided about an order, attempt by attempt."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ambar.kit.text import is_digits
from ambar.kit.ui import gate
from ambar.kit.ui.looks import Look
from ambar.oms.console import holds, looks, why
from ambar.oms.orders import queries as orders
from ambar.oms.planning import schemas
from ambar.oms.planning.actions.say_why_not import counterfactuals_of
from ambar.oms.planning.models import Decision
from ambar.oms.transfers.models import Transfer

MOST_ATTEMPTS = 30
OUTCOMES: dict[str, Look] = {
    name: looks.planning(name) for name in ("planned", "hold", "pending", "out_of_stock")
}


@gate.screen("planning:read")
def why_here(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest attempt, or `?attempt=`; `?line=` chooses the line, `?all=1` shows every location."""
    principal = gate.principal(request)
    order = orders.visible(principal).filter(pk=pk).defer("raw", "billing_address").first()
    if order is None or not principal.may("orders:read"):
        return gate.missing(request)
    attempts = list(
        Decision.objects.filter(order_id=pk).order_by("-id").only("id", "at", "outcome")[:MOST_ATTEMPTS]
    )
    wanted = _number(request, "attempt", attempts[0].pk if attempts else 0)
    decision = Decision.objects.filter(order_id=pk, pk=wanted).first()
    if decision is None and "attempt" in request.GET:
        return gate.missing(request)
    context: dict[str, Any] = {
        "order": order,
        "look": looks.order(order.state),
        "planning": looks.planning(order.planning_state),
        "attempts": [_attempt(row, wanted) for row in attempts],
    }
    if decision is not None:
        answer = schemas.decisions([decision], counterfactuals_of([decision]))[0]
        asked = decision.asked
        context |= {
            "decision": decision,
            "hold": holds.words(answer["hold"]) if answer["hold"] else "",
            "picture": why.picture(
                answer,
                why.snapshots(decision.rules_hash, decision.view_hash),
                line=_number(request, "line", 0),
                everything="all" in request.GET,
                address=(asked.get("latitude"), asked.get("longitude")),
                ways=_ways(decision),
            ),
        }
    return render(request, "oms_console/why.html", context)


def _ways(decision: Decision) -> list[tuple[int, int]]:
    """Where the transfers go that this attempt asked for: they carry its moment."""
    made = Transfer.objects.filter(package__order_id=decision.order_id, created_at=decision.at).order_by("id")
    return list(dict.fromkeys(made.values_list("source_id", "destination_id")))


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if is_digits(text) and len(text) < 18 else otherwise


def _attempt(row: Decision, current: int) -> dict[str, Any]:
    return {
        "look": OUTCOMES.get(row.outcome) or looks.planning(row.outcome),
        "at": row.at,
        "href": f"{reverse('oms_console:why', args=[row.order_id])}?attempt={row.pk}",
        "current": row.pk == current,
    }
