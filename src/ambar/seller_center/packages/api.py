"""`/api/v1/packages/`, and `/api/i2/packages/` for sellers' own software."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import rest
from ambar.kit.refusals import Conflict
from ambar.seller_center.packages import filters, lineage, queries
from ambar.seller_center.packages.models import Package
from ambar.seller_center.sellers.isolation import visible, visible_or_404

router = rest.Router()
i2_router = rest.Router()


@router.get("/packages/", tags=["packages"])
@rest.needs("packages:read")
def list_packages(request: HttpRequest) -> Any:
    """Packages; `list=all|preparing|shipped` are the three lists of the Packages page, `family=NUMBER` what became of a package."""
    return rest.page(
        request,
        visible(queries.packages(), request.principal),
        queries.packages_json,
        filters=filters.PACKAGES,
        sort=filters.SORT,
        cursor=True,
    )


@router.get("/packages/{int:package_id}/", tags=["packages"])
@rest.needs("packages:read")
def read_package(request: HttpRequest, package_id: int) -> Any:
    """One package with its history and the packages it came from and became; a retired default package is found too."""
    rows = Package.objects.select_related("order", "seller")
    row = visible_or_404(rows, request.principal, package_id)
    return {
        **queries.packages_json([row])[0],
        "is_retired": row.retired_at is not None,
        "history": queries.history_json(row.pk),
        **lineage.beside(row.pk),
    }


@router.post("/packages/{int:package_id}/actions/{action}/", tags=["packages"])
@rest.needs("packages:read")
def act_on_package(request: HttpRequest, package_id: int, action: str) -> Any:
    """A seller's own package action: refused with the reason while an OMS owns the packages (decision 13)."""
    row = visible_or_404(Package.objects.select_related("seller"), request.principal, package_id)
    if row.seller.oms_managed:
        raise Conflict(queries.OWNED_BY_OMS, code="package_owned_by_oms")
    raise Conflict("Package actions are not available here yet.", code="package_action_unavailable")


@i2_router.get("/packages/", tags=["sellers' software"])
@rest.needs("packages:read")
def pkg101(request: HttpRequest) -> Any:
    """PKG101: the seller's packages."""
    return rest.page(
        request,
        visible(queries.packages(), request.principal),
        queries.pkg101,
        filters=filters.PKG101,
        sort=filters.PKG101_SORT,
    )
