"""Orders as the REST interface tells them: one statement for any number of orders with their items.

Source: Akinon OMS, order services.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from ambar.kit import clock, prepared
from ambar.oms.states.queries import order_item_state_json, state_json

_SELECT = f"""
SELECT o.id, o.upstream_id, o.source, o.number, o.state, o.planning_state, o.hold_reason,
       {clock.iso_sql("o.planned_at")}, o.supplier_code, c.id, c.name, c.channel_type, c.upstream_id, o.currency,
       o.amount::text, o.shipping_amount::text, o.discount_amount::text, o.cancelled_amount::text, o.customer::text,
       o.shipping_address::text, o.billing_address::text, o.cargo_company, o.shipping_option_slug, o.payment_type,
       o.delivery_type, o.delivery_range, o.notes, {clock.iso_sql("o.date_placed")}, {clock.iso_sql("o.created_at")},
       {clock.iso_sql("o.modified_at")}, items.list
  FROM oms_orders_order o
  JOIN oms_catalogue_channel c ON c.id = o.channel_id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(
             i.id, i.upstream_id, p.id, i.sku, p.barcode, p.name, i.state, i.parent_upstream_id, i.is_head,
             round(i.quantity, 2)::text, round(i.cancelled_quantity, 2)::text, i.price::text, i.currency, i.tax_rate::text,
             i.discount_amount::text, i.tracking_number, i.invoice_number, i.attributes,
             {clock.iso_sql("i.created_at")}, {clock.iso_sql("i.modified_at")}) ORDER BY i.id)::text AS list
      FROM oms_orders_orderitem i JOIN oms_catalogue_product p ON p.id = i.product_id
     WHERE i.order_id = o.id) items
 WHERE o.id = ANY((SELECT %s::bigint[])::bigint[])"""
"""The ids stand in a subquery, so that PostgreSQL plans this once and not anew for each length of the list."""


def records(order_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Each order with its items, in the given order; those unknown are absent."""
    if not order_ids:
        return []
    with prepared.cursor() as cursor:
        cursor.execute(_SELECT, [prepared.numbers(order_ids)])
        found = {row[0]: _order(row) for row in cursor.fetchall()}
    return [found[order_id] for order_id in order_ids if order_id in found]


def _order(row: Sequence[Any]) -> dict[str, Any]:
    return {
        "id": row[0],
        "omnitron_id": row[1],
        "source": row[2],
        "number": row[3],
        "state": state_json("OrderStatus", row[4]),
        "commands": [],
        "planning_state": row[5],
        "hold_reason": row[6],
        "planned_date": row[7],
        "supplier_code": row[8],
        "channel": {"id": row[9], "name": row[10], "channel_type": row[11], "omnitron_id": row[12]},
        "currency": row[13],
        "amount": row[14],
        "shipping_amount": row[15],
        "discount_amount": row[16],
        "cancelled_amount": row[17],
        "customer": orjson.loads(row[18]),
        "shipping_address": orjson.loads(row[19]),
        "billing_address": orjson.loads(row[20]),
        "cargo_company": row[21],
        "shipping_option_slug": row[22],
        "payment_type": row[23],
        "delivery_type": row[24],
        "delivery_range": row[25],
        "notes": row[26],
        "date_placed": row[27],
        "created_date": row[28],
        "modified_date": row[29],
        "orderitem_set": [_item(item) for item in orjson.loads(row[30] or "[]")],
    }


def _item(item: Sequence[Any]) -> dict[str, Any]:
    return {
        "id": item[0],
        "omnitron_id": item[1],
        "product": {"id": item[2], "sku": item[3], "barcode": item[4], "name": item[5]},
        "state": order_item_state_json(item[6]),
        "parent": item[7],
        "is_bundle": item[8],
        "quantity": item[9],
        "cancelled_quantity": item[10],
        "price": item[11],
        "price_currency": item[12],
        "tax_rate": item[13],
        "discount_amount": item[14],
        "tracking_number": item[15],
        "invoice_number": item[16],
        "attributes": item[17],
        "created_date": item[18],
        "modified_date": item[19],
    }
