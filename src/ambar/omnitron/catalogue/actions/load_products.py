"""Load products in bulk, matched by SKU."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.omnitron import bulk
from ambar.omnitron.catalogue import store
from ambar.omnitron.catalogue.schemas import ProductBulkIn


def load_products(rows: Sequence[Any], *, now: datetime) -> list[dict[str, Any]]:
    """Inserts or replaces products in one statement; a bad row is refused alone.

    :returns: per row `{"index", "result": "created"|"updated"|"refused", "id", "sku" | "errors"}`.
    """
    batch = bulk.read(rows, ProductBulkIn)
    batch.once("sku", lambda row: row["sku"])
    parents = {row["parent"] for row in batch.good.values() if row["parent"] is not None}
    known, _ = store.product_keys(keys=parents, skus=())
    for position, row in list(batch.good.items()):
        if row["parent"] is not None and row["parent"] not in known:
            batch.refuse(position, {"parent": [f'Invalid pk "{row["parent"]}" - object does not exist.']})
    if batch.good:
        with transaction.atomic():
            saved = store.save_products(list(batch.good.values()), now=now)
        for position, row in batch.good.items():
            key, created = saved[row["sku"]]
            batch.accept(position, key, "created" if created else "updated", sku=row["sku"])
    return batch.results()
