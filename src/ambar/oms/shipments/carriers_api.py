"""Carriers, and the addresses they know our locations by (Akinon OMS: stock location sender address services)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import NotFound
from ambar.oms.packages.queries import location_bounds
from ambar.oms.shipments import schemas
from ambar.oms.shipments.actions import save_sender as sending
from ambar.oms.shipments.actions.generate_sender import generate_sender
from ambar.oms.shipments.actions.remove_carrier import remove_carrier as forget
from ambar.oms.shipments.actions.save_carrier import save_carrier
from ambar.oms.shipments.models import Carrier, SenderAddress

router = rest.Router()
CARRIERS = rest.Filters({"code": rest.exact("code"), "is_active": rest.boolean("is_active")})
SENDERS = rest.Filters(
    {
        "stock_location": rest.id_list("location_id__in"),
        "stock_location__erp_code": rest.exact("location__erp_code"),
        "carrier": rest.id_list("carrier_id__in"),
        "origin_id": rest.exact("origin_id"),
        "remote_id": rest.exact("remote_id"),
    }
)


def _unbound(request: HttpRequest) -> None:
    if location_bounds(request.principal) is not None:
        raise NotFound("Not found.")


def _carrier(carrier_id: int) -> Carrier:
    found = Carrier.objects.filter(pk=carrier_id).first()
    if found is None:
        raise NotFound("Not found.")
    return found


@router.get("/carriers/")
@rest.needs("settings:write")
def list_carriers(request: HttpRequest) -> Any:
    """Connected carriers; passwords are masked."""
    _unbound(request)
    return rest.page(request, Carrier.objects.all(), schemas.carriers, filters=CARRIERS)


@router.post("/carriers/")
@rest.needs("settings:write")
def connect_carrier(request: HttpRequest, body: schemas.CarrierBody) -> Any:
    """Connect a carrier. Its address must be public or allowed by the installation."""
    _unbound(request)
    made = save_carrier(body.model_dump(), now=clock.now())
    accounts.audit(request.principal, "carrier.created", "carrier", made.pk, {"code": made.code})
    return rest.Raw(201, schemas.carriers([made])[0])


@router.get("/carriers/{int:carrier_id}/")
@rest.needs("settings:write")
def read_carrier(request: HttpRequest, carrier_id: int) -> Any:
    """One carrier."""
    _unbound(request)
    return schemas.carriers([_carrier(carrier_id)])[0]


@router.patch("/carriers/{int:carrier_id}/")
@rest.needs("settings:write")
def change_carrier(request: HttpRequest, carrier_id: int, body: schemas.CarrierPatch) -> Any:
    """Change a carrier. A masked password keeps the stored one unless the address changes."""
    _unbound(request)
    given = body.model_dump(exclude_unset=True)
    changed = save_carrier(given, carrier_id=_carrier(carrier_id).pk, now=clock.now())
    accounts.audit(request.principal, "carrier.changed", "carrier", carrier_id, {"fields": sorted(given)})
    return schemas.carriers([changed])[0]


@router.delete("/carriers/{int:carrier_id}/")
@rest.needs("settings:write")
def remove_carrier(request: HttpRequest, carrier_id: int) -> Any:
    """Forget a carrier; refused (406) when parcels or sender addresses name it."""
    _unbound(request)
    found = forget(carrier_id)
    accounts.audit(request.principal, "carrier.deleted", "carrier", carrier_id, {"code": found.code})
    return rest.Raw(204)


@router.get("/stocklocations-senderaddress/")
@rest.needs("locations:read")
def list_senders(request: HttpRequest) -> Any:
    """Sender addresses; a location operator sees those of the own locations."""
    rows = SenderAddress.objects.all()
    bounds = location_bounds(request.principal)
    rows = rows if bounds is None else rows.filter(location_id__in=bounds)
    return rest.page(request, rows, schemas.senders, filters=SENDERS, sort={"id": "id"})


@router.post("/stocklocations-senderaddress/")
@rest.needs("locations:write")
def create_sender(request: HttpRequest, body: schemas.SenderBody) -> Any:
    """Tell by which id a carrier knows a location."""
    _unbound(request)
    made = sending.create_sender(body.model_dump(), now=clock.now())
    accounts.audit(request.principal, "sender_address.created", "sender_address", made.pk, {})
    return rest.Raw(201, schemas.senders([made])[0])


@router.post("/stocklocations-senderaddress/generate/")
@rest.needs("locations:write")
def generate_sender_address(request: HttpRequest, body: schemas.SenderWanted) -> Any:
    """Make a location known to a carrier (Akinon: generate-address) and keep the id it answers; 406 when it does not."""
    _unbound(request)
    made = generate_sender(body.stock_location, body.carrier, now=clock.now())
    accounts.audit(request.principal, "sender_address.generated", "sender_address", made.pk, {})
    return schemas.senders([made])[0]


def _sender(request: HttpRequest, sender_address_id: int) -> SenderAddress:
    _unbound(request)
    found = SenderAddress.objects.filter(pk=sender_address_id).first()
    if found is None:
        raise NotFound("Not found.")
    return found


@router.get("/stocklocations-senderaddress/{int:sender_address_id}/")
@rest.needs("locations:write")
def read_sender(request: HttpRequest, sender_address_id: int) -> Any:
    """One sender address."""
    return schemas.senders([_sender(request, sender_address_id)])[0]


@router.patch("/stocklocations-senderaddress/{int:sender_address_id}/")
@rest.needs("locations:write")
def change_sender(request: HttpRequest, sender_address_id: int, body: schemas.SenderPatch) -> Any:
    """Change a sender address; parcels asked for from now on name it."""
    _unbound(request)
    given = body.model_dump(exclude_unset=True)
    found = sending.change_sender(sender_address_id, given, now=clock.now())
    accounts.audit(
        request.principal, "sender_address.changed", "sender_address", found.pk, {"fields": sorted(given)}
    )
    return schemas.senders([found])[0]


@router.delete("/stocklocations-senderaddress/{int:sender_address_id}/")
@rest.needs("locations:write")
def remove_sender(request: HttpRequest, sender_address_id: int) -> Any:
    """Forget a sender address."""
    found = _sender(request, sender_address_id)
    found.delete()
    accounts.audit(request.principal, "sender_address.deleted", "sender_address", sender_address_id, {})
    return rest.Raw(204)
