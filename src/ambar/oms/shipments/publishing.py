"""Sending a parcel as it stands now to one hook, because a person asks for it."""

from __future__ import annotations

from django.db import connection, transaction

from ambar.kit import clock
from ambar.oms.shipments.store import record_events


def publish(shipment_id: int, type_: str, hook_id: int) -> bool:
    """Record an event of a parcel as it stands now for one hook; False when there is no such parcel."""
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_shipments_shipment SET sequence = sequence + 1 WHERE id = %s RETURNING id",
            [shipment_id],
        )
        found = cursor.fetchone() is not None
        if found:
            record_events({shipment_id: type_}, now=now, hook_id=hook_id)
    return found
