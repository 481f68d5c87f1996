"""Events of stock locations, each with the whole record, in the transaction that changed them.

The address is that of the public stock location example: places with their `pk`, `title`, `mapping`, `notes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit import clock, ids, outbox
from ambar.oms.locations import queries
from ambar.oms.locations.domain import events
from ambar.oms.locations.models import StockLocation
from ambar.oms.locations.schemas import stocklocations

UNTOLD = ("quota", "available_quota", "modified_date")
"""What changes by itself: a location of which only this differs has not been changed."""


def payloads(location_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The whole record of each location, by id."""
    rows = queries.detailed(StockLocation.objects.filter(pk__in=set(location_ids))).order_by("id")
    return {
        row.pk: {**shown, "address": queries.address(row)}
        for row, shown in zip(rows, stocklocations(rows), strict=True)
    }


def announce(
    type_: str, records: Iterable[Mapping[str, Any]], *, now: datetime, hook_id: int | None = None
) -> None:
    """Record one event per location, counted by the clock; the caller holds their rows."""
    outbox.record(
        [
            outbox.Event(
                uuid=ids.uuid7(now), type=type_, kind=events.KIND, aggregate_id=record["id"], sequence=None,
                payload=record,
            )
            for record in records
        ],
        now=now,
        hooks=None if hook_id is None else [hook_id],
    )  # fmt: skip


def changed(before: Mapping[int, Mapping[str, Any]], after: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Ids of locations that differ in anything but what changes by itself."""
    return [
        location_id
        for location_id, record in after.items()
        if location_id in before
        and any(record[key] != before[location_id].get(key) for key in record if key not in UNTOLD)
    ]


def publish(location_id: int, type_: str, hook_id: int) -> bool:
    """Record an event of a location as it stands now for one hook; False when there is no such location."""
    with transaction.atomic():
        found = StockLocation.objects.select_for_update(no_key=True).filter(pk=location_id).exists()
        if found:
            announce(type_, payloads([location_id]).values(), now=clock.now(), hook_id=hook_id)
    return found
