"""Akinon OMS: shipments."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.kit.text import is_digits
from ambar.oms.packages import registry
from ambar.oms.packages.models import Package
from ambar.oms.packages.queries import location_bounds, visible
from ambar.oms.shipments import papers, queries, schemas
from ambar.oms.shipments.actions.pass_on import appointment_dates as carriers_dates
from ambar.oms.shipments.actions.pass_on import easy_return
from ambar.oms.shipments.actions.retry import retry
from ambar.oms.shipments.carriers_api import router as carriers_router
from ambar.oms.shipments.columns import SHIPMENTS
from ambar.oms.shipments.models import (
    Shipment,
    ShipmentLabel,
    ShipmentPackage,
    ShipmentStatusEntry,
    ShipmentTransfer,
)
from ambar.oms.states.domain.codes import ShipmentStatus

router = rest.Router()
router.add_router("", carriers_router)
PAGES_AT_ONCE = 200


def _packages(column: str) -> Any:
    def narrow(queryset: Any, values: list[str]) -> Any:
        links = ShipmentPackage.objects.filter(**{f"{column}__in": values})
        return queryset.filter(id__in=links.values("shipment_id"))

    return narrow


def _transfers(column: str) -> Any:
    def narrow(queryset: Any, values: list[str]) -> Any:
        links = ShipmentTransfer.objects.filter(**{f"{column}__in": values})
        return queryset.filter(id__in=links.values("shipment_id"))

    return narrow


def _comparisons(name: str, column: str) -> dict[str, Any]:
    return {f"{name}__{op}": rest.datetime(f"{column}__{op}") for op in ("gt", "gte", "lt", "lte")}


_FILTERS = rest.Filters(
    {
        "state__enum_value": rest.choice_in("state", [str(code) for code in ShipmentStatus]),
        "cargo_company": rest.exact("cargo_company"),
        "awb_number": rest.exact("awb_number"),
        "query_number": rest.exact("query_number"),
        "talk": rest.choice_in("talk", ["to_ask", "known", "error", "ended"]),
        "carrier": rest.id_list("carrier_id__in"),
        "package": _packages("package_id"),
        "transfer": _transfers("transfer_id"),
        "transfer__number": _transfers("transfer__number"),
        "package__number": _packages("package__number"),
        "order__number": _packages("package__order_number"),
        "id__in": rest.id_list("id__in"),
        **_comparisons("created_date", "created_at"),
        **_comparisons("modified_date", "modified_at"),
    }
)


@router.get("/shipments/")
@rest.needs("shipments:read")
def list_shipments(request: HttpRequest) -> Any:
    """Parcels, newest first, each with how far the conversation with its carrier is (`carrier_talk`)."""

    return rest.page(
        request,
        queries.visible(request.principal),
        lambda rows: _records(rows, request),
        filters=_FILTERS,
        sort={"id": "id", "created_date": "created_at", "modified_date": "modified_at"},
        default_sort="-id",
        default_limit=20,
        cursor=True,
        columns=SHIPMENTS,
    )


@router.get("/shipments/{int:shipment_id}/")
@rest.needs("shipments:read")
def get_shipment(request: HttpRequest, shipment_id: int) -> Any:
    """One parcel, with how far the conversation with its carrier is (`carrier_talk`), and `commands`: what this caller may run
    now on all that it carries."""
    row = _visible(request, shipment_id)
    return {**_records([row], request)[0], "commands": _commands(request, row)}


def _commands(request: HttpRequest, row: Shipment) -> list[dict[str, Any]]:
    """The transitions that every package of the parcel offers; none when some of them are not this caller's."""
    carried = Package.objects.filter(pk__in=ShipmentPackage.objects.filter(shipment=row).values("package_id"))
    own = visible(request.principal).filter(pk__in=carried.values("pk"))
    states = {pk: (state, before) for pk, state, before in own.values_list("pk", "state", "previous_state")}
    if row.state == ShipmentStatus.DELETED or not states or len(states) < carried.count():
        return []
    first, *others = registry.commands_for(states, request.principal).values()
    shared = set.intersection(*({one["slug"] for one in offers} for offers in (first, *others)))
    return [one for one in first if one["slug"] in shared]


def _records(rows: list[Any], request: HttpRequest) -> list[dict[str, Any]]:
    bounds = location_bounds(request.principal)
    found = {
        record["id"]: record for record in queries.records([row.pk for row in rows], location_ids=bounds)
    }
    return [{**found[row.pk], "carrier_talk": _talk(row)} for row in rows]


def _talk(row: Shipment) -> dict[str, Any]:
    return {
        "state": row.talk or None,
        "problem": row.problem,
        "attempts": row.attempts,
        "carrier": row.carrier_id,
    }


def _visible(request: HttpRequest, shipment_id: int) -> Shipment:
    found = queries.visible(request.principal).filter(pk=shipment_id).first()
    if found is None:
        accounts.note_foreign(request.principal, Shipment.objects.all(), shipment_id)
        raise NotFound("Shipment not found.")
    return found


@router.get("/shipments/{int:shipment_id}/history/")
@rest.needs("shipments:read")
def get_history(request: HttpRequest, shipment_id: int) -> Any:
    """What the carrier told of the parcel, in its order of time; late entries are there with `applied` false."""
    row = _visible(request, shipment_id)
    entries = ShipmentStatusEntry.objects.filter(shipment=row)
    return rest.page(
        request, entries, schemas.entries, sort={"date": "at"}, default_sort="date", default_limit=100
    )


@router.get("/shipments/{int:shipment_id}/label/")
@rest.needs("shipments:read")
def get_label(request: HttpRequest, shipment_id: int) -> Any:
    """The label: the carrier's own, else ours; `?format=png` gives ours as an image, otherwise PDF."""
    _visible(request, shipment_id)
    wanted = request.GET.get("format", "pdf")
    if wanted not in ("pdf", "png"):
        raise Invalid(fields={"format": ["Known: pdf, png."]})
    kind = {"pdf": "application/pdf", "png": "image/png"}[wanted]
    kept = ShipmentLabel.objects.filter(shipment_id=shipment_id, content_type=kind).first()
    if kept is not None:
        return rest.Raw(200, bytes(kept.content), content_type=kind)
    record = queries.records([shipment_id], location_ids=location_bounds(request.principal))[0]
    return rest.Raw(200, papers.label(record, image=wanted == "png"), content_type=kind)


@router.post("/shipments/{int:shipment_id}/retry/")
@rest.needs("shipments:command")
def retry_shipment(request: HttpRequest, shipment_id: int) -> Any:
    """Ask the carrier again for a parcel that was given up: 204; 406 when there is nothing to ask for."""
    retry(_visible(request, shipment_id).pk, now=clock.now())
    return rest.Raw(204)


@router.post("/shipments/{int:shipment_id}/appointment-dates/")
@rest.needs("shipments:command")
def appointment_dates(request: HttpRequest, shipment_id: int, body: schemas.PassedOn) -> Any:
    """When the carrier could come, as the carrier answers (Akinon: search-appointment-dates); 406 when it does not."""
    return carriers_dates(_visible(request, shipment_id), body.model_extra or {})


@router.post("/shipments/{int:shipment_id}/easy-return/")
@rest.needs("shipments:command")
def ask_for_return(request: HttpRequest, shipment_id: int, body: schemas.PassedOn) -> Any:
    """Let the carrier fetch the goods back from the customer, as the carrier answers (Akinon: easy-return)."""
    return easy_return(_visible(request, shipment_id), "POST", body.model_extra)


@router.get("/shipments/{int:shipment_id}/easy-return/")
@rest.needs("shipments:read")
def get_return(request: HttpRequest, shipment_id: int) -> Any:
    """How the return stands, as the carrier answers."""
    return easy_return(_visible(request, shipment_id), "GET")


@router.delete("/shipments/{int:shipment_id}/easy-return/")
@rest.needs("shipments:command")
def withdraw_return(request: HttpRequest, shipment_id: int) -> Any:
    """Call the return off."""
    easy_return(_visible(request, shipment_id), "DELETE")
    return rest.Raw(204)


@router.get("/packages/{int:package_id}/packing-slip/")
@rest.needs("packages:read")
def packing_slip(request: HttpRequest, package_id: int) -> Any:
    """What is in the package and for whom, as PDF."""
    if not visible(request.principal).filter(pk=package_id).exists():
        accounts.note_foreign(request.principal, Package.objects.all(), package_id)
        raise NotFound("Package not found.")
    return rest.Raw(200, papers.packing_slips([package_id]), content_type="application/pdf")


@router.get("/packages/pick-list/")
@rest.needs("packages:read")
def pick_list(request: HttpRequest) -> Any:
    """What to fetch for up to 200 packages (`?packages=1,2`), a sheet per location, as PDF; foreign ones are left out."""
    parts = [part for text in request.GET.getlist("packages") for part in text.split(",") if part.strip()]
    known = [int(part) for part in parts if is_digits(part.strip()) and len(part) < 19]
    if not parts or len(known) != len(parts) or len(known) > PAGES_AT_ONCE:
        raise Invalid(fields={"packages": [f"Give up to {PAGES_AT_ONCE} package ids, separated by commas."]})
    found = list(visible(request.principal).filter(pk__in=known).order_by("pk").values_list("pk", flat=True))
    if not found:
        raise NotFound("Package not found.")
    return rest.Raw(200, papers.pick_list(found), content_type="application/pdf")
