"""Akinon OMS: shipments."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, rest
from ambar.kit.refusals import NotFound
from ambar.oms.packages.queries import location_bounds
from ambar.oms.shipments import queries
from ambar.oms.shipments.models import Shipment, ShipmentPackage
from ambar.oms.states.domain.codes import ShipmentStatus

router = rest.Router()


def _packages(column: str) -> Any:
    def narrow(queryset: Any, values: list[str]) -> Any:
        links = ShipmentPackage.objects.filter(**{f"{column}__in": values})
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
    """Parcels, newest first."""

    def serialize(rows: list[Any]) -> list[dict[str, Any]]:
        bounds = location_bounds(request.principal)
        records = queries.records([row.pk for row in rows], location_ids=bounds)
        found = {record["id"]: record for record in records}
        return [found[row.pk] for row in rows]

    return rest.page(
        request,
        queries.visible(request.principal),
        serialize,
        filters=_FILTERS,
        sort={"id": "id", "created_date": "created_at", "modified_date": "modified_at"},
        default_sort="-id",
        default_limit=20,
        cursor=True,
    )


@router.get("/shipments/{int:shipment_id}/")
@rest.needs("shipments:read")
def get_shipment(request: HttpRequest, shipment_id: int) -> Any:
    """One parcel."""
    if not queries.visible(request.principal).filter(pk=shipment_id).exists():
        accounts.note_foreign(request.principal, Shipment.objects.all(), shipment_id)
        raise NotFound("Shipment not found.")
    return queries.records([shipment_id], location_ids=location_bounds(request.principal))[0]
