"""Channels and products over REST, read only: both come from upstream."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import rest
from ambar.kit.refusals import NotFound
from ambar.oms.catalogue import schemas
from ambar.oms.catalogue.models import Channel, Product

router = rest.Router()

CHANNEL_FILTERS = rest.Filters(
    {
        "id": rest.id_list("id__in"),
        "name": rest.exact("name"),
        "channel_type": rest.exact("channel_type"),
        "is_active": rest.boolean("is_active"),
    }
)
PRODUCT_FILTERS = rest.Filters(
    {
        "id": rest.id_list("id__in"),
        "sku": rest.exact("sku"),
        "barcode": rest.exact("barcode"),
        "is_active": rest.boolean("is_active"),
    }
)


@router.get("/channels/")
@rest.needs("catalogue:read")
def list_channels(request: HttpRequest) -> dict[str, Any]:
    """Channels that orders came from, or that the doctor created beforehand."""
    return rest.page(request, Channel.objects.all(), schemas.channels, filters=CHANNEL_FILTERS)


@router.get("/channels/{int:channel_id}/")
@rest.needs("catalogue:read")
def read_channel(request: HttpRequest, channel_id: int) -> dict[str, Any]:
    """One sales channel as the OMS knows it."""
    found = Channel.objects.filter(pk=channel_id).first()
    if found is None:
        raise NotFound("Not found.")
    return schemas.channels([found])[0]


@router.get("/products/")
@rest.needs("catalogue:read")
def list_products(request: HttpRequest) -> dict[str, Any]:
    """Products known from orders and feeds."""
    return rest.page(
        request,
        Product.objects.all(),
        schemas.products,
        filters=PRODUCT_FILTERS,
        sort={"id": "id", "sku": "sku"},
    )


@router.get("/products/{int:product_id}/")
@rest.needs("catalogue:read")
def read_product(request: HttpRequest, product_id: int) -> dict[str, Any]:
    """One product as the OMS knows it."""
    found = Product.objects.filter(pk=product_id).first()
    if found is None:
        raise NotFound("Not found.")
    return schemas.products([found])[0]
