"""Wire shapes of stock."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from ambar.kit import rest
from ambar.oms.stock.actions.take_feed import FeedTaken
from ambar.oms.stock.models import Balance

MOST_ROWS = 20_000


class Feed(rest.Body):
    """Stock figures: `erp_code`, `sku`, `quantity` (0 or more) and optionally `unit_type` per row."""

    rows: Annotated[list[Any], Field(min_length=1, max_length=MOST_ROWS)]


def taken(feed: FeedTaken) -> dict[str, Any]:
    """What became of a feed."""
    return {
        "accepted": feed.accepted,
        "changed": feed.changed,
        "errors": [{"row": e.row, "field": e.field, "message": e.message} for e in feed.errors],
        "short": [{"row": row, "below_reserved_by": gap} for row, gap in feed.short],
    }


def balances(rows: Iterable[Balance]) -> list[dict[str, Any]]:
    """Balances with names, quantities as decimal strings."""
    return [
        {
            "stock_location": {
                "id": row.location_id,
                "erp_code": row.location.erp_code,
                "name": row.location.name,
            },
            "product": {"id": row.product_id, "sku": row.product.sku, "name": row.product.name},
            "stock_count": f"{row.on_hand:.2f}",
            "reservation_count": f"{row.reserved:.2f}",
            "quantity": f"{row.on_hand - row.reserved - row.short:.2f}",
            "unit_type": row.unit,
        }
        for row in rows
    ]
