"""Rows of the lists, built from objects whose joins are already loaded."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from ambar.omnitron.console import looks

Rows = list[Mapping[str, Any]]


def orders(found: Iterable[Any]) -> Rows:
    """Orders with channel and customer joined."""
    return [
        {
            "id": order.pk,
            "href": reverse("omnitron_console:order", args=[order.pk]),
            "number": order.number,
            "status": looks.order(order.status),
            "channel": order.channel.name,
            "customer": f"{order.customer.first_name} {order.customer.last_name}".strip(),
            "amount": (order.amount, order.currency),
            "placed": order.date_placed,
            "modified": order.modified_at,
        }
        for order in found
    ]


def items(found: Iterable[Any]) -> Rows:
    """Items of an order with their products joined."""
    return [
        {
            "sku": item.product.sku,
            "name": item.product.name,
            "status": looks.order(item.status),
            "price": (item.price, item.price_currency),
            "tracking": item.tracking_number,
            "invoice": item.invoice_number,
        }
        for item in found
    ]


def products(found: Iterable[Any]) -> Rows:
    """Products."""
    return [
        {
            "id": product.pk,
            "sku": product.sku,
            "name": product.name,
            "barcode": product.barcode,
            "category": product.category,
            "weight": product.weight,
            "state": looks.active(product.is_active),
            "modified": product.modified_at,
        }
        for product in found
    ]


def stock(found: Iterable[Any]) -> Rows:
    """Stock lines with product and list joined."""
    return [
        {
            "id": line.pk,
            "sku": line.product.sku,
            "name": line.product.name,
            "list": line.stock_list.name,
            "stock": line.stock,
            "unreported": line.sold_quantity_unreported,
            "unit": line.unit_type,
            "modified": line.modified_at,
        }
        for line in found
    ]


def stores(found: Iterable[Any]) -> Rows:
    """Stores with township and city joined."""
    return [
        {
            "id": store.pk,
            "code": store.erp_code,
            "name": store.name,
            "place": f"{store.township.name} / {store.township.city.name}",
            "pickup": store.click_and_collect,
            "state": looks.active(store.is_active),
            "modified": store.modified_at,
        }
        for store in found
    ]


def channels(found: Iterable[Any]) -> Rows:
    """Channels."""
    return [
        {
            "id": channel.pk,
            "number": channel.pk,
            "name": channel.name,
            "type": channel.channel_type,
            "state": looks.active(channel.is_active),
            "modified": channel.modified_at,
        }
        for channel in found
    ]
