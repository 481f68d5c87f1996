"""Omnitron's screens: orders (list and detail), products, stock, stores, channels."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.omnitron.catalogue.models import Product
from ambar.omnitron.channels.models import Channel
from ambar.omnitron.console import looks, rows
from ambar.omnitron.orders.models import Order, OrderItem
from ambar.omnitron.stock.models import ProductStock
from ambar.omnitron.stores.models import RetailStore


def _active_choice() -> listing.Choice:
    return listing.Choice(
        key="state",
        label=_("State"),
        options=[("active", _("Active")), ("off", _("Off"))],
        narrow=lambda found, value: found.filter(is_active=value == "active"),
    )


@gate.screen("orders:read")
def orders(request: HttpRequest) -> HttpResponse:
    """Shop orders, newest first."""
    found = listing.build(
        request,
        Order.objects.select_related("channel", "customer"),
        columns=(
            Column(key="number", label=_("Order"), kind="code", sort="number"),
            Column(key="status", label=_("State"), kind="state"),
            Column(key="channel", label=_("Channel")),
            Column(key="customer", label=_("Customer"), kind="clip"),
            Column(key="amount", label=_("Amount"), kind="money", sort="amount"),
            Column(key="placed", label=_("Placed"), kind="time", sort="placed"),
            Column(key="modified", label=_("Changed"), kind="time", sort="modified"),
        ),
        rows=rows.orders,
        search=lambda found, text: found.filter(number__istartswith=text),
        choices=[
            listing.Choice(
                key="status",
                label=_("State"),
                options=[(str(code), look.word) for code, look in looks.ORDER.items()],
                narrow=lambda found, value: found.filter(status=int(value)),
            ),
            listing.Choice(
                key="channel",
                label=_("Channel"),
                options=[
                    (str(pk), name)
                    for pk, name in Channel.objects.order_by("name").values_list("id", "name")[:200]
                ],
                narrow=lambda found, value: found.filter(channel_id=int(value)),
            ),
        ],
        sort={"number": "number", "amount": "amount", "placed": "date_placed", "modified": "modified_at"},
        default_sort="-date_placed",
        caption=_("Orders"),
        empty_title=_("No orders yet."),
        empty_text=_("Orders of all channels appear here."),
    )
    return pages.show_list(request, found, title=_("Orders"), search_hint=_("Order number"))


ITEM_COLUMNS = (
    Column(key="sku", label=gettext_lazy("SKU"), kind="code"),
    Column(key="name", label=gettext_lazy("Product"), kind="clip"),
    Column(key="status", label=gettext_lazy("State"), kind="state"),
    Column(key="price", label=gettext_lazy("Price"), kind="money"),
    Column(key="tracking", label=gettext_lazy("Tracking number"), kind="code"),
    Column(key="invoice", label=gettext_lazy("Invoice"), kind="code"),
)


@gate.screen("orders:read")
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: items, addresses, amounts."""
    found = (
        Order.objects.select_related(
            "channel",
            "customer",
            "cargo_company",
            "shipping_address__township",
            "shipping_address__city",
            "billing_address__township",
            "billing_address__city",
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        return gate.missing(request)
    items = OrderItem.objects.select_related("product").filter(order_id=pk).order_by("id")
    context: dict[str, Any] = {
        "order": found,
        "look": looks.order(found.status),
        "items": rows.items(items),
        "columns": ITEM_COLUMNS,
        "addresses": [
            (_("Delivery address"), found.shipping_address),
            (_("Billing address"), found.billing_address),
        ],
    }
    return render(request, "omnitron_console/order.html", context)


@gate.screen("catalogue:read")
def products(request: HttpRequest) -> HttpResponse:
    """The catalogue."""
    found = listing.build(
        request,
        Product.objects.all(),
        columns=(
            Column(key="sku", label=_("SKU"), kind="code", sort="sku"),
            Column(key="name", label=_("Product"), kind="clip", sort="name"),
            Column(key="barcode", label=_("Barcode"), kind="code"),
            Column(key="category", label=_("Category"), kind="clip"),
            Column(key="weight", label=_("Weight (kg)"), kind="number"),
            Column(key="state", label=_("State"), kind="state"),
            Column(key="modified", label=_("Changed"), kind="time", sort="modified"),
        ),
        rows=rows.products,
        search=lambda found, text: found.filter(
            Q(sku__istartswith=text) | Q(barcode=text) | Q(name__icontains=text)
        ),
        choices=[_active_choice()],
        sort={"sku": "sku", "name": "name", "modified": "modified_at"},
        default_sort="sku",
        caption=_("Products"),
        empty_title=_("No products yet."),
        empty_text=_("Products are sent over the API."),
    )
    return pages.show_list(request, found, title=_("Products"), search_hint=_("SKU, barcode or name"))


@gate.screen("stock:read")
def stock(request: HttpRequest) -> HttpResponse:
    """Stock per list and product."""
    found = listing.build(
        request,
        ProductStock.objects.select_related("product", "stock_list"),
        columns=(
            Column(key="sku", label=_("SKU"), kind="code"),
            Column(key="name", label=_("Product"), kind="clip"),
            Column(key="list", label=_("Stock list")),
            Column(key="stock", label=_("Stock"), kind="number", sort="stock"),
            Column(key="unreported", label=_("Sold, not reported"), kind="number"),
            Column(key="unit", label=_("Unit")),
            Column(key="modified", label=_("Changed"), kind="time", sort="modified"),
        ),
        rows=rows.stock,
        search=lambda found, text: found.filter(Q(product__sku__istartswith=text) | Q(product__barcode=text)),
        choices=[
            listing.Choice(
                key="level",
                label=_("Stock"),
                options=[("some", _("In stock")), ("none", _("Sold out"))],
                narrow=lambda found, value: (
                    found.filter(stock__gt=0) if value == "some" else found.filter(stock=0)
                ),
            )
        ],
        sort={"stock": "stock", "modified": "modified_at"},
        default_sort="id",
        caption=_("Stock"),
        empty_title=_("No stock yet."),
        empty_text=_("Stock is sent over the API."),
    )
    return pages.show_list(request, found, title=_("Stock"), search_hint=_("SKU or barcode"))


@gate.screen("stores:read")
def stores(request: HttpRequest) -> HttpResponse:
    """Retail stores."""
    found = listing.build(
        request,
        RetailStore.objects.select_related("township__city"),
        columns=(
            Column(key="code", label=_("ERP code"), kind="code", sort="code"),
            Column(key="name", label=_("Store"), kind="clip", sort="name"),
            Column(key="place", label=_("Place")),
            Column(key="pickup", label=_("Click and collect"), kind="flag"),
            Column(key="state", label=_("State"), kind="state"),
            Column(key="modified", label=_("Changed"), kind="time", sort="modified"),
        ),
        rows=rows.stores,
        search=lambda found, text: found.filter(Q(name__icontains=text) | Q(erp_code__istartswith=text)),
        choices=[_active_choice()],
        sort={"code": "erp_code", "name": "name", "modified": "modified_at"},
        default_sort="name",
        caption=_("Stores"),
        empty_title=_("No stores yet."),
        empty_text=_("Stores are sent over the API."),
    )
    return pages.show_list(request, found, title=_("Stores"), search_hint=_("Name or ERP code"))


@gate.screen("channels:read")
def channels(request: HttpRequest) -> HttpResponse:
    """Sales channels."""
    found = listing.build(
        request,
        Channel.objects.all(),
        columns=(
            Column(key="number", label=_("No."), kind="number"),
            Column(key="name", label=_("Channel"), sort="name"),
            Column(key="type", label=_("Type")),
            Column(key="state", label=_("State"), kind="state"),
            Column(key="modified", label=_("Changed"), kind="time"),
        ),
        rows=rows.channels,
        search=lambda found, text: found.filter(name__icontains=text),
        choices=[_active_choice()],
        sort={"name": "name"},
        default_sort="id",
        caption=_("Channels"),
        empty_title=_("No channels yet."),
        empty_text=_("Channels are created over the API."),
    )
    return pages.show_list(request, found, title=_("Channels"))
