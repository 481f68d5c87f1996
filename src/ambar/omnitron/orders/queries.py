"""Reads of orders and items: listed with relations as keys, and the detailed order that hooks carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ambar.omnitron import wire
from ambar.omnitron.catalogue.queries import products_short
from ambar.omnitron.channels.models import CargoCompany, Channel
from ambar.omnitron.channels.queries import cargo_short, channel_short
from ambar.omnitron.customers.queries import addresses_nested, customers_short
from ambar.omnitron.orders.models import Order, OrderItem

Shape = dict[str, Any]


def order_json(row: Order) -> Shape:
    """An order as listed; relations are keys, the status a string of digits."""
    return {
        **wire.identity(row.pk),
        "number": row.number,
        "channel": row.channel_id,
        "status": str(row.status),
        "date_placed": wire.moment(row.date_placed),
        "customer": row.customer_id,
        "shipping_address": row.shipping_address_id,
        "billing_address": row.billing_address_id,
        "currency": row.currency,
        "amount": wire.price(row.amount),
        "shipping_amount": wire.price(row.shipping_amount),
        "shipping_tax_rate": wire.price(row.shipping_tax_rate),
        "discount_amount": wire.price(row.discount_amount),
        "net_shipping_amount": wire.price(row.net_shipping_amount),
        "refund_amount": wire.price(row.refund_amount),
        "payment_option": row.payment_option,
        "payment_option_slug": row.payment_option_slug,
        "shipping_option_slug": row.shipping_option_slug,
        "cargo_company": row.cargo_company_id,
        "delivery_type": row.delivery_type,
        "delivery_range": row.delivery_range,
        "notes": row.notes,
        "has_gift_box": row.has_gift_box,
        "gift_box_note": row.gift_box_note,
        "client_type": row.client_type,
        "language_code": row.language_code,
        "remote_addr": row.remote_addr,
        "tracking_number": row.tracking_number,
        "carrier_shipping_code": row.carrier_shipping_code,
        "invoice_number": row.invoice_number,
        "invoice_date": wire.moment(row.invoice_date),
        "e_archive_url": row.e_archive_url,
        "is_send": row.is_send,
        "external_status": row.external_status,
        "segment": row.segment,
        "bin_number": row.bin_number,
        "installment": row.installment,
        "extra_field": row.extra_field,
        **wire.dates(row),
    }


def item_json(row: OrderItem, number: str) -> Shape:
    """An item as listed; relations are keys.

    :param number: number of its order; a public client needs it beside the key.
    """
    return {
        **wire.identity(row.pk),
        "order": row.order_id,
        "order_number": number,
        "product": row.product_id,
        "price_list": row.price_list_id,
        "stock_list": row.stock_list_id,
        "status": str(row.status),
        "price_currency": row.price_currency,
        "price": wire.price(row.price),
        "retail_price": wire.price(row.retail_price),
        "tax_rate": wire.price(row.tax_rate),
        "discount_amount": wire.price(row.discount_amount),
        "installment_interest_amount": wire.price(row.installment_interest_amount),
        "shipping_company": row.shipping_company,
        "shipment_code": row.shipment_code,
        "tracking_number": row.tracking_number,
        "carrier_shipping_code": row.carrier_shipping_code,
        "invoice_number": row.invoice_number,
        "invoice_date": wire.moment(row.invoice_date),
        "e_archive_url": row.e_archive_url,
        "cancel_status": row.cancel_status,
        "is_tradable": False,
        "estimated_delivery_date": wire.moment(row.estimated_delivery_date),
        "delivered_date": wire.moment(row.delivered_date),
        "attributes": row.attributes,
        "attributes_kwargs": row.attributes_kwargs,
        "localized_attributes": row.localized_attributes,
        "localized_attributes_kwargs": row.localized_attributes_kwargs,
        "extra_field": row.extra_field,
        "parent": row.parent_id,
        **wire.dates(row),
    }


LISTED_ONLY = (
    "price_list",
    "stock_list",
    "shipment_code",
    "is_tradable",
    "localized_attributes",
    "localized_attributes_kwargs",
)


def items_json(rows: Iterable[OrderItem]) -> list[Shape]:
    """Items as listed; the rows must carry their orders."""
    return [item_json(row, row.order.number) for row in rows]


def detailed(keys: Sequence[int], items: Mapping[int, Sequence[OrderItem]] | None = None) -> list[Shape]:
    """Orders with channel, customer, addresses, carrier and items nested, in the order of the keys.

    Any number of orders costs the same dozen reads.

    :param items: all items of these orders by order, when the caller has them; else they are read.
    """
    by_key = Order.objects.in_bulk(set(keys))
    orders = [by_key[key] for key in keys if key in by_key]
    items = items_of(by_key) if items is None else items
    channels = {
        row.pk: channel_short(row) for row in Channel.objects.filter(pk__in={o.channel_id for o in orders})
    }
    cargos = {
        row.pk: cargo_short(row)
        for row in CargoCompany.objects.filter(
            pk__in={o.cargo_company_id for o in orders if o.cargo_company_id}
        )
    }
    customers = customers_short(row.customer_id for row in orders)
    addresses = addresses_nested(
        {key for o in orders for key in (o.shipping_address_id, o.billing_address_id)}
    )
    products = products_short(item.product_id for key in by_key for item in items.get(key, ()))
    return [
        {
            **order_json(row),
            "channel": channels[row.channel_id],
            "customer": customers[row.customer_id],
            "shipping_address": addresses[row.shipping_address_id],
            "billing_address": addresses[row.billing_address_id],
            "cargo_company": cargos.get(row.cargo_company_id or 0),
            "orderitem_set": [_nested_item(item, row.number, products) for item in items.get(row.pk, ())],
        }
        for row in orders
    ]


def items_of(orders: Iterable[int]) -> dict[int, list[OrderItem]]:
    """All items of these orders by order, in the order of their keys."""
    found: dict[int, list[OrderItem]] = {}
    for item in OrderItem.objects.filter(order_id__in=orders).order_by("id"):
        found.setdefault(item.order_id, []).append(item)
    return found


def _nested_item(row: OrderItem, number: str, products: dict[int, Shape]) -> Shape:
    shape = item_json(row, number)
    for name in LISTED_ONLY:
        del shape[name]
    return {**shape, "product": products[row.product_id]}
