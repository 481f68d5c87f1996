"""The shipping cost table and its kept versions over REST."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid
from ambar.oms.scenarios import schemas, store
from ambar.oms.scenarios.actions.set_shipping_costs import (
    change_shipping_cost,
    go_back_to_costs,
    set_shipping_costs,
)
from ambar.oms.scenarios.api.handling import VERSION_FILTERS, VERSION_SORT, edit_of
from ambar.oms.scenarios.api.router import router
from ambar.oms.scenarios.models import ShippingCost, ShippingCostVersion

FILTERS = rest.Filters({"id": rest.id_list("id__in"), "zone": rest.exact("zone")})
NOUN = "shipping_cost"


@router.get("/shipping-costs/")
@rest.needs("scenarios:read")
def list_shipping_costs(request: HttpRequest) -> dict[str, Any]:
    """What a parcel costs per zone; `SELECT_BY_COST` takes the narrowest zone that fits."""
    return rest.page(request, ShippingCost.objects.all(), schemas.costs, filters=FILTERS, sort=("id", "zone"))


@router.put("/shipping-costs/")
@rest.needs("scenarios:write")
def replace_shipping_costs(request: HttpRequest, body: schemas.CostsBody) -> dict[str, Any]:
    """Replace the table as a whole; zones not named are unknown from then on and sort last."""
    edit = edit_of(request, {"note": body.note, "expected_version": body.expected_version})
    set_shipping_costs([row.model_dump() for row in body.costs], now=clock.now(), edit=edit)
    zones = [row.zone for row in body.costs]
    accounts.audit(request.principal, "shipping_costs.replaced", NOUN, None, {"zones": zones})
    return {"results": schemas.costs(ShippingCost.objects.order_by("id"))}


@router.patch("/shipping-costs/{int:row_id}/")
@rest.needs("scenarios:write")
def change_one_shipping_cost(request: HttpRequest, row_id: int, body: schemas.CostPatch) -> dict[str, Any]:
    """Change the amounts of one zone."""
    given = body.model_dump(exclude_unset=True)
    edit = edit_of(request, given)
    empty = sorted(name for name, value in given.items() if value is None)
    if empty:
        raise Invalid(fields={name: ["This field may not be null."] for name in empty})
    row = change_shipping_cost(row_id, given, now=clock.now(), edit=edit)
    accounts.audit(request.principal, "shipping_costs.changed", NOUN, row_id, {"zone": row.zone})
    return schemas.costs([row])[0]


@router.get("/shipping-costs/versions/")
@rest.needs("scenarios:read")
def list_cost_versions(request: HttpRequest) -> dict[str, Any]:
    """The tables that were saved, by whom and why, the last first."""
    return rest.page(
        request,
        ShippingCostVersion.objects.all(),
        schemas.cost_versions,
        filters=VERSION_FILTERS,
        sort=VERSION_SORT,
        default_sort="-version",
    )


@router.get("/shipping-costs/versions/{int:number}/")
@rest.needs("scenarios:read")
def read_cost_version(request: HttpRequest, number: int) -> dict[str, Any]:
    """One version of the table."""
    return schemas.cost_versions([store.cost_version(number)])[0]


@router.post("/shipping-costs/go-back/")
@rest.needs("scenarios:write")
def go_back_shipping_costs(request: HttpRequest, body: schemas.GoBackBody) -> dict[str, Any]:
    """Bring an earlier table back as a new version."""
    edit = edit_of(request, body.model_dump())
    go_back_to_costs(body.version, now=clock.now(), edit=edit)
    detail = {"version": body.version, "note": edit.note}
    accounts.audit(request.principal, "shipping_costs.went_back", NOUN, None, detail)
    return {"results": schemas.costs(ShippingCost.objects.order_by("id"))}
