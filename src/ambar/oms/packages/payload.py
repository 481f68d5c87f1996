"""The package as the world sees it: REST record and event payload are the same object.

Set-based: one statement for N packages with their items, one per registered part. Shape:
`contracts/oms-to-seller-center/package.created.json`; Akinon OMS: Package webhook example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.db import connection

from ambar.kit import clock
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


_SELECT = """
SELECT p.id, p.number, p.remote_id, p.sequence, p.state, p.order_id, p.order_number, o.upstream_id, o.supplier_code,
       p.channel_id, c.name, o.date_placed, o.payment_type, o.currency, p.amount::text, o.notes, o.delivery_range,
       o.delivery_type, o.shipping_option_slug, p.shipping_company, p.shipped_at, p.invoice_number, p.shipping_label,
       p.lineage::text, o.customer::text, o.shipping_address::text, o.billing_address::text,
       p.created_at, p.modified_at, items.list,
       l.id, l.name, l.erp_code, l.stock_location_type, l.priority, l.is_active, l.conf::text, l.engine_id, l.email,
       l.daytime_phone, l.evening_phone, l.fax_number, l.line, l.postcode, l.latitude::text, l.longitude::text,
       country.name, country.code, city.name, township.name, district.name
  FROM oms_packages_package p
  JOIN oms_orders_order o ON o.id = p.order_id
  JOIN oms_catalogue_channel c ON c.id = p.channel_id
  JOIN oms_locations_stocklocation l ON l.id = p.location_id
  LEFT JOIN oms_places_country country ON country.id = l.country_id
  LEFT JOIN oms_places_city city ON city.id = l.city_id
  LEFT JOIN oms_places_township township ON township.id = l.township_id
  LEFT JOIN oms_places_district district ON district.id = l.district_id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(i.id, round(i.quantity, 2)::text, i.unit_weight::text, i.state, i.order_item_id,
                                     oi.upstream_id, oi.sku, pr.barcode, pr.name) ORDER BY i.id)::text AS list
      FROM oms_packages_packageitem i
      JOIN oms_orders_orderitem oi ON oi.id = i.order_item_id
      JOIN oms_catalogue_product pr ON pr.id = i.product_id
     WHERE i.package_id = p.id) items
 WHERE p.id = ANY(%s)"""


def payloads(package_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The whole record of each package, by id, as it stands in the caller's transaction."""
    if not package_ids:
        return {}
    ids = list(package_ids)
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [ids])
        rows = cursor.fetchall()
    records = {row[0]: _record(row) for row in rows}
    for key, load in _parts.items():
        values = load(ids)
        for package_id, record in records.items():
            record[key] = values.get(package_id)
    return records


def _record(row: Sequence[Any]) -> dict[str, Any]:
    shipping = _address(row[25])
    return {
        "id": row[0],
        "number": row[1],
        "remote_id": row[2],
        "sequence": row[3],
        "state": state_json("PackageStatus", row[4]),
        "order_id": row[5],
        "order_number": row[6],
        "order_omnitron_id": row[7],
        "supplier_code": row[8],
        "channel_id": row[9],
        "channel_name": row[10],
        "date_placed": clock.iso(row[11]),
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
        "shipment_date": None if row[20] is None else clock.iso(row[20]),
        "invoice_number": row[21],
        "shipping_label": row[22],
        "lineage": orjson.loads(row[23]),
        "customer": _picked(row[24], CUSTOMER_KEYS, missing=None),
        "shipping_address": shipping,
        "billing_address": _address(row[26]),
        "stock_location": _location(row[30:]),
        "packageitem_set": [_item(item) for item in orjson.loads(row[29] or "[]")],
        "created_date": clock.iso(row[27]),
        "modified_date": clock.iso(row[28]),
    }


def _picked(text: str, keys: Sequence[str], *, missing: Any) -> dict[str, Any]:
    given = orjson.loads(text)
    return {key: given.get(key, missing) for key in keys}


def _address(text: str) -> dict[str, Any]:
    address = _picked(text, ADDRESS_KEYS, missing="")
    address["e_bill_taxpayer"] = bool(address["e_bill_taxpayer"])
    return address


def _item(item: Sequence[Any]) -> dict[str, Any]:
    return {
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


def _location(row: Sequence[Any]) -> dict[str, Any]:
    country, code, city, township, district = row[16:21]
    return {
        "id": row[0],
        "name": row[1],
        "erp_code": row[2],
        "stock_location_type": row[3],
        "priority": row[4],
        "is_active": row[5],
        "conf": orjson.loads(row[6]),
        "engine": row[7],
        "email": row[8],
        "daytime_phone": row[9],
        "evening_phone": row[10],
        "fax_number": row[11],
        "address": {
            "line": row[12],
            "country": {"name": country, "code": code} if country is not None else None,
            "city": {"name": city} if city is not None else None,
            "township": {"name": township} if township is not None else None,
            "district": {"name": district} if district is not None else None,
            "latitude": row[14],
            "longitude": row[15],
            "postcode": row[13],
            "notes": "",
            "title": row[1],
        },
    }
