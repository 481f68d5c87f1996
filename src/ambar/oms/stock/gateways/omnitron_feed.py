"""Omnitron's stock lists as a source of figures: rows changed since a moment, in the order of their ids."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ambar.kit import clock
from ambar.oms.catalogue.models import Product
from ambar.oms.locations.models import StockLocation
from ambar.oms.omnitron_client.gateways import client as omnitron
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.stock import counts

PAGE = 1000


def store_lists(client: Client) -> dict[int, int | None]:
    """`{stock list: retail store}`, both Omnitron's ids; None for a list of no store."""
    found: dict[int, int | None] = {}
    for page in client.pages("stock_lists", {"sort": "id"}):
        for row in page:
            store = row.get("retail_store")
            store = store.get("pk") if isinstance(store, dict) else store
            if isinstance(row.get("pk"), int):
                found[row["pk"]] = store if isinstance(store, int) else None
    return found


def rows_of(client: Client, stock_list: int, *, since: datetime | None = None) -> Iterator[list[Any]]:
    """The list's rows, a page at a time after the last id seen, so that a row changing meanwhile moves nothing."""
    asked: dict[str, Any] = {"stock_list": stock_list, "sort": "id", "limit": PAGE}
    if since is not None:
        asked["modified_date__gte"] = clock.iso(since)
    last = 0
    while True:
        answer = client.call("product_stocks", params={**asked, "id__gt": last})
        rows = answer.get("results", []) if isinstance(answer, dict) else answer
        keys = [row["pk"] for row in rows if isinstance(row, dict) and isinstance(row.get("pk"), int)]
        if rows:
            yield rows
        if len(rows) < PAGE or not keys or max(keys) <= last:
            return
        last = max(keys)


def read_rows(page: list[Any], location_id: int) -> tuple[list[counts.Counted], dict[str, int]]:
    """Figures of the page for the location, and how many rows fit nowhere and why. Products match by SKU first."""
    by_sku = dict(Product.objects.filter(sku__in=_values(page, "sku", str)).values_list("sku", "id"))
    by_id = dict(
        Product.objects.filter(upstream_id__in=_values(page, "product", int)).values_list("upstream_id", "id")
    )
    rows = []
    left = {"unknown_product": 0, "malformed": 0}
    for row in page:
        on_hand = figure(row.get("stock")) if isinstance(row, dict) else None
        if on_hand is None:
            left["malformed"] += 1
            continue
        product_id = by_sku.get(row.get("sku")) or by_id.get(row.get("product"))
        if product_id is None:
            left["unknown_product"] += 1
            continue
        rows.append(counts.Counted(location_id=location_id, product_id=product_id, on_hand=on_hand))
    return rows, left


def figures_of(sku: str) -> dict[str, Decimal]:
    """What Omnitron says of one SKU now, by ERP code of the locations known here. Raises `UpstreamFailed`."""
    client = omnitron.current()
    stores = store_lists(client)
    codes = dict(
        StockLocation.objects.filter(source=client.source("retail_stores")).values_list(
            "upstream_id", "erp_code"
        )
    )
    found = {}
    answer = client.call("product_stocks", params={"product__sku": sku, "limit": PAGE})
    for row in answer.get("results", []) if isinstance(answer, dict) else answer:
        code, stock = codes.get(stores.get(row.get("stock_list"))), figure(row.get("stock"))
        if code is not None and stock is not None:
            found[code] = stock
    return found


def moments(page: list[Any]) -> list[datetime]:
    """When the page's rows were changed, by Omnitron's clock."""
    found: list[datetime] = []
    for row in page:
        text: Any = row.get("modified_date") if isinstance(row, Mapping) else None
        if isinstance(text, str):
            try:
                found.append(clock.parse(text))
            except ValueError:
                continue
    return found


def figure(value: Any) -> Decimal | None:
    """A stock figure, 0 or more with three decimals; None when it is no number."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    if not found.is_finite() or found >= 10**9:
        return None
    return max(found, Decimal(0)).quantize(Decimal("0.001"))


def _values(page: list[Any], name: str, kind: type) -> list[Any]:
    return [row[name] for row in page if isinstance(row, dict) and isinstance(row.get(name), kind)]
