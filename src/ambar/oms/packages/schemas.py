"""Wire shapes of the package lists; the whole record is in `payload`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ambar.kit import clock, rest
from ambar.kit.money import quantity
from ambar.oms.packages.models import Package, PackageDenialReason, PackageItem
from ambar.oms.packages.payload import extra_data
from ambar.oms.states.queries import state_json


def short_json(package: Any) -> dict[str, Any]:
    """The short object (Akinon OMS: packages, models) with the number of items."""
    return {
        "id": package.pk,
        "number": package.number,
        "state": str(package.state),
        "order_id": package.order_id,
        "order_number": package.order_number,
        "stock_location_erp_code": package.erp_code,
        "packageitem_count": package.item_count,
        "sequence": package.sequence,
        "created_date": clock.iso(package.created_at),
        "modified_date": clock.iso(package.modified_at),
    }


def _reference(package: Package) -> dict[str, Any]:
    return {"id": package.pk, "number": package.number, "order": {"id": package.order_id}}


def item_json(item: PackageItem) -> dict[str, Any]:
    """One package item (Akinon OMS: package-items)."""
    return {
        "id": item.pk,
        "package": {**_reference(item.package), "order_number": item.package.order_number},
        "order_item": {
            "id": item.order_item_id,
            "omnitron_id": item.order_item.upstream_id,
            "product": {
                "sku": item.product.sku,
                "barcode": item.product.barcode,
                "name": item.product.name,
            },
        },
        "state": state_json("PackageStatus", item.state),
        "quantity": quantity(item.quantity),
        "cancelled_quantity": quantity(item.cancelled_quantity),
        "unit_weight": None if item.unit_weight is None else str(item.unit_weight),
        "extra_data": extra_data(
            item.extra_data, item.order_item.sku if item.product_id != item.order_item.product_id else None
        ),
        "created_date": clock.iso(item.created_at),
        "modified_date": clock.iso(item.modified_at),
    }


Title = Annotated[str, Field(min_length=1, max_length=255, pattern=r"\S")]


class DenialReasonIn(rest.Body):
    title: Title
    remote_id: Annotated[str, Field(max_length=100)] | None = None
    priority: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    is_active: bool = True


class DenialReasonPatch(rest.Body):
    title: Title = ""
    remote_id: Annotated[str, Field(max_length=100)] | None = None
    priority: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    is_active: bool = True


def denial_reason_json(reason: PackageDenialReason) -> dict[str, Any]:
    """One denial reason."""
    return {
        "id": reason.pk,
        "title": reason.title,
        "remote_id": reason.remote_id,
        "priority": reason.priority,
        "is_active": reason.is_active,
        "created_date": clock.iso(reason.created_at),
        "modified_date": clock.iso(reason.modified_at),
    }
