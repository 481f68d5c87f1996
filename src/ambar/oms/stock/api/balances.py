"""Figures in, balances out."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.oms.stock import schemas
from ambar.oms.stock.actions.take_feed import take_feed
from ambar.oms.stock.api.callers import own
from ambar.oms.stock.models import Balance

router = rest.Router()

FILTERS = rest.Filters(
    {
        "sku": rest.exact("product__sku"),
        "erp_code": rest.exact("location__erp_code"),
        "stock_location": rest.id_list("location_id__in"),
        "product": rest.id_list("product_id__in"),
    }
)


@router.post("/stock/")
@rest.needs("stock:write")
def set_stock(request: HttpRequest, body: schemas.Feed) -> dict[str, Any]:
    """Set what is on hand. Good rows count; each wrong row is answered with its place, field and reason."""
    return schemas.taken(take_feed(body.rows, allowed=own(request), now=clock.now()))


@router.get("/stock/")
@rest.needs("stock:read")
def list_stock(request: HttpRequest) -> dict[str, Any]:
    """Balances: on hand, reserved and what is left."""
    rows = Balance.objects.select_related("location", "product")
    places = own(request)
    if places is not None:
        rows = rows.filter(location_id__in=places)
    return rest.page(
        request, rows, schemas.balances, filters=FILTERS, sort={"stock_location": "location_id"},
        default_sort="stock_location",
    )  # fmt: skip
