"""Columns of the order list as a file, named after the keys of the JSON list."""

from __future__ import annotations

from typing import Any

from ambar.kit.rest.exports import Columns


def _goods(record: dict[str, Any]) -> str:
    """`2 x SKU-A, 1 x SKU-B`."""
    return ", ".join(
        f"{item['quantity'].removesuffix('.00')} x {item['product']['sku']}"
        for item in record["orderitem_set"]
    )


ORDERS: Columns = {
    "id": "id",
    "omnitron_id": "omnitron_id",
    "number": "number",
    "state": "state.enum_value",
    "state_name": "state.name",
    "planning_state": "planning_state",
    "hold_reason": "hold_reason",
    "channel": "channel.name",
    "supplier_code": "supplier_code",
    "amount": "amount",
    "cancelled_amount": "cancelled_amount",
    "currency": "currency",
    "items": _goods,
    "first_name": "customer.first_name",
    "last_name": "customer.last_name",
    "city": "shipping_address.city",
    "cargo_company": "cargo_company",
    "shipping_option_slug": "shipping_option_slug",
    "payment_type": "payment_type",
    "delivery_type": "delivery_type",
    "delivery_range": "delivery_range",
    "date_placed": "date_placed",
    "created_date": "created_date",
    "modified_date": "modified_date",
}
