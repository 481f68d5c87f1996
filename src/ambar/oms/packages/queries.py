"""Reads of packages; the only door for callers, so that bounds hold everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ambar.oms.packages import registry
from ambar.oms.packages.models import Package, PackageDenialReason, PackageItem
from ambar.oms.packages.payload import payloads

_SHORT = ("number", "state", "order_id", "order_number", "sequence", "created_at", "modified_at")
"""What the short object tells of a package; the other twenty columns and those of the location are not fetched for it."""


def location_bounds(principal: Any) -> tuple[int, ...] | None:
    """The only locations this caller may see, None = all."""
    if "location_ids" not in principal.bounds:
        return None
    return tuple(principal.bounds["location_ids"])


def visible(principal: Any) -> QuerySet[Package]:
    """Packages this caller may see: all, or (bound to locations) those of its own locations."""
    bounds = location_bounds(principal)
    rows = Package.objects.all()
    return rows if bounds is None else rows.filter(location_id__in=bounds)


def visible_items(principal: Any) -> QuerySet[PackageItem]:
    """Items of the visible packages."""
    bounds = location_bounds(principal)
    rows = PackageItem.objects.select_related("package", "order_item", "product")
    return rows if bounds is None else rows.filter(package__location_id__in=bounds)


def short(principal: Any) -> QuerySet[Package]:
    """Visible packages with their location's code (`erp_code`) and number of items (`item_count`)."""
    # A subquery is left out of the count of the list; a join would be counted through.
    items = PackageItem.objects.filter(package=OuterRef("pk")).order_by().values("package")
    counted = Subquery(items.annotate(n=Count("pk")).values("n"))
    # One column of the location as a figure of the package: a second object for each row would cost as much as the first.
    rows = visible(principal).only(*_SHORT)
    return rows.annotate(item_count=Coalesce(counted, 0), erp_code=F("location__erp_code"))


def heads(principal: Any) -> QuerySet[Package]:
    """Visible packages with what `full_records` needs of them, and what they are sorted by."""
    return visible(principal).only(*_SHORT, "previous_state")


def full_records(rows: Sequence[Package], principal: Any) -> list[dict[str, Any]]:
    """The whole record of each package with the commands this caller may run now, in the given order."""
    records = payloads([row.pk for row in rows])
    commands = registry.commands_for({row.pk: (row.state, row.previous_state) for row in rows}, principal)
    for package_id, record in records.items():
        record["commands"] = commands[package_id]
    return [records[row.pk] for row in rows if row.pk in records]


def active_denial_reasons(ids: Iterable[int]) -> dict[int, str]:
    """`{id: title}` of those of these reasons that may be given now."""
    rows = PackageDenialReason.objects.filter(pk__in=set(ids), is_active=True)
    return dict(rows.values_list("pk", "title"))


def denial_reasons() -> QuerySet[PackageDenialReason]:
    """All denial reasons."""
    return PackageDenialReason.objects.all()
