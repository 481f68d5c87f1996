"""Copy Omnitron's stock figures: each store's stock list becomes what is on hand at its location."""

from __future__ import annotations

from typing import Any

from ambar.kit import clock, ids
from ambar.oms.locations.models import StockLocation
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.setup.steps import Needed, Progress, Step
from ambar.oms.stock import counts
from ambar.oms.stock.gateways import omnitron_feed
from ambar.oms.stock.models import Balance


def is_required(client: Client) -> Needed:
    """True while no stock is known here although Omnitron has figures."""
    here = Balance.objects.count()
    upstream = client.count("product_stocks")
    return Needed(is_required=here == 0 and upstream > 0, detail={"here": here, "upstream": upstream})


def run(client: Client, progress: Progress) -> dict[str, Any]:
    """Set what is on hand at every location that has a stock list; figures that fit nowhere are counted.

    To keep following Omnitron, point the locations to the engine `omnitron` afterwards.
    """
    places = dict(
        StockLocation.objects.filter(source=client.source("retail_stores")).values_list("upstream_id", "id")
    )
    lists = omnitron_feed.store_lists(client)
    cause = ids.uuid7()
    figures: dict[str, Any] = {
        "changed": 0,
        "unknown_product": 0,
        "malformed": 0,
        "short": 0,
        "lists_without_location": 0,
    }
    for stock_list, store in sorted(lists.items()):
        location_id = None if store is None else places.get(store)
        if location_id is None:
            figures["lists_without_location"] += 1
            continue
        for page in omnitron_feed.rows_of(client, stock_list):
            rows, left = omnitron_feed.read_rows(page, location_id)
            for reason, count in left.items():
                figures[reason] += count
            applied = counts.set_on_hand(rows, reason="basic setup", cause=cause, now=clock.now())
            figures["changed"] += applied.changed
            figures["short"] += len(applied.short)
            progress(len(page), None)
    return figures


STEP = Step(name="stocks", path="setup/stocks", is_required=is_required, run=run)
