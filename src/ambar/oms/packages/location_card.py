"""The `stock_location` of a package payload, kept per version of the location row.

Reading it joins six tables, whose planning alone would cost more than the rest of a command.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ambar.kit import clock
from ambar.oms.locations import queries
from ambar.oms.locations.models import StockLocation

Version = tuple[int, datetime]
KEPT = 20_000
_kept: dict[Version, dict[str, Any]] = {}


def cards(versions: Iterable[Version]) -> dict[int, dict[str, Any]]:
    """The wire form of each location, by id; `versions` are (id, modified at) as just read. Not to be changed."""
    found: dict[int, dict[str, Any]] = {}
    missing = set()
    for version in set(versions):
        card = _kept.get(version)
        if card is None:
            missing.add(version[0])
        else:
            found[version[0]] = card
    if missing:
        if len(_kept) > KEPT:
            _kept.clear()
        for row in queries.detailed(StockLocation.objects.filter(pk__in=missing)):
            found[row.pk] = _kept[row.pk, row.modified_at] = _card(row)
    return found


def _card(row: StockLocation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "erp_code": row.erp_code,
        "stock_location_type": row.stock_location_type,
        "priority": row.priority,
        "is_active": row.is_active,
        "conf": row.conf,
        "engine": row.engine_id,
        "email": row.email,
        "daytime_phone": row.daytime_phone,
        "evening_phone": row.evening_phone,
        "fax_number": row.fax_number,
        "address": queries.address(row),
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
    }
