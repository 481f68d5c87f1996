"""What a carrier is told of a parcel (Akinon, "Shipment Flows": generate-shipment)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambar.oms.orders.models import Order
from ambar.oms.packages.payload import payloads
from ambar.oms.places.models import City, Country, District, Township
from ambar.oms.shipments.models import SenderAddress, ShipmentPackage

LEVELS = (("country", Country), ("city", City), ("district", District), ("township", Township))
PAID_ON_DELIVERY = ("delivery", "door", "kapida")


def request_body(shipment_id: int, *, reference: object, carrier_id: int) -> dict[str, Any]:
    """The body for the parcel; of several packages the oldest one's order gives number, address and payment."""
    ids = list(
        ShipmentPackage.objects.filter(shipment_id=shipment_id)
        .order_by("package_id")
        .values_list("package_id", flat=True)
    )
    records = payloads(ids)
    first = records[ids[0]]
    order = Order.objects.get(pk=first["order_id"])
    body: dict[str, Any] = {
        "shipmentId": str(reference),
        "orderNumber": first["order_number"],
        "locale": "tr-TR",
        "deliveryNote": first["order_notes"] or "",
        "type": "PICK_UP_LOCATION" if order.shipping_address.get("retail_store") else "CUSTOMER",
        "destination": _destination(first["shipping_address"], order),
        "products": [
            {
                "barcode": item["order_item"]["product"]["barcode"],
                "sku": item["order_item"]["product"]["sku"],
                "name": item["order_item"]["product"]["name"],
                "quantity": item["quantity"],
                "weight": item["unit_weight"],
            }
            for package_id in ids
            for item in records[package_id]["packageitem_set"]
        ],
    }
    origin = _origin(first["stock_location"]["id"], carrier_id)
    if origin:
        body["originId"] = origin
    if any(word in (first["payment_type"] or "") for word in PAID_ON_DELIVERY):
        amount = sum(float(records[i]["amount"]) for i in ids)
        body["payment"] = {
            "paymentId": first["order_number"],
            "amount": round(amount, 2),
            "currency": first["currency"].upper(),
        }
    return body


def _destination(address: Mapping[str, Any], order: Order) -> dict[str, Any]:
    places: dict[str, Any] = {}
    for level, model in LEVELS:
        found = model._default_manager.filter(pk=getattr(order, f"{level}_id")).first()
        places[level] = {"id": getattr(found, "upstream_id", None), "name": address[level]}
    places["country"]["code"] = (address["country_code"] or "").upper()
    return {
        "name": address["first_name"],
        "surname": address["last_name"],
        "tel": address["phone_number"],
        **places,
        "zipcode": address["postcode"],
        "addressLine": address["line"],
    }


def _origin(location_id: int, carrier_id: int) -> str | None:
    rows = SenderAddress.objects.filter(location_id=location_id).values_list("carrier_id", "origin_id")
    known = dict(rows)
    return known.get(carrier_id) or known.get(None)
