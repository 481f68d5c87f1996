"""The shipping cost table over REST."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid
from ambar.oms.scenarios import schemas
from ambar.oms.scenarios.actions.set_shipping_costs import change_shipping_cost, set_shipping_costs
from ambar.oms.scenarios.api.router import router
from ambar.oms.scenarios.models import ShippingCost

FILTERS = rest.Filters({"id": rest.id_list("id__in"), "zone": rest.exact("zone")})


@router.get("/shipping-costs/")
@rest.needs("scenarios:read")
def list_shipping_costs(request: HttpRequest) -> dict[str, Any]:
    """What a parcel costs per zone; `SELECT_BY_COST` takes the narrowest zone that fits."""
    return rest.page(request, ShippingCost.objects.all(), schemas.costs, filters=FILTERS, sort=("id", "zone"))


@router.put("/shipping-costs/")
@rest.needs("scenarios:write")
def replace_shipping_costs(request: HttpRequest, body: schemas.CostsBody) -> dict[str, Any]:
    """Replace the table as a whole; zones not named are unknown from then on and sort last."""
    set_shipping_costs([row.model_dump() for row in body.costs], now=clock.now())
    zones = [row.zone for row in body.costs]
    accounts.audit(request.principal, "shipping_costs.replaced", "shipping_cost", None, {"zones": zones})
    return {"results": schemas.costs(ShippingCost.objects.order_by("id"))}


@router.patch("/shipping-costs/{int:row_id}/")
@rest.needs("scenarios:write")
def change_one_shipping_cost(request: HttpRequest, row_id: int, body: schemas.CostPatch) -> dict[str, Any]:
    """Change the amounts of one zone."""
    given = body.model_dump(exclude_unset=True)
    empty = sorted(name for name, value in given.items() if value is None)
    if empty:
        raise Invalid(fields={name: ["This field may not be null."] for name in empty})
    row = change_shipping_cost(row_id, given, now=clock.now())
    accounts.audit(request.principal, "shipping_costs.changed", "shipping_cost", row_id, {"zone": row.zone})
    return schemas.costs([row])[0]
