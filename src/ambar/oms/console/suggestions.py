"""What a field that takes a code or a name suggests while it is typed: found by the server, a dozen at a time.

`SOURCES` names each kind with who may see it. Values that orders carry (shipping company, payment type) are not a table
of their own: they are what the last orders had, and what settings name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from ambar.kit.text import turkish_fold
from ambar.oms.catalogue.models import Channel, Product
from ambar.oms.locations import queries as locations
from ambar.oms.orders import queries as orders
from ambar.oms.places.models import City, Country, Township
from ambar.oms.scenarios.counting import known_values
from ambar.oms.shipments.models import Carrier

MOST = 12
Found = list[tuple[str, str]]
"""(value, words beside it)."""
Find = Callable[[str, Mapping[str, str], Any], Found]
"""(text, other fields, principal)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of suggestion. Any of `scopes` lets a person see it."""

    scopes: tuple[str, ...]
    find: Find


def products(text: str, _others: Mapping[str, str], _principal: Any) -> Found:
    """Active products by the beginning of the SKU or the barcode; what is left of the dozen by a part of SKU or name."""
    rows = Product.objects.filter(is_active=True)
    if not text:
        return _pairs(rows.order_by("sku"), "sku", "name", MOST)
    begins = Q(sku__startswith=text) | Q(sku__startswith=text.upper()) | Q(barcode=text)
    found = _pairs(rows.filter(begins).order_by("sku"), "sku", "name", MOST)
    if len(found) == MOST:
        return found
    part = rows.filter(Q(sku__icontains=text) | Q(name__icontains=text))
    part = part.exclude(sku__in=[sku for sku, _name in found]).order_by("sku")
    return [*found, *_pairs(part, "sku", "name", MOST - len(found))]


def erp_codes(text: str, _others: Mapping[str, str], principal: Any) -> Found:
    """Active locations the person may see, by code or name."""
    rows = locations.visible(principal).filter(is_active=True)
    if text:
        rows = rows.filter(Q(erp_code__icontains=text) | Q(name__icontains=text))
    return _pairs(rows.order_by("name", "pk"), "erp_code", "name", MOST)


def order_numbers(text: str, _others: Mapping[str, str], principal: Any) -> Found:
    """The newest orders, or those whose number begins so."""
    rows = orders.visible(principal)
    if text:
        begins = Q(number__startswith=text) | Q(number__startswith=text.upper())
        rows = rows.filter(begins)
    found = rows.order_by("-pk").values_list("number", "shipping_address")[:MOST]
    return [(number, _recipient(address)) for number, address in found]


def _recipient(address: Any) -> str:
    names = (address.get("first_name"), address.get("last_name")) if isinstance(address, dict) else ()
    return " ".join(str(one) for one in names if one)


def countries(text: str, _others: Mapping[str, str], _principal: Any) -> Found:
    """Countries by code or name; the value is the code."""
    rows = Country.objects.filter(is_active=True)
    if text:
        rows = rows.filter(Q(code__iexact=text) | Q(folded__contains=turkish_fold(text)))
    return _pairs(rows.order_by("name"), "code", "name", MOST)


def cities(text: str, others: Mapping[str, str], _principal: Any) -> Found:
    """Cities, of the country that stands beside when one does."""
    rows = City.objects.filter(is_active=True, folded__contains=turkish_fold(text))
    if others.get("country"):
        rows = rows.filter(country__code__iexact=others["country"])
    return _pairs(rows.order_by("folded"), "name", "country__name", MOST)


def townships(text: str, others: Mapping[str, str], _principal: Any) -> Found:
    """Townships, of the city that stands beside when one does."""
    rows = Township.objects.filter(is_active=True, folded__contains=turkish_fold(text))
    if others.get("city"):
        rows = rows.filter(city__folded=turkish_fold(others["city"]))
    return _pairs(rows.order_by("folded", "city__folded"), "name", "city__name", MOST)


def _pairs(rows: QuerySet[Any], value: str, words: str, most: int) -> Found:
    return [(str(one), str(two or "")) for one, two in rows.values_list(value, words)[:most]]


def of_orders(field: str) -> Find:
    """Values the last orders had in `field`, and those that settings know."""

    def find(text: str, _others: Mapping[str, str], _principal: Any) -> Found:
        folded = turkish_fold(text)
        return [(one, "") for one in values(field) if folded in turkish_fold(one)][:MOST]

    return find


def values(field: str) -> list[str]:
    """All of them, the most frequent first."""
    return list(dict.fromkeys((*known_values(field), *_SET.get(field, list)())))


def _column(rows: QuerySet[Any], column: str) -> Found:
    found = rows.exclude(**{column: ""}).order_by(column).values_list(column, flat=True)
    return list(found.distinct()[:500])


_SET: Mapping[str, Callable[[], Any]] = {
    "cargo_company": lambda: _column(Carrier.objects.filter(is_active=True), "code"),
    "channel": lambda: _column(Channel.objects.all(), "name"),
    "channel_type": lambda: _column(Channel.objects.all(), "channel_type"),
}
"""What settings know beside the orders."""


def of_locations(column: str) -> Find:
    """Values that locations have in `column`."""

    def find(text: str, _others: Mapping[str, str], principal: Any) -> Found:
        rows = locations.visible(principal).filter(**{f"{column}__icontains": text})
        return [(one, "") for one in _column(rows, column)[:MOST]]

    return find


def tags(text: str, _others: Mapping[str, str], principal: Any) -> Found:
    """Tags that locations bear."""
    lists = locations.visible(principal).exclude(tags=[]).values_list("tags", flat=True)[:1000]
    known = sorted({str(tag) for row in lists for tag in row})
    return [(tag, "") for tag in known if turkish_fold(text) in turkish_fold(tag)][:MOST]


PLANNER = ("scenarios:read", "planning:read")
SOURCES: Mapping[str, Source] = {
    "products": Source(scopes=("stock:read", "packages:read", *PLANNER), find=products),
    "erp-codes": Source(scopes=("locations:read", *PLANNER), find=erp_codes),
    "orders": Source(scopes=("orders:read",), find=order_numbers),
    "countries": Source(scopes=("locations:read", *PLANNER), find=countries),
    "cities": Source(scopes=("locations:read", *PLANNER), find=cities),
    "townships": Source(scopes=("locations:read", *PLANNER), find=townships),
    "location-names": Source(scopes=("locations:read", *PLANNER), find=of_locations("name")),
    "location-types": Source(scopes=("locations:read", *PLANNER), find=of_locations("stock_location_type")),
    "tags": Source(scopes=("locations:read", *PLANNER), find=tags),
    "cargo-companies": Source(scopes=PLANNER, find=of_orders("cargo_company")),
    "shipping-options": Source(scopes=PLANNER, find=of_orders("shipping_option")),
    "payment-types": Source(scopes=PLANNER, find=of_orders("payment_type")),
    "customer-types": Source(scopes=PLANNER, find=of_orders("customer_type")),
    "delivery-types": Source(scopes=PLANNER, find=of_orders("delivery_type")),
    "currencies": Source(scopes=PLANNER, find=of_orders("currency")),
    "channels": Source(scopes=PLANNER, find=of_orders("channel")),
    "channel-types": Source(scopes=PLANNER, find=of_orders("channel_type")),
}
OF_FIELDS: Mapping[tuple[str, str], str] = {
    ("product", "sku"): "products",
    ("location", "erp_code"): "erp-codes",
    ("location", "name"): "location-names",
    ("location", "stock_location_type"): "location-types",
    ("location", "tags"): "tags",
    ("order", "number"): "orders",
    ("order", "cargo_company"): "cargo-companies",
    ("order", "shipping_option"): "shipping-options",
    ("order", "payment_type"): "payment-types",
    ("order", "customer_type"): "customer-types",
    ("order", "delivery_type"): "delivery-types",
    ("order", "currency"): "currencies",
    ("order", "channel"): "channels",
    ("order", "channel_type"): "channel-types",
}
"""Which source serves a field of a condition: (what the condition is about, field)."""


def may_see(source: Source, principal: Any) -> bool:
    """Whether the person holds one of its scopes."""
    return any(principal.may(scope) for scope in source.scopes)
