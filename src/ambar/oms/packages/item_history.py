"""What befell an order item on its way through packages: who refused it and why, where it was not found.

The log of every package that held the item tells it; a refused or replaced package stays on record (`lineage`).
Akinon OMS: package items, detail.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection

from ambar.kit import clock
from ambar.kit.money import quantity

_TOLD = """
SELECT p.id, p.number, i.id, i.quantity, (l.attributes -> 'denial_reason')::text, l.attributes ->> 'reason', l.created_at
  FROM oms_packages_packageitem mine
  JOIN oms_packages_packageitem i ON i.order_item_id = mine.order_item_id
  JOIN oms_packages_package p ON p.id = i.package_id AND (%(bounds)s::bigint[] IS NULL OR p.location_id = ANY(%(bounds)s))
  JOIN oms_states_transitionlog l ON l.kind = 'package' AND l.object_id = p.id
 WHERE mine.id = %(item)s
   AND (l.attributes -> 'denial_reason' IS NOT NULL OR l.attributes -> 'missing_items' @> to_jsonb(i.id))
 ORDER BY l.id"""


def of_item(item_id: int, *, location_ids: Sequence[int] | None = None) -> dict[str, Any]:
    """`denial_reasons` and `discrepancies` of the order item behind a package item, oldest first. One statement.

    `location_ids`: only what was told at these locations (a caller's own), None = all.
    """
    bounds = None if location_ids is None else list(location_ids)
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"item": item_id, "bounds": bounds})
        rows = cursor.fetchall()
    told: dict[str, Any] = {"denial_reasons": [], "discrepancies": []}
    for package_id, number, own_id, units, denied, reason, at in rows:
        where = {"package": {"id": package_id, "number": number}, "date": clock.iso(at)}
        if denied is not None:
            told["denial_reasons"].append({**orjson.loads(denied), **where})
        else:
            missing = {"package_item": own_id, "reason": reason, "quantity": quantity(units)}
            told["discrepancies"].append({**missing, **where})
    return told
