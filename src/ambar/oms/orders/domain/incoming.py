"""An order as the upstream system tells it, already checked and with its references resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ambar.oms.orders.domain.delivery_windows import window_of


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingItem:
    """One order line. `price` is the line's total in `currency`; `quantity` is 1 unless the item is merged.

    `is_head` and `worth` follow from the other lines (`domain.bundles`).
    """

    upstream_id: int
    sku: str
    product_id: int
    quantity: Decimal = Decimal(1)
    price: Decimal = Decimal(0)
    tax_rate: Decimal = Decimal(0)
    discount_amount: Decimal = Decimal(0)
    currency: str = ""
    state: int = 400
    attributes: dict[str, Any] = field(default_factory=dict)
    tracking_number: str | None = None
    invoice_number: str | None = None
    parent_upstream_id: int | None = None
    is_head: bool = False
    worth: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingOrder:
    """One version of an order; identity is (`source`, `upstream_id`), version is `upstream_modified_at`.

    `customer`, `shipping_address`, `billing_address` are snapshots as emitted in package events (names, not ids).
    `raw` is the upstream record as it came.
    """

    source: str
    upstream_id: int
    number: str
    channel_id: int
    upstream_modified_at: datetime
    date_placed: datetime
    items: tuple[IncomingItem, ...]
    state: int = 400
    supplier_code: str = ""
    currency: str = ""
    amount: Decimal = Decimal(0)
    shipping_amount: Decimal = Decimal(0)
    discount_amount: Decimal = Decimal(0)
    customer: dict[str, Any] = field(default_factory=dict)
    shipping_address: dict[str, Any] = field(default_factory=dict)
    billing_address: dict[str, Any] = field(default_factory=dict)
    country_id: int | None = None
    city_id: int | None = None
    township_id: int | None = None
    district_id: int | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    cargo_company: str | None = None
    shipping_option_slug: str | None = None
    payment_type: str | None = None
    delivery_type: str | None = None
    delivery_range: str | None = None
    notes: str = ""
    due_at: datetime | None = None
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def delivery_from(self) -> datetime | None:
        """When delivery may begin, as far as `delivery_range` says it."""
        return window_of(self.delivery_range)[0]

    @property
    def delivery_until(self) -> datetime | None:
        """When it has to be over."""
        return window_of(self.delivery_range)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingPlanItem:
    """An order item by its upstream id; `quantity` None = all of it."""

    order_item: int
    reason: str = ""
    refund_amount: Decimal | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCancellationPlan:
    """One version of a cancellation plan; without `items` it is about the whole order. `order_number` as the plan names it, if it does."""

    source: str
    upstream_id: int
    order_upstream_id: int
    order_number: str | None = None
    plan_type: str
    status: str
    upstream_modified_at: datetime
    items: tuple[IncomingPlanItem, ...]
    raw: dict[str, Any] = field(default_factory=dict)


def newest(orders: list[IncomingOrder]) -> list[IncomingOrder]:
    """One version per order, the newest of the batch, in (source, upstream id) order (the lock order)."""
    chosen: dict[tuple[str, int], IncomingOrder] = {}
    for order in orders:
        key = (order.source, order.upstream_id)
        if key not in chosen or order.upstream_modified_at >= chosen[key].upstream_modified_at:
            chosen[key] = order
    return [chosen[key] for key in sorted(chosen)]
