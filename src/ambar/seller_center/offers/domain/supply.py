"""Who supplies an order item. Source: our decision, `docs/decisions/` (supplier named by the hub, else best offer)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

UNKNOWN_SUPPLIER = "unknown supplier"
NO_SELLER = "no seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An active offer of an active seller; price per piece."""

    seller_id: int
    sale_price: Decimal
    stock: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """The verdict: a seller, or the reason why the item is held."""

    seller_id: int | None
    reason: str


def supplier(
    supplier_code: str | None, sellers_by_code: Mapping[str, int], candidates: Iterable[Candidate]
) -> Supply:
    """Decide one item, first rule that fits:

    1. the item names a supplier code: that active seller; an unknown code holds the item (`unknown supplier`);
    2. else the active offer of the lowest sale price, more stock first, then the lower seller id;
    3. else it is held (`no seller`).
    """
    if supplier_code:
        seller_id = sellers_by_code.get(supplier_code)
        if seller_id is None:
            return Supply(seller_id=None, reason=f"{UNKNOWN_SUPPLIER} {supplier_code}")
        return Supply(seller_id=seller_id, reason="named by the item")
    best = min(candidates, key=lambda c: (c.sale_price, -c.stock, c.seller_id), default=None)
    if best is None:
        return Supply(seller_id=None, reason=NO_SELLER)
    return Supply(seller_id=best.seller_id, reason="lowest active offer")
