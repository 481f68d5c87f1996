"""Parcels that nobody waits for any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from ambar.oms.shipments import store

_ALONE = """
SELECT DISTINCT mine.shipment_id FROM oms_shipments_shipmentpackage mine
 WHERE mine.package_id = ANY(%s)
   AND NOT EXISTS (
     SELECT 1 FROM oms_shipments_shipmentpackage other JOIN oms_packages_package p ON p.id = other.package_id
      WHERE other.shipment_id = mine.shipment_id AND p.state <> 900)
 ORDER BY 1"""


def withdraw(package_ids: Sequence[int], *, now: datetime) -> None:
    """The parcels of cancelled packages are Deleted, but for those that carry packages which live on."""
    if not package_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [list(package_ids)])
        alone = [row[0] for row in cursor.fetchall()]
    store.withdraw(alone, now=now)
