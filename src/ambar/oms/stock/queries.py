"""Reads of stock, and the standing check of ledger against balances."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from ambar.oms.stock.domain.reservations import Key
from ambar.oms.stock.engines import StaleOrUnknown, engine_locations, unknown_locations

__all__ = ["Difference", "StaleOrUnknown", "available", "check", "engine_locations", "fitting_locations",
           "unknown_locations"]  # fmt: skip

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
FITTING = """
SELECT location.erp_code, count(balance.product_id) = %s AS fits
FROM oms_locations_stocklocation location
LEFT JOIN (
    oms_stock_balance balance
    JOIN unnest(%s::bigint[], %s::numeric[]) AS wanted (product_id, quantity)
      ON wanted.product_id = balance.product_id AND balance.on_hand - balance.reserved >= wanted.quantity
) ON balance.location_id = location.id
WHERE location.is_active AND (%s::text[] IS NULL OR location.erp_code = ANY(%s::text[]))
  AND (%s::text[] IS NULL OR location.tags ?| %s::text[])
  AND (%s::bigint[] IS NULL OR location.id = ANY(%s::bigint[]))
GROUP BY location.id ORDER BY location.erp_code
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


def fitting_locations(
    wanted: dict[int, Decimal],
    *,
    erp_codes: Sequence[str] | None,
    tags: Sequence[str] | None,
    own: Collection[int] | None = None,
) -> dict[str, bool]:
    """`{erp_code: all wanted quantities are there}` for active locations; `wanted` is by product id.

    `own` limits the answer to these locations.
    """
    codes = None if erp_codes is None else list(erp_codes)
    marks = None if tags is None else list(tags)
    places = None if own is None else list(own)
    with connection.cursor() as cursor:
        cursor.execute(
            FITTING,
            [len(wanted), list(wanted), list(wanted.values()), codes, codes, marks, marks, places, places],
        )
        return dict(cursor.fetchall())
