"""The named calls of the client, as data: name -> method and path below the base URL.

The first twelve names are those of the public set-up page (Akinon: "Integrating OMS with Seller Center"); their paths
are this project's definition and each can be overridden by `path` in its `endpoint_conf` entry.
"""

from dataclasses import dataclass

REDIRECTED = (
    "order_item_bulk_update",
    "orders",
    "orderitem_set",
    "cancellation_plans",
    "countries",
    "countries_count",
    "countries_with_code",
    "cities",
    "townships",
    "townships_count",
    "districts",
    "districts_count",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One named call. `path` has no leading slash and ends with one."""

    name: str
    path: str
    method: str = "GET"


ENDPOINTS: dict[str, Endpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint(name="order_item_bulk_update", path="order_items/bulk_status_update/", method="PATCH"),
        Endpoint(name="orders", path="orders/"),
        Endpoint(name="orderitem_set", path="order_items/"),
        Endpoint(name="cancellation_plans", path="cancellation_plans/"),
        Endpoint(name="cancellation_reasons", path="cancellation_reasons/"),
        Endpoint(name="countries", path="countries/"),
        Endpoint(name="countries_count", path="countries/count/"),
        Endpoint(name="countries_with_code", path="countries/"),
        Endpoint(name="cities", path="cities/"),
        Endpoint(name="townships", path="townships/"),
        Endpoint(name="townships_count", path="townships/count/"),
        Endpoint(name="districts", path="districts/"),
        Endpoint(name="districts_count", path="districts/count/"),
        Endpoint(name="active_user", path="active_user/"),
        Endpoint(name="channels", path="channels/"),
        Endpoint(name="catalogs", path="catalogs/"),
        Endpoint(name="products", path="products/"),
        Endpoint(name="product_stocks", path="product_stocks/"),
        Endpoint(name="stock_lists", path="stock_lists/"),
        Endpoint(name="retail_stores", path="retail_stores/"),
        Endpoint(name="retail_stores_detailed", path="retail_stores/detailed/"),
        Endpoint(name="hooks", path="whisperer/hooks/"),
    )
}
