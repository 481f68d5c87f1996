"""The package as the world sees it: REST record and event payload are the same object; of commands an event tells the slugs only,
and of everybody's.

Set-based: one statement for N packages with their items, one per registered part. Shape:
`contracts/oms-to-seller-center/package.created.json`; Akinon OMS: Package webhook example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from ambar.kit import clock, prepared
from ambar.oms.packages import registry
from ambar.oms.packages.location_card import cards
from ambar.oms.states.queries import state_json

Part = Callable[[Sequence[int]], dict[int, Any]]
_parts: dict[str, Part] = {}

ADDRESS_KEYS = (
    "title",
    "first_name",
    "last_name",
    "email",
    "phone_number",
    "country",
    "country_code",
    "city",
    "township",
    "district",
    "line",
    "postcode",
    "company_name",
    "tax_office",
    "tax_no",
    "e_bill_taxpayer",
    "identity_number",
    "notes",
)
CUSTOMER_KEYS = ("id", "first_name", "last_name", "email", "phone_number")


def register_part(key: str, load: Part) -> None:
    """A higher room fills `key` of every package: `load(package ids) -> {package id: value}`; absent = null."""
    _parts[key] = load


_SELECT = f"""
SELECT p.id, p.number, p.remote_id, p.sequence, p.state, p.order_id, p.order_number, o.upstream_id, o.supplier_code,
       p.channel_id, (SELECT c.name FROM oms_catalogue_channel c WHERE c.id = p.channel_id),
       {clock.iso_sql("o.date_placed")}, o.payment_type, o.currency, p.amount::text, o.notes, o.delivery_range,
       o.delivery_type, o.shipping_option_slug, p.shipping_company,
       {clock.iso_sql("p.shipped_at")}, p.invoice_number, p.shipping_label,
       p.lineage::text, o.customer::text, o.shipping_address::text, o.billing_address::text,
       {clock.iso_sql("p.created_at")}, {clock.iso_sql("p.modified_at")}, items.list, p.location_id,
       (SELECT l.modified_at FROM oms_locations_stocklocation l WHERE l.id = p.location_id), p.previous_state
  FROM oms_packages_package p
  JOIN oms_orders_order o ON o.id = p.order_id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(i.id, round(i.quantity, 2)::text, i.unit_weight::text, i.state, i.order_item_id,
                                     oi.upstream_id, pr.sku, pr.barcode, pr.name, i.extra_data,
                                     CASE WHEN oi.product_id <> i.product_id THEN oi.sku END) ORDER BY i.id)::text AS list
      FROM oms_packages_packageitem i
      JOIN oms_orders_orderitem oi ON oi.id = i.order_item_id
      JOIN oms_catalogue_product pr ON pr.id = i.product_id
     WHERE i.package_id = p.id AND i.quantity > 0) items
 WHERE p.id = ANY((SELECT %s::bigint[])::bigint[])"""
"""The ids stand in a subquery, so that PostgreSQL plans this once and not anew for each length of the list."""


def payloads(package_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The whole record of each package, by id, as it stands in the caller's transaction."""
    if not package_ids:
        return {}
    ids = list(package_ids)
    with prepared.cursor() as cursor:
        cursor.execute(_SELECT, [prepared.numbers(ids)])
        rows = cursor.fetchall()
    locations = cards((row[30], row[31]) for row in rows)
    records = {row[0]: _record(row, locations[row[30]]) for row in rows}
    for key, load in _parts.items():
        values = load(ids)
        for package_id, record in records.items():
            record[key] = values.get(package_id)
    return records


def _record(row: Sequence[Any], location: dict[str, Any]) -> dict[str, Any]:
    shipping = _address(row[25])
    return {
        "id": row[0],
        "number": row[1],
        "remote_id": row[2],
        "sequence": row[3],
        "state": state_json("PackageStatus", row[4]),
        "commands": registry.commands_told(row[4], row[32]),
        "order_id": row[5],
        "order_number": row[6],
        "order_omnitron_id": row[7],
        "supplier_code": row[8],
        "channel_id": row[9],
        "channel_name": row[10],
        "date_placed": row[11],
        "payment_type": row[12],
        "currency": row[13],
        "amount": row[14],
        "order_notes": row[15],
        "delivery_range": row[16],
        "delivery_type": row[17],
        "shipping_option_slug": row[18],
        "shipping_company": row[19],
        "city": shipping["city"],
        "shipment": None,
        "shipment_date": row[20],
        "invoice_number": row[21],
        "shipping_label": row[22],
        "lineage": orjson.loads(row[23]),
        "customer": _picked(row[24], CUSTOMER_KEYS, missing=None),
        "shipping_address": shipping,
        "billing_address": _address(row[26]),
        "stock_location": location,
        "packageitem_set": [_item(item) for item in orjson.loads(row[29] or "[]")],
        "created_date": row[27],
        "modified_date": row[28],
    }


def _picked(text: str, keys: Sequence[str], *, missing: Any) -> dict[str, Any]:
    picked = dict.fromkeys(keys, missing)
    for key, value in orjson.loads(text).items():
        if key in picked:
            picked[key] = value
    return picked


def _address(text: str) -> dict[str, Any]:
    address = _picked(text, ADDRESS_KEYS, missing="")
    address["e_bill_taxpayer"] = bool(address["e_bill_taxpayer"])
    return address


def _item(item: Sequence[Any]) -> dict[str, Any]:
    """`extra_data` is there when there is something to tell: `replaced_sku` (what was ordered), scanned `barcodes`."""
    record = {
        "id": item[0],
        "quantity": item[1],
        "unit_weight": item[2],
        "state": str(item[3]),
        "order_item": {
            "id": item[4],
            "omnitron_id": item[5],
            "product": {"sku": item[6], "barcode": item[7], "name": item[8]},
        },
    }
    if extra := extra_data(item[9], item[10]):
        record["extra_data"] = extra
    return record


def extra_data(noted: Mapping[str, Any], replaced_sku: str | None) -> dict[str, Any]:
    """What is told of an item beyond its product: what the floor noted, and the SKU that was ordered instead."""
    return {**noted, "replaced_sku": replaced_sku} if replaced_sku else dict(noted)
