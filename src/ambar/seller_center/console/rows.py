"""Rows of the lists, built from objects whose joins are already loaded."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from ambar.seller_center.console import looks

Rows = list[Mapping[str, Any]]


def orders(found: Iterable[Any]) -> Rows:
    """Orders with their seller joined."""
    return [
        {
            "id": order.pk,
            "href": reverse("sc_console:order", args=[order.pk]),
            "number": order.number,
            "status": looks.order(order.status),
            "seller": order.seller.name,
            "customer": order.customer_name,
            "amount": (order.amount, order.currency),
            "placed": order.date_placed,
            "modified": order.modified_at,
        }
        for order in found
    ]


def order_items(found: Iterable[Any]) -> Rows:
    """Items of an order."""
    return [
        {
            "sku": item.sku,
            "name": item.name,
            "quantity": item.quantity,
            "price": item.price,
            "status": looks.order(item.status),
            "packaging": looks.PACKAGING[item.packaging],
            "tracking": item.tracking_number,
        }
        for item in found
    ]


def packages(found: Iterable[Any]) -> Rows:
    """Packages with their seller joined."""
    return [
        {
            "id": package.pk,
            "href": reverse("sc_console:package", args=[package.pk]),
            "number": package.number,
            "state": looks.package(package.state_code, package.state_name),
            "seller": package.seller.name,
            "order": package.order_number,
            "location": package.location_name,
            "carrier": package.shipping_company,
            "tracking": ", ".join(package.tracking_numbers),
            "amount": (package.amount, package.currency),
            "modified": package.modified_at,
        }
        for package in found
    ]


def package_items(found: Iterable[Any]) -> Rows:
    """Items of a package."""
    return [
        {
            "sku": item.sku,
            "name": item.name,
            "quantity": item.quantity,
            "state": looks.package(item.state_code),
        }
        for item in found
    ]


def history(found: Iterable[Any]) -> Rows:
    """Events of a package, as they arrived."""
    return [
        {
            "type": row.event_type,
            "sequence": row.sequence,
            "state": looks.package(row.state_code),
            "outcome": looks.OUTCOME[row.outcome],
            "at": row.at,
        }
        for row in found
    ]


def sellers(found: Iterable[Any]) -> Rows:
    """Sellers with the number of their open packages."""
    return [
        {
            "id": seller.pk,
            "href": f"{reverse('sc_console:packages')}?seller={seller.pk}",
            "name": seller.name,
            "code": seller.supplier_code,
            "state": looks.SELLER[seller.state],
            "oms": seller.oms_managed,
            "packages": seller.open_packages,
            "heard": seller.last_heard,
            "not_applied": seller.not_applied,
            "created": seller.created_at,
        }
        for seller in found
    ]
