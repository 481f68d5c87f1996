"""What higher rooms want done, in the same transaction, with orders just taken in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A seller's order that was just stored."""

    order_id: int
    seller_id: int
    number: str


OnNewOrders = Callable[[Sequence[NewOrder], datetime], None]

_followers: list[OnNewOrders] = []


def on_new_orders(follower: OnNewOrders) -> None:
    """Register a set-based follower; called once per set inside the transaction that stores the orders."""
    if follower not in _followers:
        _followers.append(follower)


def tell_new_orders(orders: Sequence[NewOrder], now: datetime) -> None:
    """Call the followers, when there is anything to tell."""
    if orders:
        for follower in _followers:
            follower(orders, now)
