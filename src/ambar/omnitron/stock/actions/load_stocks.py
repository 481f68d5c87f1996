"""Load the stock of products in bulk, matched by product and stock list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.omnitron import bulk
from ambar.omnitron.catalogue.actions.load_prices import identify_products
from ambar.omnitron.stock import store
from ambar.omnitron.stock.schemas import StockBulkIn


def load_stocks(rows: Sequence[Any], *, now: datetime) -> list[dict[str, Any]]:
    """Inserts or replaces stocks in one statement; a bad row is refused alone.

    :returns: per row `{"index", "result": "created"|"updated"|"refused", "id" | "errors"}`.
    """
    batch = bulk.read(rows, StockBulkIn)
    identify_products(batch)
    _identify_lists(batch)
    batch.once("non_field_errors", lambda row: (row["product"], row["stock_list"]))
    if batch.good:
        with transaction.atomic():
            saved = store.save_stocks(list(batch.good.values()), now=now)
        for position, row in batch.good.items():
            key, created = saved[row["product"], row["stock_list"]]
            batch.accept(position, key, "created" if created else "updated")
    return batch.results()


def _identify_lists(batch: bulk.Batch) -> None:
    rows = batch.good.values()
    keys, codes = store.stock_list_keys(
        keys=[row["stock_list"] for row in rows if row["stock_list"] is not None],
        erp_codes=[row["erp_code"] for row in rows if row["erp_code"]],
    )
    for position, row in list(batch.good.items()):
        if row["stock_list"] is None and not row["erp_code"]:
            batch.refuse(position, {"stock_list": ["Give stock_list or erp_code."]})
        elif row["stock_list"] is None and row["erp_code"] in codes:
            row["stock_list"] = codes[row["erp_code"]]
        elif row["stock_list"] not in keys:
            name = "erp_code" if row["stock_list"] is None else "stock_list"
            batch.refuse(position, {name: [f'"{row[name]}" names no stock list.']})
