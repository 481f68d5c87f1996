"""How a package that only the Seller Center remembers is put back: which order, place and lines it had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from ambar.kit import clock
from ambar.kit.money import dec
from ambar.oms.shipments.domain import story
from ambar.oms.states.domain.codes import ShipmentStatus

GIVEN_UP = (900, 910)
"""States whose units stand in no package any more."""
OUT_OF_STOCK = 920
BLOCKED = 930
WAITING = 100
PARCEL_STATES = {
    600: "SHIPPING",
    620: "SHIPPING",
    640: "SHIPPING",
    660: "SHIPPING",
    700: "DELIVERED",
    740: "RETURNED",
}
"""State of a package → that of its parcel, where nobody remembers the parcel itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """A line of an order of this OMS; `open` units of it stand in no living package."""

    id: int
    upstream_id: int
    product_id: int
    sku: str
    open: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOrder:
    """An order of this OMS with its lines."""

    id: int
    number: str
    channel_id: int
    items: tuple[KnownItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Locations by id (name) and by name (ids)."""

    names: Mapping[int, str]
    ids: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredItem:
    """A line to be put back; `remote_id` is the id it had here, `noted` what the floor had noted of it."""

    remote_id: int | None
    order_item_id: int
    product_id: int
    quantity: Decimal
    noted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredParcel:
    """The parcel a package travels in, as it was told; `remote_id` is the id it had here, `numbers` are oldest first.

    `reference` is its name towards its carrier, None where it was not told.
    """

    remote_id: int | None
    state: str
    numbers: tuple[str, ...]
    awb_number: str | None = None
    cargo_company: str | None = None
    query_number: str | None = None
    reference: UUID | None = None
    tracking_url: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    sequence: int = 1
    made_at: datetime | None = None

    @property
    def talk(self) -> str:
        """Where the conversation with the carrier goes on: one that has neither number nor story yet may never have reached it, and
        is asked for once more under the same name, which makes no second parcel there."""
        if self.state in story.FINAL:
            return "ended"
        return "to_ask" if self.state == ShipmentStatus.CREATED and not self.numbers else "known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A package to be put back; `remote_id` is the id it had here."""

    remote_id: int | None
    number: str
    order: KnownOrder
    location_id: int
    state: int
    previous_state: int | None
    sequence: int
    amount: Decimal
    shipping_company: str | None
    invoice_number: str | None
    shipped_at: datetime | None
    made_at: datetime
    lineage: tuple[int, ...]
    items: tuple[RestoredItem, ...]
    shipping_label: str | None = None
    parcel: RestoredParcel | None = None

    def order_left(self) -> KnownOrder:
        """The order with the units of this package taken off what is open."""
        if self.state in GIVEN_UP:
            return self.order
        taken = {item.order_item_id: item.quantity for item in self.items}
        items = tuple(
            replace(item, open=item.open - taken.get(item.id, Decimal(0))) for item in self.order.items
        )
        return replace(self.order, items=items)


class CannotRestore(Exception):
    """The package can't be put back; the text says why."""


def read(
    there: Mapping[str, Any],
    order: KnownOrder | None,
    places: Places,
    products: Mapping[str, int],
    states: frozenset[int],
) -> Restored:
    """The package as the Seller Center details it, in the ids of this OMS. Errors: `CannotRestore`."""
    if order is None:
        raise CannotRestore(f"Its order {there.get('order_number') or there.get('order')} is not here.")
    state = there["state"]
    if state not in states:
        raise CannotRestore(f"Its state {state} is unknown here.")
    event = there.get("event") or {}
    try:
        return Restored(
            remote_id=_whole(there.get("remote_id")),
            number=str(there["number"]),
            order=order,
            location_id=_location(there, event, places),
            state=state,
            previous_state=WAITING if state == BLOCKED else None,
            sequence=int(there["sequence"]),
            amount=dec(there.get("amount") or "0"),
            shipping_company=there.get("shipping_company"),
            invoice_number=there.get("invoice_number"),
            shipped_at=clock.parse(event["shipment_date"]) if event.get("shipment_date") else None,
            made_at=clock.parse(there["created_date"]),
            lineage=tuple(one for one in event.get("lineage") or () if _whole(one)),
            items=_items(there, order, products, counted=state not in GIVEN_UP),
            shipping_label=event.get("shipping_label"),
            parcel=_parcel(there, event),
        )
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise CannotRestore(f"The Seller Center's record can't be read: {error}") from error


def _location(there: Mapping[str, Any], event: Mapping[str, Any], places: Places) -> int:
    name = there.get("location_name") or ""
    told = event.get("stock_location")
    own_id = _whole(told.get("id")) if isinstance(told, Mapping) else None
    if own_id is not None and places.names.get(own_id) == name:
        return own_id
    named = places.ids.get(name, ())
    if len(named) != 1:
        raise CannotRestore(f"Its location {name!r} is {'unknown' if not named else 'not unique'} here.")
    return named[0]


def _items(
    there: Mapping[str, Any], order: KnownOrder, products: Mapping[str, int], *, counted: bool
) -> tuple[RestoredItem, ...]:
    known = {item.upstream_id: item for item in order.items}
    noted = _noted(there)
    found: list[RestoredItem] = []
    for line in there["items"]:
        item = known.get(line["order_item"]) or _by_sku(order, line["sku"], known)
        if item is None:
            raise CannotRestore(f"Its line {line['sku']} is not in the order here.")
        quantity = dec(line["quantity"])
        if counted and quantity > item.open:
            raise CannotRestore(
                f"{quantity} of {line['sku']} would stand in two packages: {item.open} are open."
            )
        known[item.upstream_id] = replace(item, open=item.open - quantity if counted else item.open)
        product_id = item.product_id if line["sku"] == item.sku else products.get(line["sku"])
        if product_id is None:
            raise CannotRestore(f"Product {line['sku']} is unknown here.")
        found.append(
            RestoredItem(
                remote_id=_whole(line.get("remote_id")), order_item_id=item.id, product_id=product_id, quantity=quantity,
                noted=noted.get(line.get("remote_id"), {}),
            )
        )  # fmt: skip
    if not found:
        raise CannotRestore("The Seller Center knows no lines of it.")
    if len({one.order_item_id for one in found}) != len(found):
        raise CannotRestore("Two of its lines are of the same order line.")
    return tuple(found)


def _noted(there: Mapping[str, Any]) -> dict[Any, dict[str, Any]]:
    """What the floor noted of items, by the id they had."""
    rows = (there.get("event") or {}).get("packageitem_set") or ()
    return {row.get("id"): noted(row) for row in rows}


def noted(item: Mapping[str, Any]) -> dict[str, Any]:
    """What the floor noted of an item, as an event tells it; the SKU that was ordered instead is told, not noted."""
    return {name: value for name, value in (item.get("extra_data") or {}).items() if name != "replaced_sku"}


def _parcel(there: Mapping[str, Any], event: Mapping[str, Any]) -> RestoredParcel | None:
    """The parcel in the event; where that is not kept any more, one with the numbers the other side remembers."""
    told = event.get("shipment")
    if isinstance(told, Mapping):
        return RestoredParcel(
            remote_id=_whole(told.get("id")),
            state=str(told["state"]["enum_value"]),
            numbers=tuple(map(str, told.get("tracking_numbers") or ())),
            awb_number=told.get("awb_number"),
            cargo_company=told.get("cargo_company"),
            query_number=told.get("query_number"),
            reference=_reference(told.get("carrier_reference")),
            tracking_url=told.get("tracking_url"),
            shipped_at=clock.parse(told["shipped_date"]) if told.get("shipped_date") else None,
            delivered_at=clock.parse(told["delivered_date"]) if told.get("delivered_date") else None,
            sequence=_whole(told.get("sequence")) or 1,
            made_at=clock.parse(told["created_date"]) if told.get("created_date") else None,
        )
    numbers = tuple(map(str, there.get("tracking_numbers") or ()))
    if event or not numbers:
        return None
    return RestoredParcel(
        remote_id=None,
        state=PARCEL_STATES.get(there["state"], "CREATED"),
        numbers=numbers,
        awb_number=numbers[-1],
        cargo_company=there.get("shipping_company"),
    )


def _by_sku(order: KnownOrder, sku: str, known: Mapping[int, KnownItem]) -> KnownItem | None:
    return next((known[item.upstream_id] for item in order.items if item.sku == sku), None)


def _reference(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else None
