"""*Shipping costs*: what a parcel costs per zone, with every table that stood before and the way back to it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import NotFound, Refusal
from ambar.kit.text import is_digits
from ambar.kit.ui import gate
from ambar.oms.console import cost_table, refusals, scenario_cards
from ambar.oms.console.screens.scenarios import MOST_VERSIONS, edit_of
from ambar.oms.scenarios.actions.set_shipping_costs import go_back_to_costs, set_shipping_costs
from ambar.oms.scenarios.models import ShippingCost, ShippingCostVersion


@gate.screen("scenarios:read")
def shipping_costs(request: HttpRequest) -> HttpResponse:
    """The table as a form; an empty zone has no price."""
    if request.method != "POST" or not gate.principal(request).may("scenarios:write"):
        return _show(request)
    typed, rows, wrong = cost_table.read(request.POST)
    if wrong:
        return _show(request, typed, wrong, status=400)
    try:
        set_shipping_costs(rows, now=clock.now(), edit=edit_of(request, expected=_version(request)))
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return _show(request, typed, status=409)
    _audit(request, "replaced", zones=[row["zone"] for row in rows])
    messages.success(request, _("Saved."))
    return redirect("oms_console:shipping_costs")


@require_POST
@gate.screen("scenarios:write")
def back(request: HttpRequest) -> HttpResponse:
    """An earlier table stands again, as a new version."""
    number = _version(request)
    try:
        if number is None:
            raise NotFound
        go_back_to_costs(number, now=clock.now(), edit=edit_of(request))
    except NotFound:
        return gate.missing(request)
    _audit(request, "went_back", version=number)
    messages.success(request, _("Version %(number)s stands again.") % {"number": number})
    return redirect("oms_console:shipping_costs")


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if is_digits(text) and len(text) < 9 else None


def _audit(request: HttpRequest, act: str, **detail: object) -> None:
    accounts.audit(gate.principal(request), f"shipping_costs.{act}", "shipping_cost", None, detail)


def _show(
    request: HttpRequest,
    typed: dict[str, cost_table.Amounts] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = list(ShippingCostVersion.objects.order_by("-number")[:MOST_VERSIONS])
    context = {
        "zones": cost_table.draw(ShippingCost.objects.all(), typed or {}, wrong or {}),
        "version": rows[0].number if rows else 0,
        "versions": [
            {**scenario_cards.kept(row), "current": row is rows[0], "said": cost_table.said(row.body)}
            for row in rows
        ],
        "may_write": gate.principal(request).may("scenarios:write"),
    }
    return render(request, "oms_console/shipping_costs.html", context, status=status)
