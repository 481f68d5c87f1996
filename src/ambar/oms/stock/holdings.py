"""What holders hold now, read without locks (the caller holds the lock of the record behind the holder)."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import connection

from ambar.oms.stock.store import HOLDINGS


def at_locations(holder_kind: str, holder_ids: Iterable[int]) -> dict[int, dict[int, Decimal]]:
    """`{holder id: {location id: quantity}}`; holders of nothing are absent. One statement."""
    ids = list(holder_ids)
    if not ids:
        return {}
    found: dict[int, dict[int, Decimal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(HOLDINGS, [[holder_kind] * len(ids), ids])
        for _, holder_id, location_id, _, quantity in cursor.fetchall():
            by_location = found.setdefault(holder_id, {})
            by_location[location_id] = by_location.get(location_id, Decimal(0)) + quantity
    return found
