"""What the planner reads and what it answers. Quantities are decimals in the product's unit; ids are integers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An order line. `properties` is what product conditions ask; `excluded` are locations that may not get it
    (refused before, not found before), each with the reason shown. `weight` is kilograms per unit, None when unknown.
    """

    item_id: int
    product_id: int
    quantity: Decimal
    properties: Mapping[str, Any] = field(default_factory=dict)
    excluded: Mapping[int, str] = field(default_factory=dict)
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order to plan. `properties` is what scenario criteria ask (see `scenarios.domain.fields.ORDER`)."""

    id: int
    number: str
    lines: tuple[Line, ...]
    properties: Mapping[str, Any] = field(default_factory=dict)
    amount: Decimal = Decimal(0)
    country_id: int | None = None
    city_id: int | None = None
    township_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    pickup_location_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A candidate location. `properties` is what location conditions ask."""

    id: int
    priority: int = 100
    is_active: bool = True
    is_fulfillment_center: bool = True
    latitude: float | None = None
    longitude: float | None = None
    max_quota: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What was seen of the locations: `stock` is `{product: {location: available}}`, `used` the quota in use, `unknown`
    locations whose stock service did not answer, `reliability` the `(refused, packages)` of each location's last 90 days.
    `hash` names the locations' content without stock and quota.

    `thousandths` holds stock as `{product: {location: available x 1000}}`; a product that stands there is not looked up
    in `stock`. It is what the store reads: no decimal per figure.
    """

    hash: str
    locations: Mapping[int, Location]
    stock: Mapping[int, Mapping[int, Decimal]]
    used: Mapping[int, int] = field(default_factory=dict)
    unknown: frozenset[int] = frozenset()
    reliability: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    thousandths: Mapping[int, Mapping[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package to make: `items` are `(order item id, product id, quantity)`. `guarded`: its quota must be free.

    In state 300 part of it comes by the plan's transfers to this location; the rest is the location's own stock.
    """

    location_id: int
    state: int
    items: tuple[tuple[int, int, Decimal], ...]
    guarded: bool = False

    @property
    def takes_stock(self) -> bool:
        return self.state < 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Goods to bring to the package at `destination_id`: `items` are `(order item id, product id, quantity)`, reserved
    at the source while they travel. One transfer per source and destination.
    """

    source_id: int
    destination_id: int
    items: tuple[tuple[int, int, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why an order was not planned. `pending` means: ask again later; otherwise somebody has to act."""

    code: str
    message: str
    pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The outcome for one order. Σ of all packages' quantities per item = ordered quantity, unless held.

    `unplaced` is what went to the default location out of stock: `(order item id, quantity)`.
    """

    order_id: int
    packages: tuple[Package, ...]
    transfers: tuple[Transfer, ...]
    unplaced: tuple[tuple[int, Decimal], ...]
    hold: Hold | None
    scenario_id: int | None
    record: Mapping[str, Any]
