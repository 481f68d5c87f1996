"""An order as the planner takes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedLine:
    """One line still to be supplied."""

    id: int
    product_id: int
    sku: str
    quantity: Decimal
    price: Decimal
    state: int
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedOrder:
    """An order locked for planning, with its living lines in id order. `planned_at` None: it never had a package."""

    id: int
    source: str
    number: str
    channel_id: int
    state: int
    supplier_code: str
    currency: str
    amount: Decimal
    customer: dict[str, Any]
    shipping_address: dict[str, Any]
    country_id: int | None
    city_id: int | None
    township_id: int | None
    district_id: int | None
    latitude: Decimal | None
    longitude: Decimal | None
    cargo_company: str | None
    shipping_option_slug: str | None
    payment_type: str | None
    delivery_type: str | None
    delivery_range: str | None
    date_placed: datetime
    planning_state: str
    planned_at: datetime | None
    lines: tuple[ClaimedLine, ...]
