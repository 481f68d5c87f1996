"""Columns of the package lists as CSV, named after the keys of the JSON lists."""

from __future__ import annotations

from typing import Any

from ambar.kit.rest.exports import Columns


def _goods(record: dict[str, Any]) -> str:
    """`2 x SKU-A, 1 x SKU-B`."""
    return ", ".join(
        f"{item['quantity'].removesuffix('.00')} x {item['order_item']['product']['sku']}"
        for item in record["packageitem_set"]
    )


def _number_of_items(record: dict[str, Any]) -> int:
    return len(record["packageitem_set"])


FULL: Columns = {
    "id": "id",
    "number": "number",
    "state": "state.enum_value",
    "state_name": "state.name",
    "order_id": "order_id",
    "order_number": "order_number",
    "order_omnitron_id": "order_omnitron_id",
    "channel": "channel_name",
    "date_placed": "date_placed",
    "payment_type": "payment_type",
    "amount": "amount",
    "currency": "currency",
    "stock_location_erp_code": "stock_location.erp_code",
    "stock_location": "stock_location.name",
    "packageitem_count": _number_of_items,
    "items": _goods,
    "first_name": "shipping_address.first_name",
    "last_name": "shipping_address.last_name",
    "country": "shipping_address.country",
    "city": "shipping_address.city",
    "township": "shipping_address.township",
    "delivery_type": "delivery_type",
    "delivery_range": "delivery_range",
    "shipping_option_slug": "shipping_option_slug",
    "shipping_company": "shipping_company",
    "awb_number": "shipment.awb_number",
    "shipment_date": "shipment_date",
    "invoice_number": "invoice_number",
    "created_date": "created_date",
    "modified_date": "modified_date",
}
SHORT: Columns = {
    name: name
    for name in (
        "id",
        "number",
        "state",
        "order_id",
        "order_number",
        "stock_location_erp_code",
        "packageitem_count",
        "created_date",
        "modified_date",
    )
}
ITEMS: Columns = {
    "id": "id",
    "package_id": "package.id",
    "package_number": "package.number",
    "order_number": "package.order_number",
    "order_item_id": "order_item.id",
    "order_item_omnitron_id": "order_item.omnitron_id",
    "sku": "order_item.product.sku",
    "barcode": "order_item.product.barcode",
    "name": "order_item.product.name",
    "state": "state.enum_value",
    "state_name": "state.name",
    "quantity": "quantity",
    "unit_weight": "unit_weight",
    "created_date": "created_date",
    "modified_date": "modified_date",
}
