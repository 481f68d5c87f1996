"""What the hub answers when it is told of items: the items as they are there now.

Source: "Order bulk status update"; the answer's shape is our hub's. Another hub may answer anything else, and tells by event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambar.kit import clock
from ambar.seller_center.places.domain.records import identity


def stamps(answer: Any) -> dict[int, str]:
    """The hub's item id → when it was delivered, as the hub wrote it; whatever is no such row is left aside."""
    rows = answer.get("orderitem_set") if isinstance(answer, Mapping) else answer
    found = {}
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, Mapping):
            continue
        own, moment = identity(row), row.get("delivered_date")
        if own is not None and isinstance(moment, str) and _is_moment(moment):
            found[own] = moment
    return found


def _is_moment(text: str) -> bool:
    try:
        clock.parse(text)
    except ValueError:
        return False
    return True
