"""From claimed orders to what the planner asks about, and to the stored form of it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from ambar.oms.orders.domain.claimed import ClaimedOrder
from ambar.oms.planning.domain.values import Line, Order
from ambar.oms.planning.store import Places


def read_orders(
    claimed: Iterable[ClaimedOrder],
    *,
    known: Places,
    channels: Mapping[int, tuple[str, str]],
    products: Mapping[int, Mapping[str, Any]],
) -> list[Order]:
    """The claimed orders as the planner reads them. `products` is empty when no rule asks about products."""
    return [_order(order, known, channels, products) for order in claimed]


def _order(
    order: ClaimedOrder,
    known: Places,
    channels: Mapping[int, tuple[str, str]],
    products: Mapping[int, Mapping[str, Any]],
) -> Order:
    name, channel_type = channels.get(order.channel_id, (None, None))
    properties = {
        "number": order.number,
        "channel_id": order.channel_id,
        "channel": name,
        "channel_type": channel_type,
        "cargo_company": order.cargo_company,
        "shipping_option": order.shipping_option_slug,
        "payment_type": order.payment_type,
        "customer_type": order.customer.get("type"),
        "delivery_type": order.delivery_type,
        "amount": str(order.amount),
        "currency": order.currency,
        "country_id": order.country_id,
        "city_id": order.city_id,
        "township_id": order.township_id,
        "line_count": len(order.lines),
        "unit_count": str(sum((line.quantity for line in order.lines), Decimal(0))),
    }
    return Order(
        id=order.id,
        number=order.number,
        lines=tuple(
            Line(
                item_id=line.id,
                product_id=line.product_id,
                quantity=line.quantity,
                properties=_line_properties(products[line.product_id], line.attributes) if products else {},
            )
            for line in order.lines
        ),
        properties=properties,
        amount=order.amount,
        country_id=order.country_id,
        city_id=order.city_id,
        township_id=order.township_id,
        latitude=None if order.latitude is None else float(order.latitude),
        longitude=None if order.longitude is None else float(order.longitude),
        pickup_location_id=_pickup(order.shipping_address, known),
    )


def _line_properties(product: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {**product, **{f"line.{name}": value for name, value in attributes.items()}}


def _pickup(address: Mapping[str, Any], known: Places) -> int | None:
    """The location behind the address's retail store, when the customer collects."""
    store = address.get("retail_store")
    if isinstance(store, dict):
        store = store.get("pk", store.get("id"))
    return known.by_upstream.get(store) if isinstance(store, int) else None


FIELDS = (
    "id",
    "number",
    "country_id",
    "city_id",
    "township_id",
    "latitude",
    "longitude",
    "pickup_location_id",
)


def stored(order: Order) -> bytes:
    """The order as it was asked, as JSON; `restored` reads it back."""
    return orjson.dumps(
        {
            **{name: getattr(order, name) for name in FIELDS},
            "amount": str(order.amount),
            "properties": order.properties,
            "lines": [
                [line.item_id, line.product_id, str(line.quantity), line.properties, _keyed(line.excluded)]
                for line in order.lines
            ],
        }
    )


def restored(asked: Mapping[str, Any]) -> Order:
    """The order of a stored decision."""
    return Order(
        **{name: asked[name] for name in FIELDS},
        amount=Decimal(asked["amount"]),
        properties=asked["properties"],
        lines=tuple(_line(line) for line in asked["lines"]),
    )


def _line(line: Sequence[Any]) -> Line:
    item_id, product_id, quantity, properties, excluded = line
    return Line(
        item_id=item_id,
        product_id=product_id,
        quantity=Decimal(quantity),
        properties=properties,
        excluded={int(location): reason for location, reason in excluded.items()},
    )


def _keyed(excluded: Mapping[int, str]) -> dict[str, str]:
    return {str(location): reason for location, reason in excluded.items()}
