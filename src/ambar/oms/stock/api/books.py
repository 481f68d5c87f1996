"""Reservations as they stand, and the standing check with its previewed repair."""

from typing import Annotated, Any

from django.http import HttpRequest
from pydantic import Field

from ambar.kit import accounts, clock, rest
from ambar.oms.stock import schemas
from ambar.oms.stock.actions.repair import preview, repair
from ambar.oms.stock.api.callers import must_be_unbound, own
from ambar.oms.stock.domain.repairs import RepairPlan, described
from ambar.oms.stock.models import Reservation

router = rest.Router()

FILTERS = rest.Filters(
    {
        "location": rest.id_list("location_id__in"),
        "stock_location": rest.id_list("location_id__in"),
        "erp_code": rest.exact("location__erp_code"),
        "sku": rest.exact("product__sku"),
        "product": rest.id_list("product_id__in"),
        "holder_kind": rest.exact("holder_kind"),
        "holder_id": rest.id_list("holder_id__in"),
    }
)


class RepairBody(rest.Body):
    """`plan`: the hash that the check answered."""

    plan: Annotated[str, Field(min_length=1, max_length=64)]


@router.get("/reservations/")
@rest.needs("stock:read")
def list_reservations(request: HttpRequest) -> dict[str, Any]:
    """Who holds what where now, as the ledger adds up: what stands in the way of a package is seen here."""
    rows = Reservation.objects.select_related("location", "product")
    places = own(request)
    if places is not None:
        rows = rows.filter(location_id__in=places)
    return rest.page(
        request, rows, schemas.reservations, filters=FILTERS,
        sort={"stock_location": "location_id", "since": "since"}, default_sort="stock_location",
    )  # fmt: skip


@router.get("/stock/check/")
@rest.needs("stock:write")
def check_stock(request: HttpRequest) -> dict[str, Any]:
    """Compare ledger, balances, holders and quota; answers every difference and the hash of the plan that mends them."""
    must_be_unbound(request)
    return _plan(preview())


@router.post("/stock/repair/")
@rest.needs("stock:write")
def repair_stock(request: HttpRequest, body: RepairBody) -> dict[str, Any]:
    """Do exactly the plan that the check answered; 406 when the books changed since."""
    must_be_unbound(request)
    done = repair(body.plan, now=clock.now())
    accounts.audit(
        request.principal,
        "stock.repaired",
        "stock",
        None,
        {"plan": done.hash, "findings": len(done.findings)},
    )
    return {**_plan(done), "repaired": len(done.findings)}


def _plan(plan: RepairPlan) -> dict[str, Any]:
    return {
        "plan": plan.hash,
        "is_well": not plan.findings,
        "findings": [described(one) for one in plan.findings],
    }
