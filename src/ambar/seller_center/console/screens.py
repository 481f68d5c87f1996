"""The Seller Center's screens. A seller sees own rows only; what an OMS owns is read-only and says so."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import CharField, Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.outbox.models import Inbox, InboxState
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.seller_center.console import looks, rows
from ambar.seller_center.orders.models import Order, OrderItem
from ambar.seller_center.packages.domain.states import LISTS
from ambar.seller_center.packages.models import Package, PackageHistory, PackageItem
from ambar.seller_center.sellers.isolation import sees_all, seller_of, visible
from ambar.seller_center.sellers.models import Seller

SELLER_COLUMN = Column(key="seller", label=gettext_lazy("Seller"), kind="clip")
ORDER_COLUMNS = (
    Column(key="number", label=gettext_lazy("Order"), kind="code", sort="number"),
    Column(key="status", label=gettext_lazy("State"), kind="state"),
    SELLER_COLUMN,
    Column(key="customer", label=gettext_lazy("Customer"), kind="clip"),
    Column(key="amount", label=gettext_lazy("Amount"), kind="money"),
    Column(key="placed", label=gettext_lazy("Placed"), kind="time", sort="placed"),
    Column(key="modified", label=gettext_lazy("Changed"), kind="time", sort="modified"),
)
ORDER_ITEM_COLUMNS = (
    Column(key="sku", label=gettext_lazy("SKU"), kind="code"),
    Column(key="name", label=gettext_lazy("Product"), kind="clip"),
    Column(key="quantity", label=gettext_lazy("Quantity"), kind="number"),
    Column(key="price", label=gettext_lazy("Price"), kind="money"),
    Column(key="status", label=gettext_lazy("State"), kind="state"),
    Column(key="packaging", label=gettext_lazy("Packaging"), kind="state"),
)
PACKAGE_COLUMNS = (
    Column(key="number", label=gettext_lazy("Package"), kind="code", sort="number"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    SELLER_COLUMN,
    Column(key="location", label=gettext_lazy("Location"), kind="clip"),
    Column(key="carrier", label=gettext_lazy("Carrier")),
    Column(key="tracking", label=gettext_lazy("Tracking number"), kind="clip"),
    Column(key="amount", label=gettext_lazy("Amount"), kind="money"),
    Column(key="modified", label=gettext_lazy("Changed"), kind="time", sort="modified"),
)
PACKAGE_ITEM_COLUMNS = (
    Column(key="sku", label=gettext_lazy("SKU"), kind="code"),
    Column(key="name", label=gettext_lazy("Product"), kind="clip"),
    Column(key="quantity", label=gettext_lazy("Quantity"), kind="number"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
)
HISTORY_COLUMNS = (
    Column(key="type", label=gettext_lazy("Event"), kind="code"),
    Column(key="sequence", label=gettext_lazy("Sequence"), kind="number"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="outcome", label=gettext_lazy("Outcome"), kind="state"),
    Column(key="at", label=gettext_lazy("When"), kind="time"),
)


def _for(columns: Sequence[Column], request: HttpRequest) -> list[Column]:
    """A seller needs no column *Seller*: all rows are own."""
    if sees_all(gate.principal(request)):
        return list(columns)
    return [column for column in columns if column is not SELLER_COLUMN]


def _sellers_choice(request: HttpRequest) -> list[listing.Choice]:
    if not sees_all(gate.principal(request)):
        return []
    names = Seller.objects.order_by("name").values_list("id", "name")[:500]
    return [
        listing.Choice(
            key="seller",
            label=_("Seller"),
            options=[(str(pk), name) for pk, name in names],
            narrow=lambda found, value: found.filter(seller_id=int(value)),
        )
    ]


def _owned_notice(request: HttpRequest) -> str:
    """Why a seller has no package buttons here."""
    seller_id = seller_of(gate.principal(request))
    if seller_id is None or not Seller.objects.filter(pk=seller_id, oms_managed=True).exists():
        return ""
    return _("Your OMS owns these orders: packages are made and changed there. This screen is read-only.")


@gate.screen("orders:read")
def orders(request: HttpRequest) -> HttpResponse:
    """Orders: a seller's own, or everybody's for the marketplace owner."""
    found = listing.build(
        request,
        visible(Order.objects.select_related("seller").defer("document"), gate.principal(request)),
        columns=_for(ORDER_COLUMNS, request),
        rows=rows.orders,
        search=lambda orders, text: orders.filter(number__startswith=text),
        choices=[
            listing.Choice(
                key="status",
                label=_("State"),
                options=[(str(code), look.word) for code, look in looks.ORDER.items()],
                narrow=lambda orders, value: orders.filter(status=int(value)),
            ),
            *_sellers_choice(request),
        ],
        sort={"number": "number", "placed": "date_placed", "modified": "modified_at"},
        default_sort="-id",
        caption=_("Orders"),
        empty_title=_("No orders yet."),
        empty_text=_("Orders appear as soon as customers buy."),
    )
    return pages.show_list(
        request, found, title=_("Orders"), notice=_owned_notice(request), search_hint=_("Order number")
    )


@gate.screen("orders:read")
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order with its items and packages."""
    principal = gate.principal(request)
    found = (
        visible(Order.objects.select_related("seller", "delivery_setting"), principal).filter(pk=pk).first()
    )
    if found is None:
        return gate.missing(request)
    packages_ = Package.objects.select_related("seller").filter(order_id=pk, retired_at=None).order_by("id")
    document = found.document if isinstance(found.document, dict) else {}
    context = {
        "order": found,
        "look": looks.order(found.status),
        "items": rows.order_items(OrderItem.objects.filter(order_id=pk).order_by("id")),
        "item_columns": ORDER_ITEM_COLUMNS,
        "packages": rows.packages(packages_),
        "package_columns": [column for column in PACKAGE_COLUMNS if column is not SELLER_COLUMN],
        "address": _address(document.get("shipping_address")),
        "notice": _owned_notice(request),
    }
    return render(request, "sc_console/order.html", context)


def _address(address: Any) -> list[str]:
    if not isinstance(address, dict):
        return []

    def name(key: str) -> str:
        value = address.get(key)
        return str(value.get("name") or "") if isinstance(value, dict) else str(value or "")

    lines = [
        f"{address.get('first_name') or ''} {address.get('last_name') or ''}".strip(),
        str(address.get("line") or ""),
        name("district"),
        " / ".join(filter(None, (name("township"), name("city")))),
        str(address.get("phone_number") or ""),
    ]
    return [line for line in lines if line]


def _packages(request: HttpRequest, title: str, narrow: Callable[[Any], Any]) -> HttpResponse:
    mine = visible(Package.objects.select_related("seller").filter(retired_at=None), gate.principal(request))
    found = listing.build(
        request,
        narrow(mine),
        columns=_for(PACKAGE_COLUMNS, request),
        rows=rows.packages,
        search=lambda packages, text: packages.filter(
            Q(number__startswith=text) | Q(tracking_numbers__contains=[text])
        ),
        choices=[
            listing.Choice(
                key="state",
                label=_("State"),
                options=[(str(code), look.word) for code, look in looks.STATE.items()],
                narrow=lambda packages, value: packages.filter(state_code=int(value)),
            ),
            *_sellers_choice(request),
        ],
        sort={"number": "number", "modified": "modified_at"},
        default_sort="-id",
        caption=title,
        empty_title=_("No packages here."),
        empty_text=_("A package appears with its order."),
    )
    return pages.show_list(
        request,
        found,
        title=title,
        notice=_owned_notice(request),
        search_hint=_("Package or tracking number"),
    )


@gate.screen("packages:read")
def packages(request: HttpRequest) -> HttpResponse:
    """All packages."""
    return _packages(request, _("All packages"), lambda found: found)


@gate.screen("packages:read")
def preparing(request: HttpRequest) -> HttpResponse:
    """Packages not yet on their way."""
    return _packages(
        request,
        _("Preparing"),
        lambda found: found.filter(status__in=LISTS["preparing"]),
    )


@gate.screen("packages:read")
def shipped(request: HttpRequest) -> HttpResponse:
    """Packages on their way or delivered."""
    return _packages(request, _("Shipped"), lambda found: found.filter(status__in=LISTS["shipped"]))


@gate.screen("packages:read")
def package(request: HttpRequest, pk: int) -> HttpResponse:
    """One package with its items and the events that made it what it is."""
    found = (
        visible(Package.objects.select_related("seller", "order"), gate.principal(request))
        .filter(pk=pk)
        .first()
    )
    if found is None:
        return gate.missing(request)
    context = {
        "package": found,
        "look": looks.package(found.state_code, found.state_name),
        "items": rows.package_items(PackageItem.objects.filter(package_id=pk).order_by("id")),
        "item_columns": PACKAGE_ITEM_COLUMNS,
        "history": rows.history(PackageHistory.objects.filter(package_id=pk).order_by("-id")[:100]),
        "history_columns": HISTORY_COLUMNS,
        "notice": _owned_notice(request),
    }
    return render(request, "sc_console/package.html", context)


def _not_applied() -> Any:
    """How many events a seller's OMS has sent that are waiting or parked here."""
    source = Concat(Value("oms:"), Cast(OuterRef("pk"), CharField()))
    waiting = Inbox.objects.filter(source=source, state__in=(InboxState.WAITING, InboxState.PARKED))
    return waiting.order_by().values("source").annotate(count=Count("id")).values("count")


@gate.screen("sellers:read")
def sellers(request: HttpRequest) -> HttpResponse:
    """The marketplace's sellers, for its owner, with the health of each hand-over; a seller finds the own row only."""
    last_event = (
        PackageHistory.objects.filter(seller_id=OuterRef("pk")).order_by("-event_uuid").values("at")[:1]
    )
    open_packages = (
        Package.objects.filter(seller_id=OuterRef("pk"), retired_at=None, status__in=LISTS["preparing"])
        .order_by()
        .values("seller_id")
        .annotate(count=Count("id"))
        .values("count")
    )
    found = listing.build(
        request,
        visible(
            Seller.objects.annotate(
                open_packages=Coalesce(Subquery(open_packages), 0),
                not_applied=Coalesce(Subquery(_not_applied()), 0),
                last_heard=Subquery(last_event),
            ),
            gate.principal(request),
            column="pk",
        ),
        columns=(
            Column(key="name", label=_("Seller"), kind="clip", sort="name"),
            Column(key="code", label=_("Supplier code"), kind="code", sort="code"),
            Column(key="state", label=_("State"), kind="state"),
            Column(key="oms", label=_("OMS owns orders"), kind="flag"),
            Column(key="packages", label=_("Open packages"), kind="number"),
            Column(key="heard", label=_("OMS last heard"), kind="time"),
            Column(key="not_applied", label=_("Events not applied"), kind="number"),
            Column(key="created", label=_("Since"), kind="time"),
        ),
        rows=rows.sellers,
        search=lambda sellers, text: sellers.filter(
            Q(name__icontains=text) | Q(supplier_code__istartswith=text)
        ),
        choices=[
            listing.Choice(
                key="state",
                label=_("State"),
                options=[(key, look.word) for key, look in looks.SELLER.items()],
                narrow=lambda sellers, value: sellers.filter(state=value),
            )
        ],
        sort={"name": "name", "code": "supplier_code"},
        default_sort="name",
        caption=_("Sellers"),
        empty_title=_("No sellers yet."),
        empty_text=_("Sellers are onboarded over the API."),
    )
    return pages.show_list(request, found, title=_("Sellers"), search_hint=_("Name or supplier code"))
