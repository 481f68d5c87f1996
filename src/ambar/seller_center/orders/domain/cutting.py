"""Cutting a shop order into one order per seller.

Source: "Integrating OMS with Seller Center" (`supplier_code`), and our decision on numbers and shipping amounts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from ambar.seller_center.orders.domain.incoming import IncomingItem, IncomingOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A seller's part that is stored already."""

    order_id: int
    seller_id: int
    part: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerPart:
    """One seller's part of a shop order; `part` counts from 1, amounts in the order's currency."""

    seller_id: int
    part: int
    number: str
    amount: Decimal
    shipping_amount: Decimal
    items: tuple[IncomingItem, ...]
    order_id: int | None = None


def cut(
    order: IncomingOrder, supplier_of: Mapping[int, int], known: Mapping[int, Known], *, held: bool = False
) -> list[SellerPart]:
    """One part per seller, in the order of their first items.

    The whole shop order at one seller keeps the shop order's number and amount. Otherwise parts are numbered
    `<number>-<n>`, amounts are the items' prices less discounts, and the shipping amount goes with part 1.
    A part stored before keeps its number.

    :param supplier_of: upstream item id → seller id; items without an entry are held and in no part.
    :param known: seller id → its stored part.
    :param held: some items await a seller, so the order will end in several parts.
    """
    by_seller: dict[int, list[IncomingItem]] = {}
    for item in order.items:
        seller_id = supplier_of.get(item.upstream_id)
        if seller_id is not None:
            by_seller.setdefault(seller_id, []).append(item)
    alone = len(by_seller | dict.fromkeys(known)) == 1 and not held
    last = max((part.part for part in known.values()), default=0)
    parts = []
    for seller_id, items in by_seller.items():
        stored = known.get(seller_id)
        if stored is None:
            last += 1
        n = stored.part if stored else last
        number = stored.number if stored else (order.number if alone else f"{order.number}-{n}")
        shipping = order.shipping_amount if n == 1 else Decimal(0)
        total = sum((item.price - item.discount for item in items), Decimal(0)) + shipping
        parts.append(
            SellerPart(
                seller_id=seller_id,
                part=n,
                number=number,
                amount=order.amount if alone else total,
                shipping_amount=shipping,
                items=tuple(items),
                order_id=stored.order_id if stored else None,
            )
        )
    return parts


def digest(order: IncomingOrder, part: SellerPart) -> str:
    """A fingerprint of what the seller gets, item statuses and times aside: equal digests need no new version.

    A time of delivery counts as one of those: the hub stamps it when it is told the status.
    """
    return _short(orjson.dumps(_content(order, part), option=orjson.OPT_SORT_KEYS))


def is_of(print_: str, stored: str, order: IncomingOrder, part: SellerPart) -> bool:
    """Whether `stored` is the fingerprint of this, whose `digest` is `print_`; also one that was made until 2026-11-30."""
    return stored == print_ or stored == _digest_before(order, part)


def _digest_before(order: IncomingOrder, part: SellerPart) -> str:
    return _short(json.dumps(_content(order, part), sort_keys=True).encode())


def _content(order: IncomingOrder, part: SellerPart) -> list[Any]:
    return [
        part.number,
        str(part.amount),
        order.document,
        [[i.upstream_id, str(i.price), str(i.quantity), _unstamped(i.document)] for i in part.items],
    ]


def _short(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]


def _unstamped(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "delivered_date": None} if document.get("delivered_date") else document
