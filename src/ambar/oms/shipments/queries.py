"""Reads of shipments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from ambar.kit import clock, prepared
from ambar.oms.packages import queries as packages
from ambar.oms.shipments.models import Shipment, ShipmentPackage, ShipmentTransfer
from ambar.oms.states.queries import state_json
from ambar.oms.transfers import queries as transfers

_SELECT = """
SELECT s.id, s.state, s.cargo_company, s.awb_number, s.query_number, s.tracking_numbers::text, s.tracking_url, s.label,
       s.shipped_at, s.delivered_at, s.sequence, s.created_at, s.modified_at, s.reference, links.list, moves.list
  FROM oms_shipments_shipment s
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(p.id, p.number, p.order_id, p.order_number, p.channel_id) ORDER BY p.id)::text AS list
      FROM oms_shipments_shipmentpackage l JOIN oms_packages_package p ON p.id = l.package_id
     WHERE l.shipment_id = s.id AND (%s::bigint[] IS NULL OR p.location_id = ANY(%s::bigint[]))) links
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(t.id, t.number, p.id, p.number, p.channel_id) ORDER BY t.id)::text AS list
      FROM oms_shipments_shipmenttransfer l JOIN oms_transfers_transfer t ON t.id = l.transfer_id
      JOIN oms_packages_package p ON p.id = t.package_id
     WHERE l.shipment_id = s.id AND (%s::bigint[] IS NULL OR t.source_id = ANY(%s::bigint[])
                                     OR t.destination_id = ANY(%s::bigint[]))) moves
 WHERE s.id = ANY((SELECT %s::bigint[])::bigint[]) ORDER BY s.id"""
"""The ids stand in a subquery, so that PostgreSQL plans this once and not anew for each length of the list."""


def records(
    shipment_ids: Sequence[int], *, location_ids: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Whole records in id order: REST object and event payload.

    `location_ids`: name only packages of these locations (a caller's own), and transfers from or to them; None = all.
    """
    return [record for record, _ in records_and_channels(shipment_ids, location_ids=location_ids)]


def records_and_channels(
    shipment_ids: Sequence[int], *, location_ids: Sequence[int] | None = None
) -> list[tuple[dict[str, Any], list[int]]]:
    """The same with the ids of the channels whose packages, or goods for them, each parcel carries."""
    bounds = None if location_ids is None else prepared.numbers(location_ids)
    found = []
    with prepared.cursor() as cursor:
        cursor.execute(_SELECT, [*[bounds] * 5, prepared.numbers(shipment_ids)])
        for row in cursor.fetchall():
            links, moves = orjson.loads(row[14] or "[]"), orjson.loads(row[15] or "[]")
            named = {
                "packages": [
                    {"id": p[0], "number": p[1], "order_id": p[2], "order_number": p[3]} for p in links
                ],
                "transfers": [
                    {"id": t[0], "number": t[1], "package": {"id": t[2], "number": t[3]}} for t in moves
                ],
            }
            channels = {p[4] for p in links} | {t[4] for t in moves}
            found.append(({**_parcel(row), **named}, sorted(channels)))
    return found


def _parcel(row: Sequence[Any]) -> dict[str, Any]:
    return {
        "id": row[0],
        "state": state_json("ShipmentStatus", row[1]),
        "cargo_company": row[2],
        "awb_number": row[3],
        "query_number": row[4],
        "carrier_reference": None if row[13] is None else str(row[13]),
        "tracking_numbers": orjson.loads(row[5]),
        "tracking_url": row[6],
        "label": row[7],
        "shipped_date": None if row[8] is None else clock.iso(row[8]),
        "delivered_date": None if row[9] is None else clock.iso(row[9]),
        "sequence": row[10],
        "created_date": clock.iso(row[11]),
        "modified_date": clock.iso(row[12]),
    }


_OF_PACKAGES = """
SELECT s.id, s.state, s.cargo_company, s.awb_number, s.query_number, s.tracking_numbers::text, s.tracking_url, s.label,
       s.shipped_at, s.delivered_at, s.sequence, s.created_at, s.modified_at, s.reference, l.package_id
  FROM oms_shipments_shipmentpackage l JOIN oms_shipments_shipment s ON s.id = l.shipment_id
 WHERE l.package_id = ANY((SELECT %s::bigint[])::bigint[]) ORDER BY s.id"""


def of_packages(package_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The newest parcel of each package, with the tracking numbers of all its parcels: `shipment` of a package."""
    result: dict[int, dict[str, Any]] = {}
    with prepared.cursor() as cursor:
        cursor.execute(_OF_PACKAGES, [prepared.numbers(package_ids)])
        for row in cursor.fetchall():
            parcel = _parcel(row)
            earlier = result.get(row[14], {}).get("tracking_numbers", [])
            parcel["tracking_numbers"] = list(dict.fromkeys([*earlier, *parcel["tracking_numbers"]]))
            result[row[14]] = parcel
    return result


_OF_TRANSFERS = _OF_PACKAGES.replace(
    "oms_shipments_shipmentpackage", "oms_shipments_shipmenttransfer"
).replace("package_id", "transfer_id")


def of_transfers(transfer_ids: Sequence[int]) -> dict[int, dict[str, Any] | None]:
    """The newest parcel of each transfer, None without one: `shipment` of a transfer."""
    found: dict[int, dict[str, Any] | None] = dict.fromkeys(transfer_ids)
    with prepared.cursor() as cursor:
        cursor.execute(_OF_TRANSFERS, [prepared.numbers(transfer_ids)])
        for row in cursor.fetchall():
            found[row[14]] = _parcel(row)
    return found


def visible(principal: Any) -> QuerySet[Shipment]:
    """Parcels this caller may see: all, or those carrying a package of its own locations, or a transfer from or to one."""
    rows = Shipment.objects.all()
    if packages.location_bounds(principal) is None:
        return rows
    own = packages.visible(principal).values("id")
    moved = transfers.visible(principal).values("id")
    return rows.filter(
        Q(id__in=ShipmentPackage.objects.filter(package_id__in=own).values("shipment_id"))
        | Q(id__in=ShipmentTransfer.objects.filter(transfer_id__in=moved).values("shipment_id"))
    )


def living_parcels(package_ids: Sequence[int]) -> set[int]:
    """Those of these packages that have a parcel which was not withdrawn."""
    links = ShipmentPackage.objects.filter(package_id__in=list(package_ids)).exclude(
        shipment__state="DELETED"
    )
    return set(links.values_list("package_id", flat=True))
