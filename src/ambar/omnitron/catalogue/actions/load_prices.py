"""Load product prices in bulk, matched by product, price list and price type."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.omnitron import bulk
from ambar.omnitron.catalogue import store
from ambar.omnitron.catalogue.models import PriceList
from ambar.omnitron.catalogue.schemas import PriceBulkIn


def identify_products(batch: bulk.Batch) -> None:
    """Replaces `sku` by the product's key in every good row; refuses rows naming no known product."""
    rows = batch.good.values()
    keys, skus = store.product_keys(
        keys=[row["product"] for row in rows if row["product"] is not None],
        skus=[row["sku"] for row in rows if row["sku"]],
    )
    for position, row in list(batch.good.items()):
        if row["product"] is None and not row["sku"]:
            batch.refuse(position, {"product": ["Give product or sku."]})
        elif row["product"] is None and row["sku"] in skus:
            row["product"] = skus[row["sku"]]
        elif row["product"] not in keys:
            name = "sku" if row["product"] is None else "product"
            batch.refuse(position, {name: [f'"{row[name]}" is not a known product.']})


def load_prices(rows: Sequence[Any], *, now: datetime) -> list[dict[str, Any]]:
    """Inserts or replaces prices in one statement; a bad row is refused alone.

    :returns: per row `{"index", "result": "created"|"updated"|"refused", "id" | "errors"}`.
    """
    batch = bulk.read(rows, PriceBulkIn)
    identify_products(batch)
    lists = set(
        PriceList.objects.filter(pk__in={row["price_list"] for row in batch.good.values()}).values_list(
            "pk", flat=True
        )
    )
    for position, row in list(batch.good.items()):
        if row["price_list"] not in lists:
            batch.refuse(
                position, {"price_list": [f'Invalid pk "{row["price_list"]}" - object does not exist.']}
            )
    batch.once("non_field_errors", lambda row: (row["product"], row["price_list"], row["price_type"]))
    if batch.good:
        with transaction.atomic():
            saved = store.save_prices(list(batch.good.values()), now=now)
        for position, row in batch.good.items():
            key, created = saved[row["product"], row["price_list"], row["price_type"]]
            batch.accept(position, key, "created" if created else "updated")
    return batch.results()
