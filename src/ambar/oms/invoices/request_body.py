"""What an invoice service is told of a package (`docs/decisions/0036-invoices.md`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection

from ambar.oms.packages.payload import payloads

_ITEMS = """
SELECT i.package_id, json_agg(json_build_object(
         'id', i.id, 'order_item_id', oi.id, 'order_item_omnitron_id', oi.upstream_id, 'sku', pr.sku,
         'barcode', pr.barcode, 'name', pr.name, 'quantity', round(i.quantity, 3)::text,
         'amount', round(coalesce(oi.worth, oi.price) * i.quantity / oi.quantity, 2)::text,
         'discount_amount', round(oi.discount_amount * i.quantity / oi.quantity, 2)::text,
         'tax_rate', oi.tax_rate::text) ORDER BY i.id)::text
  FROM oms_packages_packageitem i
  JOIN oms_orders_orderitem oi ON oi.id = i.order_item_id
  JOIN oms_catalogue_product pr ON pr.id = i.product_id
 WHERE i.package_id = ANY(%s) AND i.quantity > 0 GROUP BY i.package_id"""
_OF_PACKAGE = (
    "id", "number", "order_id", "order_number", "order_omnitron_id", "supplier_code", "channel_name", "date_placed",
    "payment_type", "currency", "amount", "shipping_company", "order_notes",
)  # fmt: skip


def request_bodies(package_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The body for each package: `package`, `stock_location`, `customer`, both addresses, `items` with amounts.

    Amounts are of the package's share of each order line, in the package's currency, as strings with two decimals.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [list(package_ids)])
        items = {row[0]: orjson.loads(row[1]) for row in cursor.fetchall()}
    return {
        package_id: {
            "package": {name: record[name] for name in _OF_PACKAGE},
            "stock_location": {name: record["stock_location"][name] for name in ("id", "name", "erp_code")},
            "customer": record["customer"],
            "billing_address": record["billing_address"],
            "shipping_address": record["shipping_address"],
            "items": items.get(package_id, []),
        }
        for package_id, record in payloads(package_ids).items()
    }
