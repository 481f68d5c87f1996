"""From claimed orders to what the planner asks about, and to the stored form of it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from ambar.oms.orders.domain.claimed import ClaimedLine, ClaimedOrder
from ambar.oms.planning.domain.values import Line, Order
from ambar.oms.planning.seeing import Places

ZERO = Decimal(0)
NOWHERE: Mapping[int, str] = {}


def read_order(
    order: ClaimedOrder,
    lines: Sequence[ClaimedLine],
    *,
    known: Places,
    channels: Mapping[int, tuple[str, str]],
    products: Mapping[int, Mapping[str, Any]],
    excluded: Mapping[int, Mapping[int, str]],
) -> Order:
    """A claimed order as the planner reads it, with those of its lines that are to be planned, each with the quantity
    still open. `products` is empty when no rule asks about products; `excluded` is by order item.
    """
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
        "unit_count": str(sum((line.quantity for line in order.lines), ZERO)),
    }
    return Order(
        id=order.id,
        number=order.number,
        lines=tuple(_asked(line, products, excluded) for line in lines),
        properties=properties,
        amount=order.amount,
        country_id=order.country_id,
        city_id=order.city_id,
        township_id=order.township_id,
        latitude=None if order.latitude is None else float(order.latitude),
        longitude=None if order.longitude is None else float(order.longitude),
        pickup_location_id=_pickup(order.shipping_address, known),
    )


def _asked(
    line: ClaimedLine, products: Mapping[int, Mapping[str, Any]], excluded: Mapping[int, Mapping[int, str]]
) -> Line:
    if not products:
        return Line(
            item_id=line.id,
            product_id=line.product_id,
            quantity=line.quantity,
            excluded=excluded.get(line.id, NOWHERE),
        )
    product = products[line.product_id]
    weight = product["weight"]
    return Line(
        item_id=line.id,
        product_id=line.product_id,
        quantity=line.quantity,
        properties=_line_properties(product, line.attributes),
        excluded=excluded.get(line.id, NOWHERE),
        weight=None if weight is None else Decimal(weight),
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
            "lines": [_written(line) for line in order.lines],
        }
    )


def _written(line: Line) -> list[Any]:
    """What is not there is left out from the end."""
    row: list[Any] = [line.item_id, line.product_id, str(line.quantity)]
    if line.properties or line.excluded or line.weight is not None:
        row += [line.properties, _keyed(line.excluded)]
    if line.weight is not None:
        row.append(str(line.weight))
    return row


def restored(asked: Mapping[str, Any]) -> Order:
    """The order of a stored decision."""
    return Order(
        **{name: asked[name] for name in FIELDS},
        amount=Decimal(asked["amount"]),
        properties=asked["properties"],
        lines=tuple(_line(line) for line in asked["lines"]),
    )


def _line(row: Sequence[Any]) -> Line:
    item_id, product_id, quantity, properties, excluded, weight = [*row, None, None, None][:6]
    return Line(
        item_id=item_id,
        product_id=product_id,
        quantity=Decimal(quantity),
        properties=properties or {},
        excluded={int(location): reason for location, reason in (excluded or {}).items()},
        weight=None if weight is None else Decimal(weight),
    )


def _keyed(excluded: Mapping[int, str]) -> dict[str, str]:
    return {str(location): reason for location, reason in excluded.items()}
