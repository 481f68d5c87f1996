"""Writes and set reads of offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from ambar.seller_center.offers.domain.supply import Candidate

_UPSERT = """
INSERT INTO sc_offers_offer AS o
       (seller_id, product_id, stock, retail_price, sale_price, currency, is_active, created_at, modified_at)
SELECT %s, p.id, t.stock, t.retail, t.sale, t.currency, t.is_active, %s, %s
  FROM unnest(%s::text[], %s::int[], %s::numeric[], %s::numeric[], %s::text[], %s::boolean[])
       AS t(sku, stock, retail, sale, currency, is_active)
  JOIN sc_catalogue_product p ON p.sku = t.sku
 ORDER BY p.id
ON CONFLICT (seller_id, product_id) DO UPDATE
   SET stock = excluded.stock, retail_price = excluded.retail_price, sale_price = excluded.sale_price,
       currency = excluded.currency, is_active = excluded.is_active, modified_at = excluded.modified_at
RETURNING o.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """An offer to be stored; stock in pieces, prices per piece."""

    sku: str
    stock: int
    retail_price: Decimal
    sale_price: Decimal
    currency: str = "try"
    is_active: bool = True


def unknown_skus(skus: Iterable[str]) -> list[str]:
    """The SKUs without a product, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.sku FROM unnest(%s::text[]) AS t(sku) LEFT JOIN sc_catalogue_product p USING (sku)"
            " WHERE p.id IS NULL ORDER BY 1",
            [sorted(set(skus))],
        )
        return [sku for (sku,) in cursor.fetchall()]


def upsert(seller_id: int, offers: Sequence[OfferRow], *, now: datetime) -> int:
    """Insert or overwrite one seller's offers by SKU, in one statement; how many were stored."""
    unique = {row.sku: row for row in offers}
    rows = list(unique.values())
    arrays = [
        [r.sku for r in rows],
        [r.stock for r in rows],
        [r.retail_price for r in rows],
        [r.sale_price for r in rows],
        [r.currency for r in rows],
        [r.is_active for r in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [seller_id, now, now, *arrays])
        return cursor.rowcount


def candidates(skus: Iterable[str]) -> dict[str, list[Candidate]]:
    """Active offers of active sellers, per SKU."""
    wanted = sorted(set(skus))
    found: dict[str, list[Candidate]] = {sku: [] for sku in wanted}
    if not wanted:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.sku, o.seller_id, o.sale_price, o.stock FROM sc_offers_offer o"
            " JOIN sc_catalogue_product p ON p.id = o.product_id"
            " JOIN sc_sellers_seller s ON s.id = o.seller_id"
            " WHERE p.sku = ANY(%s) AND o.is_active AND s.state = 'active'",
            [wanted],
        )
        for sku, seller_id, price, stock in cursor.fetchall():
            found[sku].append(Candidate(seller_id=seller_id, sale_price=price, stock=stock))
    return found
