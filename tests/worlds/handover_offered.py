"""The record of an order that was made here by hand, as a Seller Center would have handed it over."""

from __future__ import annotations

from typing import Any

from ambar.kit import clock
from ambar.oms.orders.models import Order

_PLACES = ("country", "city", "township", "district")


def offered(order: Order) -> dict[str, Any]:
    """The record an order came from that was written here without one."""
    return {
        "pk": order.upstream_id,
        "number": order.number,
        "channel": {"pk": 1, "name": "Seller Center"},
        "status": str(order.state),
        "date_placed": clock.iso(order.date_placed),
        "modified_date": clock.iso(order.upstream_modified_at),
        "currency": order.currency,
        "amount": str(order.amount),
        "shipping_amount": str(order.shipping_amount),
        "discount_amount": str(order.discount_amount),
        "payment_option_slug": order.payment_type,
        "shipping_option_slug": order.shipping_option_slug,
        "notes": order.notes,
        "customer": order.customer,
        "shipping_address": _nested(order.shipping_address),
        "billing_address": _nested(order.billing_address),
        "orderitem_set": [
            {
                "pk": item.upstream_id,
                "product": {"sku": item.sku},
                "status": str(item.state),
                "price": str(item.price),
                "tax_rate": str(item.tax_rate),
                "discount_amount": str(item.discount_amount),
                "price_currency": item.currency,
                "attributes": {"quantity": str(item.quantity)},
            }
            for item in order.orderitem_set.order_by("pk")
        ],
    }


def _nested(address: dict[str, Any]) -> dict[str, Any]:
    places: dict[str, Any] = {level: {"name": address.get(level)} for level in _PLACES}
    places["country"]["code"] = address.get("country_code")
    return {**address, **places}
