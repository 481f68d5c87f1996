"""What a scanned or typed number belongs to, among what this person may see."""

from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import Q

from ambar.kit.text import is_digits
from ambar.oms.catalogue.models import Product
from ambar.oms.packages import lineage
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.packages.queries import visible as visible_packages
from ambar.oms.shipments.models import ShipmentPackage
from ambar.oms.shipments.queries import visible as visible_shipments
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.transfers.queries import visible as visible_transfers

LONGEST = 160
MOST = 50
TO_DO = (PackageStatus.WAITING, PackageStatus.PREPARING, PackageStatus.READY_FOR_PACKAGING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Packages, oldest first, or a transfer; both empty: nothing here has this number."""

    packages: tuple[int, ...] = ()
    transfer: int | None = None


def cleaned(code: str) -> str:
    """A code without what scanners put around it."""
    return code.replace("\x00", "").strip()[:LONGEST]


def find(code: str, principal: Any) -> Found:
    """By package, tracking, order or transfer number, an item's barcode or SKU, or a tracking number of before.

    The first kind that knows the code answers; what no index finds comes last.
    """
    packages = visible_packages(principal)
    for look_up in (_by_number, _by_tracking, _by_order, _by_product):
        ids = look_up(code, packages, principal)
        if ids:
            return Found(packages=tuple(ids))
    transfer = visible_transfers(principal).filter(number=code).values_list("pk", flat=True).first()
    if transfer is not None:
        return Found(transfer=transfer)
    before = visible_shipments(principal).filter(tracking_numbers__contains=[code])
    return Found(packages=tuple(_inside(before, packages)))


def _living(packages: Any) -> Any:
    return packages.exclude(state=PackageStatus.CANCELLED).order_by("pk").values_list("pk", flat=True)[:MOST]


def _by_number(code: str, packages: Any, _principal: Any) -> list[int]:
    """The package itself; of one that was replaced, those that live of it."""
    exact = packages.filter(number=code).first()
    if exact is None:
        return []
    if exact.state != PackageStatus.CANCELLED:
        return [exact.pk]
    return list(_living(packages.filter(pk__in=lineage.family(code)))) or [exact.pk]


def _by_tracking(code: str, packages: Any, principal: Any) -> list[int]:
    return _inside(visible_shipments(principal).filter(awb_number=code), packages)


def _inside(parcels: Any, packages: Any) -> list[int]:
    links = ShipmentPackage.objects.filter(shipment__in=parcels).values("package_id")
    return list(packages.filter(pk__in=links).order_by("pk").values_list("pk", flat=True)[:MOST])


def _by_order(code: str, packages: Any, _principal: Any) -> list[int]:
    return list(_living(packages.filter(order_number=code)))


def _by_product(code: str, packages: Any, _principal: Any) -> list[int]:
    """Packages still to be packed that hold the product."""
    products = Product.objects.filter(Q(barcode=code) | Q(sku=code)).values_list("pk", flat=True)
    items = PackageItem.objects.filter(product_id__in=list(products[:MOST]), quantity__gt=0)
    return list(_living(packages.filter(state__in=TO_DO, pk__in=items.values("package_id"))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """The items of a package while they are scanned one by one: `counts` of units per item id."""

    counts: dict[int, int]
    complete: bool

    @property
    def text(self) -> str:
        """As it travels in the address."""
        return ",".join(f"{item}x{count}" for item, count in sorted(self.counts.items()))


def ticked(package: Package, text: str) -> Ticked:
    """What was scanned so far, as far as it belongs to the package."""
    wanted = dict(package.packageitem_set.values_list("pk", "quantity"))
    counts: dict[int, int] = {}
    for part in text[:4000].split(","):
        item, _sign, count = part.partition("x")
        if is_digits(item) and is_digits(count) and len(part) < 30:
            known = wanted.get(int(item))
            if known is not None:
                counts[int(item)] = min(int(count), ceil(known))
    left = any(counts.get(item, 0) < quantity for item, quantity in wanted.items())
    return Ticked(counts=counts, complete=bool(wanted) and not left)


def belongs(package: Package, code: str) -> bool:
    """Whether the package has an item with this barcode or SKU."""
    return package.packageitem_set.filter(Q(product__barcode=code) | Q(product__sku=code)).exists()


def tick(package: Package, text: str, code: str) -> Ticked | None:
    """One more unit of the item with this barcode or SKU; None when no unit of it is left to scan."""
    so_far = ticked(package, text)
    items = package.packageitem_set.filter(Q(product__barcode=code) | Q(product__sku=code)).order_by("pk")
    for item, quantity in items.values_list("pk", "quantity"):
        if so_far.counts.get(item, 0) < quantity:
            counts = {**so_far.counts, item: so_far.counts.get(item, 0) + 1}
            return ticked(package, Ticked(counts=counts, complete=False).text)
    return None
