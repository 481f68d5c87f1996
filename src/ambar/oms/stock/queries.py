"""Reads of stock, and the standing check of ledger against balances."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from ambar.oms.stock.domain.reservations import Key
from ambar.oms.stock.engines import StaleOrUnknown, engine_locations, unknown_locations

__all__ = ["Difference", "StaleOrUnknown", "available", "check", "engine_locations", "unknown_locations"]

AVAILABLE = """
SELECT location_id, product_id, trim_scale(on_hand - reserved) FROM oms_stock_balance
WHERE product_id = ANY(%s) AND (%s::bigint[] IS NULL OR location_id = ANY(%s::bigint[]))
"""
CHECK = """
SELECT location_id, product_id, trim_scale(COALESCE(balance.on_hand, 0)), trim_scale(COALESCE(balance.reserved, 0)),
    trim_scale(COALESCE(entry.on_hand, 0)), trim_scale(COALESCE(entry.reserved, 0))
FROM oms_stock_balance balance FULL JOIN (
    SELECT location_id, product_id,
        COALESCE(sum(quantity) FILTER (WHERE kind IN ('stock', 'consume')), 0) AS on_hand,
        COALESCE(sum(quantity) FILTER (WHERE kind <> 'stock'), 0) AS reserved
    FROM oms_stock_ledgerentry GROUP BY 1, 2
) entry USING (location_id, product_id)
WHERE COALESCE(balance.on_hand, 0) <> COALESCE(entry.on_hand, 0)
   OR COALESCE(balance.reserved, 0) <> COALESCE(entry.reserved, 0)
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A key where the ledger adds up to something else than the balance says."""

    location_id: int
    product_id: int
    on_hand: Decimal
    reserved: Decimal
    ledger_on_hand: Decimal
    ledger_reserved: Decimal


def available(location_ids: Collection[int] | None, product_ids: Collection[int]) -> dict[Key, Decimal]:
    """`{(location, product): on hand - reserved}` without locks; None means every location."""
    locations = None if location_ids is None else list(location_ids)
    with connection.cursor() as cursor:
        cursor.execute(AVAILABLE, [list(product_ids), locations, locations])
        return {(location_id, product_id): free for location_id, product_id, free in cursor.fetchall()}


def check() -> list[Difference]:
    """Every balance that its ledger does not explain; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(CHECK)
        return [
            Difference(
                location_id=row[0],
                product_id=row[1],
                on_hand=row[2],
                reserved=row[3],
                ledger_on_hand=row[4],
                ledger_reserved=row[5],
            )
            for row in cursor.fetchall()
        ]
