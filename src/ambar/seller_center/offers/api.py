"""`/api/v1/offers/`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.kit.money import money
from ambar.seller_center.offers import store
from ambar.seller_center.offers.actions.save_offers import save_offers
from ambar.seller_center.offers.models import Offer
from ambar.seller_center.offers.schemas import OffersIn
from ambar.seller_center.sellers.isolation import own_seller_id, visible

router = rest.Router()

FILTERS = rest.Filters(
    {
        "seller": rest.id_list("seller_id__in"),
        "sku": rest.exact("product__sku"),
        "product": rest.id_list("product_id__in"),
        "is_active": rest.boolean("is_active"),
        "id__in": rest.id_list("id__in"),
    }
)


def offer_json(row: Offer) -> dict[str, Any]:
    """An offer on the wire."""
    return {
        "id": row.pk,
        "pk": row.pk,
        "seller": row.seller_id,
        "product": {"id": row.product_id, "sku": row.product.sku, "name": row.product.name},
        "stock": row.stock,
        "retail_price": money(row.retail_price),
        "sale_price": money(row.sale_price),
        "currency": row.currency,
        "is_active": row.is_active,
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
    }


@router.get("/offers/", tags=["offers"])
@rest.needs("offers:read")
def list_offers(request: HttpRequest) -> Any:
    """Offers; a seller sees its own."""
    return rest.page(
        request,
        visible(Offer.objects.select_related("product"), request.principal),
        lambda rows: [offer_json(row) for row in rows],
        filters=FILTERS,
        sort=("id", "modified_at", "sale_price", "stock"),
        cursor=True,
    )


@router.post("/offers/", tags=["offers"])
@rest.needs("offers:write")
def post_offers(request: HttpRequest, body: OffersIn) -> Any:
    """Insert or overwrite up to 5 000 offers of one seller by SKU."""
    seller_id = own_seller_id(request.principal, body.seller)
    rows = [store.OfferRow(**offer.model_dump()) for offer in body.offers]
    return {"saved": save_offers(seller_id, rows, now=clock.now())}
