"""*Why is it N?* of one figure, and the standing check with its previewed repair."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ambar.kit import accounts, clock
from ambar.kit.refusals import Refusal
from ambar.kit.ui import gate
from ambar.oms.catalogue.models import Product
from ambar.oms.console import ledger, refusals
from ambar.oms.locations.models import StockLocation
from ambar.oms.stock.actions.repair import preview, repair
from ambar.oms.stock.domain.repairs import BalanceDiffers, HolderGone, RepairPlan
from ambar.oms.stock.models import Balance

MOST_FINDINGS = 200


@gate.screen("stock:read")
def why(request: HttpRequest, location: int, product: int) -> HttpResponse:
    """How on hand, reserved and available of a product at a location came to be."""
    bounds = gate.principal(request).bounds
    found = Balance.objects.select_related("location", "product").filter(
        location_id=location, product_id=product
    )
    if "location_ids" in bounds:
        found = found.filter(location_id__in=bounds["location_ids"])
    balance = found.first()
    if balance is None:
        return gate.missing(request)
    context = {
        "balance": balance,
        "available": balance.on_hand - balance.reserved,
        "held": ledger.held(location, product),
        "lines": ledger.lines(location, product, on_hand=balance.on_hand, reserved=balance.reserved),
        "most": ledger.MOST_ENTRIES,
    }
    return render(request, "oms_console/ledger.html", context)


@gate.screen("stock:write")
def check(request: HttpRequest) -> HttpResponse:
    """Compare ledger, balances, holders and quota; a posted `plan` does exactly what was previewed."""
    if "location_ids" in gate.principal(request).bounds:
        return render(request, "ui/forbidden.html", status=403)
    if request.method == "POST":
        try:
            done = repair(request.POST.get("plan", "")[:64], now=clock.now())
        except Refusal as refusal:
            messages.error(request, refusals.words(refusal))
        else:
            detail = {"plan": done.hash, "findings": len(done.findings)}
            accounts.audit(gate.principal(request), "stock.repaired", "stock", None, detail)
            count = len(done.findings)
            messages.success(
                request,
                ngettext("%(n)s finding mended.", "%(n)s findings mended.", count) % {"n": count},
            )
        return redirect("oms_console:stock_check")
    plan = preview()
    context = {"plan": plan, "rows": _rows(plan), "more": max(0, len(plan.findings) - MOST_FINDINGS)}
    return render(request, "oms_console/stock_check.html", context)


def _rows(plan: RepairPlan) -> list[dict[str, Any]]:
    shown = plan.findings[:MOST_FINDINGS]
    places = StockLocation.objects.in_bulk([one.location_id for one in shown])
    products = Product.objects.in_bulk([getattr(one, "product_id", 0) for one in shown])
    names = ledger.holders((one.holder_kind, one.holder_id) for one in shown if isinstance(one, HolderGone))
    rows = []
    for one in shown:
        product = products.get(getattr(one, "product_id", 0))
        row: dict[str, Any] = {
            "location": places[one.location_id].name if one.location_id in places else one.location_id,
            "sku": product.sku if product else "",
        }
        if isinstance(one, BalanceDiffers):
            row |= {
                "what": _("The figure is not what the ledger adds up to"),
                "now": f"{one.on_hand:f} / {one.reserved:f}",
                "then": f"{one.ledger_on_hand:f} / {one.ledger_reserved:f}",
            }
        elif isinstance(one, HolderGone):
            row |= {
                "what": _("%(holder)s is over but still holds stock")
                % {"holder": names[one.holder_kind, one.holder_id][0]},
                "now": f"{one.quantity:f}",
                "then": "0",
            }
        else:
            row |= {
                "what": _("Used quota is not the count of open packages"),
                "now": str(one.used),
                "then": str(one.counted),
            }
        rows.append(row)
    return rows
