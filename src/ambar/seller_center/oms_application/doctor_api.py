"""`doctor/`: what a seller's OMS needs to examine the integration, and rehearsals that leave nothing behind.

An addition of ours to the public wire: an OMS that does not know it works without, and so does ours against a Seller
Center that does not answer it. Source: `docs/decisions/0046-the-doctor.md`.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from pydantic import Field

from ambar.kit import clock, rest
from ambar.kit.refusals import Conflict, Invalid
from ambar.seller_center.oms_application import facts
from ambar.seller_center.oms_application.actions.offer_synthetic_order import offer_synthetic_order
from ambar.seller_center.places import digests
from ambar.seller_center.sellers.isolation import seller_of

router = rest.Router(tags=["oms application"])


class SyntheticOrder(rest.Body):
    """What the made-up order asks for: one unit of this SKU."""

    sku: str = Field(min_length=1, max_length=128, pattern=r"^[^\x00]*$")


class NothingOffered(Conflict):
    """The marketplace gives no orders of this seller out."""

    code = "doctor_100_1"


def _seller(request: HttpRequest) -> int:
    seller_id = seller_of(request.principal)
    if seller_id is None:
        raise Invalid(fields={"non_field_errors": ["This token belongs to no seller."]})
    return seller_id


@router.get("/doctor/")
@rest.needs("oms:read")
def read_facts(request: HttpRequest) -> Any:
    """Whose token this is, the time here, whether signatures are checked, the static channel, the carriers in use."""
    return facts.of_seller(_seller(request), now=clock.now())


@router.get("/doctor/places/")
@rest.needs("oms:read")
def read_place_digests(request: HttpRequest) -> Any:
    """Digests of countries, cities, townships and districts, per bucket of 500 ids."""
    return digests.of_every_level()


@router.post("/doctor/order/")
@rest.needs("oms:write")
def make_synthetic_order(request: HttpRequest, body: SyntheticOrder) -> Any:
    """An order as `orders/` would list it, made up and rolled back: nothing of it stays. 406 when none is given out."""
    made = offer_synthetic_order(_seller(request), sku=body.sku, now=clock.now())
    if made is None:
        raise NothingOffered()
    return {"order": made}
