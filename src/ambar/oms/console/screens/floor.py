"""*Locations* and *Stock*."""

from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.catalogue.models import Product
from ambar.oms.console import rows
from ambar.oms.locations.models import StockLocation
from ambar.oms.stock.models import Balance

LOCATION_COLUMNS = (
    Column(key="code", label=gettext_lazy("ERP code"), kind="code", sort="code"),
    Column(key="name", label=gettext_lazy("Location"), kind="clip", sort="name"),
    Column(key="type", label=gettext_lazy("Type")),
    Column(key="place", label=gettext_lazy("Place"), kind="clip"),
    Column(key="priority", label=gettext_lazy("Priority"), kind="number", sort="priority"),
    Column(key="used", label=gettext_lazy("Open packages"), kind="number"),
    Column(key="quota", label=gettext_lazy("Quota"), kind="number"),
    Column(key="exit", label=gettext_lazy("Exit time")),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
)
STOCK_COLUMNS = (
    Column(key="sku", label=gettext_lazy("SKU"), kind="code"),
    Column(key="name", label=gettext_lazy("Product"), kind="clip"),
    Column(key="location", label=gettext_lazy("Location"), kind="clip"),
    Column(key="on_hand", label=gettext_lazy("On hand"), kind="number", sort="on_hand"),
    Column(key="reserved", label=gettext_lazy("Reserved"), kind="number", sort="reserved"),
    Column(key="available", label=gettext_lazy("Available"), kind="number"),
    Column(key="short", label=gettext_lazy("Short"), kind="number"),
    Column(key="counted", label=gettext_lazy("Counted"), kind="time"),
)


def _bound(found: Any, request: HttpRequest, column: str) -> Any:
    bounds = gate.principal(request).bounds
    return found.filter(**{f"{column}__in": bounds["location_ids"]}) if "location_ids" in bounds else found


def _levels(found: Any, value: str) -> Any:
    return {
        "available": lambda: found.filter(on_hand__gt=F("reserved")),
        "none": lambda: found.filter(on_hand=F("reserved")),
        "reserved": lambda: found.filter(reserved__gt=0),
        "short": lambda: found.filter(short__gt=0),
    }[value]()


@gate.screen("locations:read")
def locations(request: HttpRequest) -> HttpResponse:
    """Where stock lies and packages are made."""
    found = listing.build(
        request,
        _bound(StockLocation.objects.select_related("township", "city", "quota"), request, "pk"),
        columns=LOCATION_COLUMNS,
        rows=rows.locations,
        search=lambda places, text: places.filter(Q(name__icontains=text) | Q(erp_code__istartswith=text)),
        choices=[
            listing.Choice(
                key="state",
                label=_("State"),
                options=[("active", _("Active")), ("off", _("Off"))],
                narrow=lambda places, value: places.filter(is_active=value == "active"),
            )
        ],
        sort={"code": "erp_code", "name": "name", "priority": "priority"},
        default_sort="name",
        caption=_("Locations"),
        empty_title=_("No locations yet."),
        empty_text=_("Run the step Retail Stores of Basic Setup, or send locations over the API."),
    )
    principal = gate.principal(request)
    return pages.show_list(
        request,
        found,
        title=_("Locations"),
        search_hint=_("Name or ERP code"),
        template="oms_console/locations.html",
        may_write=principal.may("locations:write") and "location_ids" not in principal.bounds,
    )


@gate.screen("stock:read")
def stock(request: HttpRequest) -> HttpResponse:
    """On hand, reserved and available, per location and product."""
    names = _bound(StockLocation.objects.order_by("name"), request, "pk").values_list("id", "name")[:500]
    found = listing.build(
        request,
        _bound(Balance.objects.select_related("location", "product"), request, "location_id"),
        columns=STOCK_COLUMNS,
        rows=rows.balances,
        search=lambda balances, text: balances.filter(
            # Products first, through their own indexes: joined, every balance would be read with its product.
            product_id__in=Product.objects.filter(Q(sku__startswith=text) | Q(barcode=text)).values("pk")
        ),
        choices=[
            listing.Choice(
                key="location",
                label=_("Location"),
                options=[(str(pk), name) for pk, name in names],
                narrow=lambda balances, value: balances.filter(location_id=int(value)),
            ),
            listing.Choice(
                key="level",
                label=_("Level"),
                options=[
                    ("available", _("Available")),
                    ("none", _("Nothing available")),
                    ("reserved", _("Reserved")),
                    ("short", _("Short")),
                ],
                narrow=_levels,
            ),
        ],
        sort={"on_hand": "on_hand", "reserved": "reserved"},
        default_sort="pk",
        caption=_("Stock"),
        empty_title=_("No stock yet."),
        empty_text=_("Stock arrives over the API or from the commerce hub."),
    )
    principal = gate.principal(request)
    return pages.show_list(
        request,
        found,
        title=_("Stock"),
        search_hint=_("SKU or barcode"),
        template="oms_console/stock.html",
        may_write=principal.may("stock:write"),
        may_check=principal.may("stock:write") and "location_ids" not in principal.bounds,
    )
