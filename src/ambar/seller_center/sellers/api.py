"""`/api/v1/sellers/`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.seller_center.sellers import queries
from ambar.seller_center.sellers.actions.change_seller import ChangeSeller, change_seller
from ambar.seller_center.sellers.actions.create_seller import CreateSeller, create_seller
from ambar.seller_center.sellers.actions.create_user import create_user
from ambar.seller_center.sellers.actions.issue_oms_token import issue_oms_token
from ambar.seller_center.sellers.isolation import visible, visible_or_404
from ambar.seller_center.sellers.models import Seller
from ambar.seller_center.sellers.schemas import SellerIn, SellerPatch, SellerUserIn, TokenIn

router = rest.Router()

FILTERS = rest.Filters(
    {
        "supplier_code": rest.exact("supplier_code"),
        "state": rest.choice_in("state"),
        "oms_managed": rest.boolean("oms_managed"),
        "name__icontains": rest.contains("name"),
        "id__in": rest.id_list("id__in"),
    }
)


@router.get("/sellers/", tags=["sellers"])
@rest.needs("sellers:read")
def list_sellers(request: HttpRequest) -> Any:
    """Sellers; a seller sees itself only."""
    return rest.page(
        request,
        visible(Seller.objects.all(), request.principal, column="pk"),
        lambda rows: [queries.seller_json(row) for row in rows],
        filters=FILTERS,
        sort=("id", "name", "supplier_code", "modified_at"),
    )


@router.post("/sellers/", tags=["sellers"])
@rest.needs("sellers:write")
def post_seller(request: HttpRequest, body: SellerIn) -> Any:
    """A new seller."""
    row = create_seller(CreateSeller(**body.model_dump()), now=clock.now())
    accounts.audit(request.principal, "create_seller", "seller", row.pk, {"supplier_code": row.supplier_code})
    return rest.Raw(201, queries.seller_json(row))


@router.get("/sellers/{int:seller_id}/", tags=["sellers"])
@rest.needs("sellers:read")
def read_seller(request: HttpRequest, seller_id: int) -> Any:
    """One seller."""
    return queries.seller_json(
        visible_or_404(Seller.objects.all(), request.principal, seller_id, column="pk")
    )


@router.patch("/sellers/{int:seller_id}/", tags=["sellers"])
@rest.needs("sellers:write")
def patch_seller(request: HttpRequest, seller_id: int, body: SellerPatch) -> Any:
    """Change a seller; keys left out stay."""
    visible_or_404(Seller.objects.all(), request.principal, seller_id, column="pk")
    changes = body.model_dump(exclude_unset=True)
    row = change_seller(ChangeSeller(seller_id=seller_id, **changes), now=clock.now())
    accounts.audit(request.principal, "change_seller", "seller", seller_id, {"keys": sorted(changes)})
    return queries.seller_json(row)


@router.post("/sellers/{int:seller_id}/oms_token/", tags=["sellers"])
@rest.needs("sellers:write")
def post_oms_token(request: HttpRequest, seller_id: int, body: TokenIn) -> Any:
    """A token for the seller's OMS: answered in clear once, never again."""
    visible_or_404(Seller.objects.all(), request.principal, seller_id, column="pk")
    token = issue_oms_token(seller_id, name=body.name, now=clock.now())
    accounts.audit(request.principal, "issue_oms_token", "seller", seller_id, {"name": body.name})
    return rest.Raw(201, {"token": token})


@router.post("/sellers/{int:seller_id}/users/", tags=["sellers"])
@rest.needs("sellers:write")
def post_user(request: HttpRequest, seller_id: int, body: SellerUserIn) -> Any:
    """A person of the seller who may sign in."""
    visible_or_404(Seller.objects.all(), request.principal, seller_id, column="pk")
    user = create_user(seller_id, username=body.username, password=body.password)
    accounts.audit(request.principal, "create_seller_user", "seller", seller_id, {"username": body.username})
    return rest.Raw(201, {"id": user.pk, "username": user.username, "seller": seller_id})
