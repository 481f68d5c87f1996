"""Rows of the floor's lists, built from objects whose joins are already loaded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from ambar.kit.ui.cells import number
from ambar.oms.console import floor_looks, looks
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.packages.queries import visible as visible_packages
from ambar.oms.shipments.models import ShipmentPackage, ShipmentTransfer
from ambar.oms.transfers.queries import visible as visible_transfers

Rows = list[Mapping[str, Any]]
NAMED_PACKAGES = 3


def parcel_name(parcel: Any) -> str:
    """The present tracking number; before there is one, the parcel's own id."""
    return parcel.awb_number or f"#{parcel.pk}"


def shipments(found: Sequence[Any], principal: Any) -> Rows:
    """Parcels with their carrier joined; only packages and transfers that this person may see are named. Two statements."""
    links = ShipmentPackage.objects.filter(
        shipment_id__in=[parcel.pk for parcel in found], package__in=visible_packages(principal)
    )
    named: dict[int, list[str]] = defaultdict(list)
    for parcel_id, package in links.order_by("pk").values_list("shipment_id", "package__number"):
        named[parcel_id].append(package)
    moved = ShipmentTransfer.objects.filter(
        shipment_id__in=[parcel.pk for parcel in found], transfer__in=visible_transfers(principal)
    )
    for parcel_id, transfer in moved.order_by("pk").values_list("shipment_id", "transfer__number"):
        named[parcel_id].append(transfer)
    return [
        {
            "id": parcel.pk,
            "href": reverse("oms_console:shipment", args=[parcel.pk]),
            "number": parcel_name(parcel),
            "state": floor_looks.shipment(parcel.state),
            "talk": floor_looks.TALK[parcel.talk],
            "packages": _some(named[parcel.pk]),
            "carrier": parcel.carrier.name if parcel.carrier else parcel.cargo_company,
            "problem": parcel.problem,
            "created": parcel.created_at,
            "modified": parcel.modified_at,
        }
        for parcel in found
    ]


def _some(words: Sequence[str]) -> str:
    more = f" +{len(words) - NAMED_PACKAGES}" if len(words) > NAMED_PACKAGES else ""
    return ", ".join(words[:NAMED_PACKAGES]) + more


def to_pick(found: Sequence[Package]) -> Rows:
    """Packages with location and order joined, with what is in each in short. One statement."""
    items = PackageItem.objects.select_related("product").filter(package__in=found, quantity__gt=0)
    inside: dict[int, list[PackageItem]] = defaultdict(list)
    for item in items.order_by("pk"):
        inside[item.package_id].append(item)
    return [
        {
            "id": package.pk,
            "href": f"{reverse('oms_console:package', args=[package.pk])}?scan=1",
            "number": package.number,
            "state": looks.package(package.state),
            "location": package.location.name,
            "pieces": sum(item.quantity for item in inside[package.pk]),
            "items": "; ".join(
                f"{number(item.quantity)} × {item.product.sku} {item.product.name}"
                for item in inside[package.pk]
            ),
            "carrier": package.shipping_company,
            "placed": package.order.date_placed,
        }
        for package in found
    ]


def cancellation_requests(found: Iterable[Any]) -> Rows:
    """Cancellation requests with order, order item and product joined."""
    return [
        {
            "id": one.pk,
            "href": reverse("oms_console:cancellation", args=[one.pk]),
            "order": one.order.number,
            "item": f"{one.order_item.sku}  {one.order_item.product.name}",
            "quantity": one.quantity,
            "status": floor_looks.REQUEST[one.status],
            "type": looks.cancellation_type(one.cancellation_type),
            "origin": looks.cancellation_origin(one.origin),
            "reason": one.reason,
            "created": one.created_at,
        }
        for one in found
    ]


def cancellation_plans(found: Iterable[Any]) -> Rows:
    """Cancellation plans with their order joined."""
    return [
        {
            "id": plan.pk,
            "href": reverse("oms_console:cancellation_plan", args=[plan.pk]),
            "number": str(plan.upstream_id),
            "order": plan.order.number if plan.order else "",
            "type": looks.cancellation_type(plan.plan_type),
            "state": floor_looks.PLAN[plan.state],
            "answer": floor_looks.ANSWER.get(plan.answer, plan.answer),
            "answered": plan.answered_at,
            "problem": plan.answer_error if plan.answered_at is None else "",
            "created": plan.created_at,
        }
        for plan in found
    ]
