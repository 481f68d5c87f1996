"""Copy Omnitron's stock figures: each store's stock list becomes what is on hand at its location."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from ambar.kit import clock, ids
from ambar.oms.catalogue.models import Product
from ambar.oms.locations.models import StockLocation
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.setup.steps import Needed, Progress, Step
from ambar.oms.stock import counts
from ambar.oms.stock.models import Balance

PAGE = 1000


def is_required(client: Client) -> Needed:
    """True while no stock is known here although Omnitron has figures."""
    here = Balance.objects.count()
    upstream = client.count("product_stocks")
    return Needed(is_required=here == 0 and upstream > 0, detail={"here": here, "upstream": upstream})


def run(client: Client, progress: Progress) -> dict[str, Any]:
    """Set what is on hand at every location that has a stock list; figures that fit nowhere are counted."""
    places = dict(
        StockLocation.objects.filter(source=client.source("retail_stores")).values_list("upstream_id", "id")
    )
    lists = [row for page in client.pages("stock_lists", {"sort": "id"}) for row in page]
    cause = ids.uuid7()
    figures: dict[str, Any] = {
        "changed": 0,
        "unknown_product": 0,
        "malformed": 0,
        "short": 0,
        "lists_without_location": 0,
    }
    for listed in lists:
        store = listed.get("retail_store")
        location_id = places.get(store.get("pk") if isinstance(store, dict) else store)
        if location_id is None:
            figures["lists_without_location"] += 1
            continue
        for page in client.pages("product_stocks", {"stock_list": listed["pk"], "sort": "id"}, limit=PAGE):
            _apply(page, location_id, figures, cause)
            progress(len(page), None)
    return figures


def _apply(page: list[Any], location_id: int, figures: dict[str, Any], cause: Any) -> None:
    by_sku = dict(Product.objects.filter(sku__in=_values(page, "sku", str)).values_list("sku", "id"))
    by_id = dict(
        Product.objects.filter(upstream_id__in=_values(page, "product", int)).values_list("upstream_id", "id")
    )
    rows = []
    for row in page:
        on_hand = _figure(row.get("stock")) if isinstance(row, dict) else None
        if on_hand is None:
            figures["malformed"] += 1
            continue
        product_id = by_sku.get(row.get("sku")) or by_id.get(row.get("product"))
        if product_id is None:
            figures["unknown_product"] += 1
            continue
        rows.append(counts.Counted(location_id=location_id, product_id=product_id, on_hand=on_hand))
    applied = counts.set_on_hand(rows, reason="basic setup", cause=cause, now=clock.now())
    figures["changed"] += applied.changed
    figures["short"] += len(applied.short)


def _values(page: list[Any], name: str, kind: type) -> list[Any]:
    return [row[name] for row in page if isinstance(row, dict) and isinstance(row.get(name), kind)]


def _figure(value: Any) -> Decimal | None:
    try:
        figure = Decimal(str(value))
    except InvalidOperation:
        return None
    return max(figure, Decimal(0)) if figure.is_finite() and figure < 10**9 else None


STEP = Step(name="stocks", path="setup/stocks", is_required=is_required, run=run)
