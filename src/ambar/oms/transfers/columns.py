"""Columns of the transfer lists as CSV, named after the keys of the JSON lists."""

from __future__ import annotations

from ambar.kit.rest.exports import Columns

FULL: Columns = {
    "id": "id",
    "number": "number",
    "state": "state.enum_value",
    "state_name": "state.name",
    "order_id": "order.id",
    "order_number": "order_number",
    "package_number": "package.number",
    "source_erp_code": "source.erp_code",
    "source": "source.name",
    "destination_erp_code": "destination.erp_code",
    "destination": "destination.name",
    "shipping_company": "shipping_company",
    "tracking_number": "tracking_number",
    "dispatched_date": "dispatched_date",
    "delivered_date": "delivered_date",
    "created_date": "created_date",
    "modified_date": "modified_date",
}
MINIMAL: Columns = {
    name: name
    for name in (
        "id",
        "number",
        "state",
        "order_id",
        "order_number",
        "package_id",
        "package_number",
        "source_erp_code",
        "destination_erp_code",
        "transferitem_count",
        "created_date",
        "modified_date",
    )
}
ITEMS: Columns = {
    "id": "id",
    "transfer_order_id": "transfer_order.id",
    "transfer_order_number": "transfer_order.number",
    "package_item": "package_item",
    "order_item_id": "order_item.id",
    "order_item_omnitron_id": "order_item.omnitron_id",
    "sku": "product.sku",
    "barcode": "product.barcode",
    "name": "product.name",
    "state": "state.enum_value",
    "state_name": "state.name",
    "quantity": "quantity",
    "created_date": "created_date",
    "modified_date": "modified_date",
}
