"""Wire shapes of stock."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from ambar.kit import clock, rest
from ambar.oms.stock.actions.take_feed import FeedTaken
from ambar.oms.stock.models import Balance, Reservation

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


def reservations(rows: Iterable[Reservation]) -> list[dict[str, Any]]:
    """What holders hold, quantities as decimal strings; `since` is when the holder last took some of it."""
    return [
        {
            "holder_kind": row.holder_kind,
            "holder_id": row.holder_id,
            "stock_location": {
                "id": row.location_id,
                "erp_code": row.location.erp_code,
                "name": row.location.name,
            },
            "product": {"id": row.product_id, "sku": row.product.sku, "name": row.product.name},
            "quantity": f"{row.quantity:.2f}",
            "since": clock.iso(row.since),
        }
        for row in rows
    ]
