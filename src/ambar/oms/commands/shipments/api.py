"""Akinon OMS: command services of shipments: a command on all that a parcel carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from ambar.kit import accounts, rest
from ambar.kit.refusals import Conflict, Invalid, NotFound
from ambar.oms.commands.calls import ask_bulk, run_all
from ambar.oms.commands.kinds import PACKAGES
from ambar.oms.commands.schemas import AnyCall, BulkCommandIn, Id
from ambar.oms.packages import queries as packages
from ambar.oms.shipments import queries
from ambar.oms.shipments.models import Shipment, ShipmentPackage

router = rest.Router()


class ShipmentCommandIn(AnyCall):
    """`transition` or `slug` of packages, optionally `shipment` (must be the one of the path), and the command's own parameters."""

    shipment: Id | None = None


class CarriesNoPackage(Conflict):
    """The parcel was withdrawn, or carries transfers only."""

    code = "shipment_without_packages"


def _carried(request: HttpRequest, shipment_id: int, body: ShipmentCommandIn) -> list[int]:
    """The packages of a parcel, all of them this caller's; a parcel that carries others too is not theirs to command."""
    if body.shipment is not None and body.shipment != shipment_id:
        raise Invalid(fields={"shipment": ["Differs from the shipment of the address."]})
    found = queries.visible(request.principal).filter(pk=shipment_id).first()  # type: ignore[attr-defined]
    ids = list(
        ShipmentPackage.objects.filter(shipment_id=shipment_id)
        .order_by("package_id")
        .values_list("package_id", flat=True)
    )
    own = packages.visible(request.principal).filter(pk__in=ids).count()  # type: ignore[attr-defined]
    if found is None or own < len(ids):
        accounts.note_foreign(request.principal, Shipment.objects.all(), shipment_id)  # type: ignore[attr-defined]
        raise NotFound("Shipment not found.")
    if not ids or found.state == "DELETED":
        raise CarriesNoPackage("This parcel carries no package; transfers are commanded one by one.")
    return ids


def _call(ids: Sequence[int], body: ShipmentCommandIn) -> BulkCommandIn:
    return BulkCommandIn.model_validate(
        {
            "transition": body.transition,
            "slug": body.slug,
            "parameters": body.model_extra or {},
            "packages": list(ids),
        }
    )


def _ask(request: HttpRequest, shipment_id: int, body: ShipmentCommandIn) -> None:
    call = _call(_carried(request, shipment_id, body), body)
    ask_bulk(request, PACKAGES, call.packages, call)


@router.post("/shipments/{int:shipment_id}/command/")
@rest.needs("packages:command")
@rest.idempotent(ahead=_ask)
def shipment_command(request: HttpRequest, shipment_id: int, body: ShipmentCommandIn) -> Any:
    """Run a transition of packages on all packages of one parcel, or on none: 204; 400 wrong state or field, 404 not found or
    not all yours, 406 rule conflict."""
    if not hasattr(request, "asked_ahead"):
        _ask(request, shipment_id, body)
    with transaction.atomic():
        call = _call(_carried(request, shipment_id, body), body)
        run_all(request, PACKAGES, call.packages, call)
    return rest.Raw(204, None)
