"""Rows of the lists, built from objects whose joins are already loaded."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from ambar.oms.console import intake_words, looks

Rows = list[Mapping[str, Any]]


def customer_name(customer: Mapping[str, Any]) -> str:
    """First and last name of a snapshot."""
    return " ".join(str(customer.get(key) or "") for key in ("first_name", "last_name")).strip()


def _place(value: Any) -> str:
    return str(value.get("name") or "") if isinstance(value, Mapping) else str(value or "")


def place(address: Mapping[str, Any]) -> str:
    """Township / city of an address snapshot."""
    return " / ".join(filter(None, (_place(address.get("township")), _place(address.get("city")))))


def address_lines(address: Mapping[str, Any]) -> list[str]:
    """An address snapshot as it is written on an envelope."""
    found = [
        customer_name(address),
        str(address.get("line") or ""),
        " ".join(filter(None, (_place(address.get("district")), str(address.get("postcode") or "")))),
        place(address),
        _place(address.get("country")),
        str(address.get("phone_number") or ""),
    ]
    return [line for line in found if line]


def orders(found: Iterable[Any]) -> Rows:
    """Orders with their channel joined."""
    return [
        {
            "id": order.pk,
            "href": reverse("oms_console:order", args=[order.pk]),
            "number": order.number,
            "state": looks.order(order.state),
            "planning": looks.planning(order.planning_state),
            "channel": order.channel.name,
            "customer": customer_name(order.customer),
            "place": place(order.shipping_address),
            "amount": (order.amount, order.currency),
            "placed": order.date_placed,
            "due": order.due_at,
        }
        for order in found
    ]


def order_items(found: Iterable[Any]) -> Rows:
    """Order items with their products joined."""
    return [
        {
            "sku": item.sku,
            "name": item.product.name,
            "quantity": item.quantity,
            "price": (item.price, item.currency),
            "state": looks.order(item.state),
            "tracking": item.tracking_number,
            "invoice": item.invoice_number,
        }
        for item in found
    ]


def packages(found: Iterable[Any]) -> Rows:
    """Packages with location and channel joined."""
    return [
        {
            "id": package.pk,
            "href": reverse("oms_console:package", args=[package.pk]),
            "number": package.number,
            "order": package.order_number,
            "state": looks.package(package.state),
            "location": package.location.name,
            "channel": package.channel.name,
            "carrier": package.shipping_company,
            "amount": (package.amount, package.order.currency),
            "created": package.created_at,
            "modified": package.modified_at,
        }
        for package in found
    ]


def package_items(found: Iterable[Any]) -> Rows:
    """Package items with their products joined."""
    return [
        {
            "id": item.pk,
            "picture": item.product.image_url,
            "sku": item.product.sku,
            "name": item.product.name,
            "barcode": item.product.barcode,
            "quantity": item.quantity,
            "state": looks.package(item.state),
        }
        for item in found
    ]


def transfers(found: Iterable[Any]) -> Rows:
    """Transfers with both ends and their package joined, and `item_count` counted."""
    return [
        {
            "id": transfer.pk,
            "href": reverse("oms_console:transfer", args=[transfer.pk]),
            "number": transfer.number,
            "state": looks.transfer(transfer.state),
            "source": transfer.source.name,
            "destination": transfer.destination.name,
            "package": transfer.package.number,
            "items": transfer.item_count,
            "tracking": transfer.tracking_number,
            "created": transfer.created_at,
            "modified": transfer.modified_at,
        }
        for transfer in found
    ]


def transfer_items(found: Iterable[Any]) -> Rows:
    """Transfer items with their products joined."""
    return [
        {
            "id": item.pk,
            "sku": item.product.sku,
            "name": item.product.name,
            "barcode": item.product.barcode,
            "quantity": item.quantity,
            "state": looks.transfer(item.state),
        }
        for item in found
    ]


def reservations(found: Iterable[Any]) -> Rows:
    """What is held now, with location and product joined."""
    return [
        {
            "sku": row.product.sku,
            "name": row.product.name,
            "location": row.location.name,
            "quantity": row.quantity,
            "since": row.since,
            "holder": f"{row.holder_kind} {row.holder_id}",
        }
        for row in found
    ]


def locations(found: Iterable[Any]) -> Rows:
    """Locations with township, city and quota joined."""
    return [
        {
            "id": location.pk,
            "href": reverse("oms_console:location", args=[location.pk]),
            "code": location.erp_code,
            "name": location.name,
            "type": location.stock_location_type,
            "place": " / ".join(part.name for part in (location.township, location.city) if part),
            "priority": location.priority,
            "used": location.quota.used if hasattr(location, "quota") else 0,
            "quota": location.max_quota,
            "exit": location.exit_time,
            "state": looks.ACTIVE if location.is_active else looks.INACTIVE,
        }
        for location in found
    ]


def balances(found: Iterable[Any]) -> Rows:
    """Stock balances with location and product joined."""
    return [
        {
            "href": reverse("oms_console:stock_why", args=[balance.location_id, balance.product_id]),
            "sku": balance.product.sku,
            "name": balance.product.name,
            "location": balance.location.name,
            "on_hand": balance.on_hand,
            "reserved": balance.reserved,
            "available": balance.on_hand - balance.reserved,
            "short": balance.short or None,
            "counted": balance.counted_at,
        }
        for balance in found
    ]


def quarantined(found: Iterable[Any]) -> Rows:
    """Orders that could not be taken."""
    return [
        {
            "id": row.pk,
            "href": reverse("oms_console:quarantined", args=[row.pk]),
            "number": row.number or row.identity,
            "kind": looks.QUARANTINE_KINDS.get(row.kind, row.kind),
            "cause": row.cause,
            "reason": intake_words.words(row.reason),
            "times": row.times,
            "since": row.created_at,
            "modified": row.modified_at,
        }
        for row in found
    ]
