"""The fake Seller Center of `ambar fake`, filled with golden orders whose places the OMS knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ambar.cli.fake.contract_server import Running
from ambar.cli.fake.faults import Rule
from ambar.cli.fake.goods import Places
from ambar.cli.fake.orders_book import OrdersBook
from ambar.cli.fake.seller_center_fake import SellerCenterFake
from tests.worlds import oms_upstream as world

TOKEN = "your_token_here"
"""The one in the golden settings."""


class Market:
    """A running fake; `fresh()` between two tests."""

    def __init__(self) -> None:
        self.fake = SellerCenterFake(OrdersBook(places=Places()), token=TOKEN)
        self.running = Running(self.fake)
        self.url, self.address = self.running.url, self.running.address

    def fresh(self, orders: Sequence[dict[str, Any]] = ()) -> None:
        """No orders but these, no faults, an empty ledger."""
        book = self.fake.book
        for kept in (book.orders, book.items, book.plans, book.told_statuses):
            kept.clear()
        book.vanished.clear()
        book.told_twice = 0
        self.fake.forget()
        self.fail()
        for row in orders:
            book.put(row)

    def fail(self, *rules: Rule, seed: int = 1) -> None:
        """Go by these rules from now on."""
        self.fake.injector._seed = seed
        self.fake.injector.put(rules)

    def calls(self, part: str, method: str = "GET") -> list[dict[str, Any]]:
        """Calls whose path holds `part`, in order."""
        return [
            row for row in self.fake.calls.told()["calls"] if part in row["path"] and row["method"] == method
        ]

    def versions(self) -> dict[int, str]:
        """Order id → its modification time, as upstream has them."""
        return {key: row["modified_date"] for key, row in self.fake.book.orders.items()}


def orders(count: int, *, same_second: int = 1, **changed: Any) -> list[dict[str, Any]]:
    """Golden orders 1..count; `same_second` of them share each time stamp."""
    return [
        world.order(pk, at=world.T0 + world.timedelta(seconds=pk // same_second), **changed)
        for pk in range(1, count + 1)
    ]


@contextmanager
def serving() -> Iterator[Market]:
    """The market, running."""
    market = Market()
    try:
        yield market
    finally:
        market.running.close()
