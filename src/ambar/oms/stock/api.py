"""Stock over REST: figures in, availability and balances out."""

from collections import Counter
from decimal import Decimal
from typing import Any

from django.db import connection
from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid
from ambar.oms.stock import queries, schemas
from ambar.oms.stock.actions.take_feed import take_feed
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
ASKED = {"sku": 100, "erp_code": 50, "tag": 20}


def _own(request: HttpRequest) -> frozenset[int] | None:
    bounds = request.principal.bounds
    return frozenset(bounds["location_ids"]) if "location_ids" in bounds else None


@router.post("/stock/")
@rest.needs("stock:write")
def set_stock(request: HttpRequest, body: schemas.Feed) -> dict[str, Any]:
    """Set what is on hand. Good rows count; each wrong row is answered with its place, field and reason."""
    return schemas.taken(take_feed(body.rows, allowed=_own(request), now=clock.now()))


@router.get("/stock/")
@rest.needs("stock:read")
def list_stock(request: HttpRequest) -> dict[str, Any]:
    """Balances: on hand, reserved and what is left."""
    rows = Balance.objects.select_related("location", "product")
    own = _own(request)
    if own is not None:
        rows = rows.filter(location_id__in=own)
    return rest.page(
        request, rows, schemas.balances, filters=FILTERS, sort={"stock_location": "location_id"},
        default_sort="stock_location",
    )  # fmt: skip


@router.get("/query-stock-availability/")
@rest.needs("stock:read")
def query_stock_availability(request: HttpRequest) -> dict[str, bool]:
    """`{"WH001": true, ...}`: whether a location has all SKUs; a repeated SKU asks for more units of it.

    Source: Akinon OMS, "stock query". At most 100 `sku`, 50 `erp_code`, 20 `tag`.
    """
    wrong = {name: ["Unknown parameter."] for name in request.GET if name not in ASKED}
    given = {name: request.GET.getlist(name) for name in ASKED}
    for name, values in given.items():
        if len(values) > ASKED[name]:
            wrong[name] = [f"At most {ASKED[name]} values."]
        elif any("\x00" in value or not value for value in values):
            wrong[name] = ["Must not be empty."]
    if not given["sku"]:
        wrong.setdefault("sku", ["At least one SKU is required."])
    if wrong:
        raise Invalid(fields=wrong)
    asked = Counter(given["sku"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT sku, id FROM oms_catalogue_product WHERE sku = ANY(%s)", [list(asked)])
        ids = dict(cursor.fetchall())
    wanted = {
        ids.get(sku, -index): Decimal(count) for index, (sku, count) in enumerate(asked.items(), start=1)
    }
    return queries.fitting_locations(
        wanted, erp_codes=given["erp_code"] or None, tags=given["tag"] or None, own=_own(request)
    )
