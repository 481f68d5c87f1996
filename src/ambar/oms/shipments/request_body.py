"""What a carrier is told of a parcel (Akinon, "Shipment Flows": generate-shipment)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order
from ambar.oms.packages.payload import payloads
from ambar.oms.places.models import City, Country, District, Township
from ambar.oms.shipments.models import SenderAddress, ShipmentPackage, ShipmentTransfer
from ambar.oms.transfers.payload import payloads as transfer_payloads

LEVELS = (("country", Country), ("city", City), ("district", District), ("township", Township))
PAID_ON_DELIVERY = ("delivery", "door", "kapida")


def request_body(shipment_id: int, *, reference: object, carrier_id: int) -> dict[str, Any]:
    """The body for the parcel of packages, or of a transfer between two of our locations."""
    moved = list(
        ShipmentTransfer.objects.filter(shipment_id=shipment_id)
        .order_by("transfer_id")
        .values_list("transfer_id", flat=True)
    )
    body = _of_transfers(moved) if moved else _of_packages(shipment_id)
    origin = _origin(body.pop("from"), carrier_id)
    return {"shipmentId": str(reference), **body, **({"originId": origin} if origin else {})}


def _of_packages(shipment_id: int) -> dict[str, Any]:
    """Of several packages the oldest one's order gives number, address and payment."""
    ids = list(
        ShipmentPackage.objects.filter(shipment_id=shipment_id)
        .order_by("package_id")
        .values_list("package_id", flat=True)
    )
    records = payloads(ids)
    first = records[ids[0]]
    order = Order.objects.get(pk=first["order_id"])
    body: dict[str, Any] = {
        "orderNumber": first["order_number"],
        "locale": "tr-TR",
        "deliveryNote": first["order_notes"] or "",
        "type": "PICK_UP_LOCATION" if order.shipping_address.get("retail_store") else "CUSTOMER",
        "destination": _destination(first["shipping_address"], order),
        "products": [
            _product(item["order_item"]["product"], item["quantity"], item["unit_weight"])
            for package_id in ids
            for item in records[package_id]["packageitem_set"]
        ],
        "from": first["stock_location"]["id"],
    }
    door = any(word in (first["payment_type"] or "") for word in PAID_ON_DELIVERY)
    if door and _is_first(shipment_id, ids[0]):
        amount = sum(float(records[i]["amount"]) for i in ids)
        body["payment"] = {
            "paymentId": first["order_number"],
            "amount": round(amount, 2),
            "currency": first["currency"].upper(),
        }
    return body


def _is_first(shipment_id: int, package_id: int) -> bool:
    """Whether this is the oldest living parcel of the package: the money is taken once, however many there are."""
    links = ShipmentPackage.objects.filter(package_id=package_id).exclude(shipment__state="DELETED")
    return links.order_by("shipment_id").values_list("shipment_id", flat=True).first() == shipment_id


def _of_transfers(transfer_ids: Sequence[int]) -> dict[str, Any]:
    """The oldest one gives number, address and sender."""
    records = transfer_payloads(transfer_ids)
    first = records[transfer_ids[0]]
    return {
        "orderNumber": first["number"],
        "locale": "tr-TR",
        "deliveryNote": "",
        "type": "PICK_UP_LOCATION",
        "destination": address_of(first["destination"]["id"]),
        "products": [
            _product(item["product"], item["quantity"], None)
            for transfer_id in transfer_ids
            for item in records[transfer_id]["transferitem_set"]
        ],
        "from": first["source"]["id"],
    }


def address_of(location_id: int) -> dict[str, Any]:
    """One of our locations as a carrier is told of it."""
    places = [level for level, _ in LEVELS]
    location = StockLocation.objects.select_related(*places).get(pk=location_id)
    place = {level: getattr(getattr(location, level), "name", "") for level in places}
    told = {
        **place,
        "country_code": location.country.code if location.country else "",
        "first_name": location.name,
        "last_name": "",
        "phone_number": location.daytime_phone,
        "postcode": location.postcode,
        "line": location.line,
    }
    return _destination(told, location)


def _product(product: Mapping[str, Any], quantity: str, weight: Any) -> dict[str, Any]:
    return {
        "barcode": product["barcode"],
        "sku": product["sku"],
        "name": product["name"],
        "quantity": quantity,
        "weight": weight,
    }


def _destination(address: Mapping[str, Any], placed: Order | StockLocation) -> dict[str, Any]:
    places: dict[str, Any] = {}
    for level, model in LEVELS:
        found = model._default_manager.filter(pk=getattr(placed, f"{level}_id")).first()
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
