"""*Orders*: list, filters, detail."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.catalogue.models import Channel
from ambar.oms.console import files, holds, looks, rows
from ambar.oms.orders import queries
from ambar.oms.orders.models import OrderItem
from ambar.oms.packages.queries import visible as visible_packages
from ambar.oms.states.domain.codes import OrderStatus

COLUMNS = (
    Column(key="number", label=gettext_lazy("Order"), kind="code", sort="number"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="planning", label=gettext_lazy("Planning"), kind="state"),
    Column(key="channel", label=gettext_lazy("Channel"), kind="clip"),
    Column(key="customer", label=gettext_lazy("Customer"), kind="clip"),
    Column(key="place", label=gettext_lazy("Place"), kind="clip"),
    Column(key="amount", label=gettext_lazy("Amount"), kind="money"),
    Column(key="placed", label=gettext_lazy("Placed"), kind="time", sort="placed"),
)
ITEM_COLUMNS = (
    Column(key="sku", label=gettext_lazy("SKU"), kind="code"),
    Column(key="name", label=gettext_lazy("Product"), kind="clip"),
    Column(key="quantity", label=gettext_lazy("Quantity"), kind="number"),
    Column(key="price", label=gettext_lazy("Price"), kind="money"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="tracking", label=gettext_lazy("Tracking number"), kind="code"),
)
PACKAGE_COLUMNS = (
    Column(key="number", label=gettext_lazy("Package"), kind="code"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="location", label=gettext_lazy("Location"), kind="clip"),
    Column(key="carrier", label=gettext_lazy("Carrier")),
    Column(key="modified", label=gettext_lazy("Changed"), kind="time"),
)


def _channels() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Channel.objects.order_by("name").values_list("id", "name")[:200]]


@gate.screen("orders:read")
def orders(request: HttpRequest) -> HttpResponse:
    """All orders this person may see, newest first."""
    found = listing.build(
        request,
        queries.visible(gate.principal(request)).select_related("channel").defer("raw", "billing_address"),
        columns=COLUMNS,
        rows=rows.orders,
        search=lambda orders, text: orders.filter(Q(number__startswith=text)),
        choices=[
            listing.Choice(
                key="state",
                label=_("State"),
                options=[(str(int(code)), looks.order(int(code)).word) for code in OrderStatus],
                narrow=lambda orders, value: orders.filter(state=int(value)),
            ),
            listing.Choice(
                key="planning",
                label=_("Planning"),
                options=[(key, look.word) for key, look in looks.PLANNING.items()],
                narrow=lambda orders, value: orders.filter(planning_state=value),
            ),
            listing.Choice(
                key="channel",
                label=_("Channel"),
                options=_channels(),
                narrow=lambda orders, value: orders.filter(channel_id=int(value)),
            ),
        ],
        sort={"number": "number", "placed": "date_placed"},
        default_sort="-id",
        caption=_("Orders"),
        empty_title=_("No orders yet."),
        empty_text=_("Orders are taken from the Seller Center as soon as the integration is set up."),
    )
    names = {"state": "state__enum_value", "planning": "planning_state", "channel": "channel"}
    return pages.show_list(
        request,
        found,
        title=_("Orders"),
        search_hint=_("Order number"),
        files=files.address("orders", request.GET, {**names, "q": "number__startswith"}),
    )


@gate.screen("orders:read")
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: items, packages, address."""
    principal = gate.principal(request)
    found = queries.visible(principal).select_related("channel").defer("raw").filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    items = OrderItem.objects.select_related("product").filter(order_id=pk).order_by("id")
    packages = (
        visible_packages(principal)
        .filter(order_id=pk)
        .select_related("location", "channel", "order")
        .order_by("id")
    )
    context = {
        "order": found,
        "look": looks.order(found.state),
        "planning": looks.planning(found.planning_state),
        "hold": holds.words(found.hold_reason) if found.planning_state == "hold" else "",
        "may_ask": principal.may("planning:read"),
        "items": rows.order_items(items),
        "item_columns": ITEM_COLUMNS,
        "packages": rows.packages(packages),
        "package_columns": PACKAGE_COLUMNS,
        "customer": rows.customer_name(found.customer),
        "addresses": [
            (_("Delivery address"), rows.address_lines(found.shipping_address)),
            (_("Billing address"), rows.address_lines(found.billing_address)),
        ],
    }
    return render(request, "oms_console/order.html", context)
