"""Commands that name other packages: the form shows which ones there are, by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ambar.kit.ui.cells import number
from ambar.kit.ui.forms import Field
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.states.domain.codes import PackageStatus

MOST = 100
RECEIVER, TOGETHER = "to_package", "packages"


def named(fields: Sequence[Field], package: Package) -> tuple[Field, ...]:
    """The fields with a choice where another package is meant: two statements for each such field, none without."""
    return tuple(_field(field, package) for field in fields)


def _field(field: Field, package: Package) -> Field:
    if field.name == RECEIVER:
        options = _options(_receivers(package))
        told = _("Packages that are Out of Stock at this location and want a product of this one.")
        nothing = _("No package at this location is Out of Stock and wants a product of this one.")
        label = _("To package")
        told = _told(options, told, nothing)
        return replace(field, kind="choice", label=label, options=options, help=told)
    if field.name == TOGETHER:
        options = _options(_mergeable(package))
        nothing = _("This order has no other package in the same state at this location.")
        return replace(
            field,
            kind="checks",
            label=_("Packages"),
            options=options,
            value=[],
            help=_told(options, "", nothing),
        )
    return field


def _told(options: Sequence[object], told: str, nothing: str) -> str:
    if not options:
        return nothing
    cut = _("The oldest %(n)s are shown.") % {"n": MOST} if len(options) == MOST else ""
    return f"{told} {cut}".strip()


def _receivers(package: Package) -> QuerySet[Package]:
    wanted = _items().filter(package_id=package.pk).values("product_id")
    return Package.objects.filter(
        location_id=package.location_id,
        state=PackageStatus.OUT_OF_STOCK,
        pk__in=_items().filter(product_id__in=wanted).values("package_id"),
    )


def _mergeable(package: Package) -> QuerySet[Package]:
    alike = {"order_id": package.order_id, "location_id": package.location_id, "state": package.state}
    return Package.objects.filter(**alike).exclude(pk=package.pk)


def _items() -> QuerySet[PackageItem]:
    """What is still in packages: an item whose units were all cancelled stays as a row of none."""
    return PackageItem.objects.filter(quantity__gt=0)


def _options(rows: QuerySet[Package]) -> tuple[tuple[str, str], ...]:
    """`(id, "number: SKU × quantity, …")`, the oldest first."""
    found = dict(rows.order_by("id").values_list("pk", "number")[:MOST])
    items = _items().filter(package_id__in=list(found)).order_by("package_id", "id")
    lines: dict[int, list[str]] = {}
    for pk, sku, quantity in items.values_list("package_id", "product__sku", "quantity"):
        lines.setdefault(pk, []).append(f"{sku} × {number(quantity)}")
    return tuple((str(pk), f"{name}: {', '.join(lines.get(pk, [])[:5])}") for pk, name in found.items())
