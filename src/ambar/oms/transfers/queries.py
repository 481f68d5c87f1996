"""Reads of transfers; the only door for callers, so that bounds hold everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ambar.kit.money import quantity
from ambar.oms.packages.queries import location_bounds
from ambar.oms.states.queries import state_json
from ambar.oms.transfers import registry
from ambar.oms.transfers.domain.changes import UNDER_WAY
from ambar.oms.transfers.models import Transfer, TransferItem
from ambar.oms.transfers.payload import payloads

_MINIMAL = (
    "number",
    "state",
    "sequence",
    "tracking_number",
    "created_at",
    "modified_at",
    "package__number",
    "package__order_id",
    "package__order_number",
    "source__erp_code",
    "source__name",
    "destination__erp_code",
    "destination__name",
)
"""What the minimal object and lists on screen tell; whole packages and locations, whose JSON would have to be read, are not fetched for it."""


def visible(principal: Any) -> QuerySet[Transfer]:
    """Transfers this caller may see: all, or (bound to locations) those that leave or reach one of its own."""
    bounds = location_bounds(principal)
    rows = Transfer.objects.select_related("package__order")
    if bounds is None:
        return rows
    return rows.filter(Q(source_id__in=bounds) | Q(destination_id__in=bounds))


def visible_items(principal: Any) -> QuerySet[TransferItem]:
    """Items of the visible transfers."""
    bounds = location_bounds(principal)
    rows = TransferItem.objects.select_related("transfer", "order_item", "product")
    if bounds is None:
        return rows
    return rows.filter(Q(transfer__source_id__in=bounds) | Q(transfer__destination_id__in=bounds))


def minimal(principal: Any) -> QuerySet[Transfer]:
    """Visible transfers with what the minimal object and lists on screen tell of them, and their number of items."""
    # The order behind the package is not told of.
    rows = visible(principal).select_related(None).select_related("package", "source", "destination")
    rows = rows.only(*_MINIMAL)
    # A subquery is left out of the count of the list; a join would be counted through.
    items = TransferItem.objects.filter(transfer=OuterRef("pk")).order_by().values("transfer")
    counted = Subquery(items.annotate(n=Count("pk")).values("n"))
    return rows.annotate(item_count=Coalesce(counted, 0))


def full_records(rows: Sequence[Transfer], principal: Any) -> list[dict[str, Any]]:
    """The whole record of each transfer, its order as an object, with the commands this caller may run now."""
    records = payloads([row.pk for row in rows])
    standing = {row.pk: (row.state, row.source_id, row.destination_id) for row in rows}
    commands = registry.commands_for(standing, principal)
    details = registry.details_of([row.pk for row in rows])
    for row in rows:
        records[row.pk]["order"] = _order(row)
        records[row.pk].update({key: values.get(row.pk) for key, values in details.items()})
        records[row.pk]["commands"] = commands[row.pk]
    return [records[row.pk] for row in rows]


def _order(row: Transfer) -> dict[str, Any]:
    order = row.package.order
    return {
        "id": order.pk,
        "number": order.number,
        "omnitron_id": order.upstream_id,
        "channel": order.channel_id,
    }


def open_of_packages(package_ids: Sequence[int]) -> dict[int, list[str]]:
    """Numbers of the transfers that each package still waits for; packages that wait for none are absent."""
    rows = Transfer.objects.filter(package_id__in=list(package_ids), state__in=UNDER_WAY).order_by("id")
    waiting: dict[int, list[str]] = {}
    for package_id, number in rows.values_list("package_id", "number"):
        waiting.setdefault(package_id, []).append(number)
    return waiting


def of_packages(package_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The transfers of each package, oldest first, as whole records: `transfers` of a package's detail."""
    result: dict[int, list[dict[str, Any]]] = {package_id: [] for package_id in package_ids}
    owners = dict(Transfer.objects.filter(package_id__in=list(package_ids)).values_list("id", "package_id"))
    records = payloads(sorted(owners))
    for transfer_id in sorted(owners):
        result[owners[transfer_id]].append(records[transfer_id])
    return result


def of_item(package_item_id: int, principal: Any) -> list[dict[str, Any]]:
    """The transfers that bring this package item, as far as the caller may see them: `transfer_orders` of its detail."""
    rows = visible_items(principal).filter(package_item_id=package_item_id).order_by("id")
    return [
        {
            "id": row.transfer_id,
            "number": row.transfer.number,
            "state": state_json("TransferStatus", row.state),
            "quantity": quantity(row.quantity),
        }
        for row in rows
    ]
