"""Akinon OMS: package services, package items, package denial reasons."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.packages import (
    columns,
    filters,
    item_history,
    lineage,
    pickup_codes,
    queries,
    registry,
    returned,
)
from ambar.oms.packages.actions.delete_denial_reason import delete_denial_reason
from ambar.oms.packages.actions.save_denial_reason import save_denial_reason
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.packages.schemas import (
    DenialReasonIn,
    DenialReasonPatch,
    denial_reason_json,
    item_json,
    short_json,
)
from ambar.oms.states.domain.codes import PackageStatus

router = rest.Router()

_SORT = {
    "id": "id",
    "number": "number",
    "created_date": "created_at",
    "modified_date": "modified_at",
    "order_id": "order_id",
}


@router.get("/packages/")
@rest.needs("packages:read")
def list_packages(request: HttpRequest) -> Any:
    """Packages as whole records, newest first; `format=csv` or `xlsx` gives all of them as a file."""
    return rest.page(
        request,
        queries.heads(request.principal),
        lambda rows: queries.full_records(rows, request.principal),
        filters=filters.PACKAGES,
        sort=_SORT,
        default_sort="-id",
        default_limit=20,
        cursor=True,
        columns=columns.FULL,
    )


@router.get("/packages/short/")
@rest.needs("packages:read")
def list_packages_short(request: HttpRequest) -> Any:
    """Packages in short, newest first; `format=csv` or `xlsx` gives all of them as a file."""
    return rest.page(
        request,
        queries.short(request.principal),
        lambda rows: [short_json(row) for row in rows],
        filters=filters.PACKAGES,
        sort=_SORT,
        default_sort="-id",
        default_limit=20,
        cursor=True,
        columns=columns.SHORT,
    )


@router.get("/packages/resolve/")
@rest.needs("packages:read")
def resolve_number(request: HttpRequest) -> Any:
    """The living packages behind a package number, in short: itself, or those that replaced it; none when cancelled for good."""
    if not request.GET.get("number"):
        raise Invalid(fields={"number": ["This field is required."]})
    return rest.page(
        request,
        queries.short(request.principal),
        lambda rows: [short_json(row) for row in rows],
        filters=rest.Filters({"number": partial(_living, request.principal)}),
        sort=("id",),
        default_sort="id",
        default_limit=20,
    )


def _living(principal: Any, rows: Any, values: list[str]) -> Any:
    ids = lineage.family(values[-1])
    if not ids:
        raise NotFound("Package not found.")
    found = rows.filter(pk__in=ids).exclude(state=PackageStatus.CANCELLED)
    if not queries.visible(principal).filter(pk=ids[0]).exists() and not found.exists():
        accounts.note_foreign(principal, Package.objects.all(), ids[0])
        raise NotFound("Package not found.")
    return found


@router.get("/packages/package-items/")
@rest.needs("packages:read")
def list_package_items(request: HttpRequest) -> Any:
    """Items of packages; `format=csv` or `xlsx` gives all of them as a file."""
    return rest.page(
        request,
        queries.visible_items(request.principal),
        lambda rows: [item_json(row) for row in rows],
        filters=filters.ITEMS,
        sort={"id": "id", "created_date": "created_at", "modified_date": "modified_at"},
        default_sort="-id",
        default_limit=20,
        cursor=True,
        columns=columns.ITEMS,
    )


@router.get("/packages/package-items/{int:item_id}/")
@rest.needs("packages:read")
def get_package_item(request: HttpRequest, item_id: int) -> Any:
    """One item with its `transfer_orders`, the `denial_reasons` it met and the `discrepancies` found on the way."""
    row = queries.visible_items(request.principal).filter(pk=item_id).first()
    if row is None:
        accounts.note_foreign(request.principal, PackageItem.objects.all(), item_id)
        raise NotFound("Package item not found.")
    return {
        **item_json(row),
        **returned.of_item(row),
        **item_history.of_item(item_id, location_ids=queries.location_bounds(request.principal)),
        **registry.details_of_item(item_id, request.principal),
    }


@router.get("/packages/package_denial_reason/")
@rest.needs("packages:read")
def list_denial_reasons(request: HttpRequest) -> Any:
    """Denial reasons."""
    return rest.page(
        request,
        queries.denial_reasons(),
        lambda rows: [denial_reason_json(row) for row in rows],
        filters=filters.DENIAL_REASONS,
        sort={
            "id": "id",
            "priority": "priority",
            "title": "title",
            "created_date": "created_at",
            "modified_date": "modified_at",
        },
        default_sort="id",
    )


@router.post("/packages/package_denial_reason/")
@rest.needs("packages:write")
def create_denial_reason(request: HttpRequest, body: DenialReasonIn) -> Any:
    """A new denial reason."""
    return rest.Raw(201, denial_reason_json(save_denial_reason(body.model_dump(), now=clock.now())))


@router.get("/packages/package_denial_reason/{int:reason_id}/")
@rest.needs("packages:read")
def get_denial_reason(request: HttpRequest, reason_id: int) -> Any:
    """One denial reason."""
    row = queries.denial_reasons().filter(pk=reason_id).first()
    if row is None:
        raise NotFound("Denial reason not found.")
    return denial_reason_json(row)


@router.patch("/packages/package_denial_reason/{int:reason_id}/")
@rest.needs("packages:write")
def patch_denial_reason(request: HttpRequest, reason_id: int, body: DenialReasonPatch) -> Any:
    """Change a denial reason."""
    values = body.model_dump(exclude_unset=True)
    return denial_reason_json(save_denial_reason(values, reason_id=reason_id, now=clock.now()))


@router.put("/packages/package_denial_reason/{int:reason_id}/")
@rest.needs("packages:write")
def put_denial_reason(request: HttpRequest, reason_id: int, body: DenialReasonIn) -> Any:
    """Write a denial reason anew; what is left out becomes its default."""
    return denial_reason_json(save_denial_reason(body.model_dump(), reason_id=reason_id, now=clock.now()))


@router.delete("/packages/package_denial_reason/{int:reason_id}/")
@rest.needs("packages:write")
def remove_denial_reason(request: HttpRequest, reason_id: int) -> Any:
    """Delete a denial reason: 204. Refusals that named it keep its title."""
    delete_denial_reason(reason_id)
    return rest.Raw(204)


@router.get("/packages/{int:package_id}/pickup-code/")
@rest.needs("packages:command")
def get_pickup_code(request: HttpRequest, package_id: int) -> Any:
    """`{"pickup_code"}` that the customer has to show, null when there is none; who asked is kept in the audit log."""
    row = queries.visible(request.principal).filter(pk=package_id).first()
    if row is None:
        accounts.note_foreign(request.principal, Package.objects.all(), package_id)
        raise NotFound("Package not found.")
    accounts.audit(request.principal, "package.pickup_code", "package", package_id)
    return {"pickup_code": pickup_codes.read([package_id]).get(package_id)}


@router.get("/packages/{int:package_id}/")
@rest.needs("packages:read")
def get_package(request: HttpRequest, package_id: int) -> Any:
    """The whole record with its `transfers` and `commands`: what this caller may run now, with the parameters' schema."""
    row = queries.visible(request.principal).filter(pk=package_id).first()
    if row is None:
        accounts.note_foreign(request.principal, Package.objects.all(), package_id)
        raise NotFound("Package not found.")
    return {
        **queries.full_records([row], request.principal)[0],
        **lineage.beside(package_id),
        **registry.details_of(package_id),
    }
