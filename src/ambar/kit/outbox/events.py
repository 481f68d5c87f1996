"""Recording events: one statement for any number of events and all their deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ambar.kit import work
from ambar.kit.outbox import registry
from ambar.kit.rest.answers import dumps

WAKE = "deliveries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to one record.

    :param uuid: chosen by the caller; the same uuid recorded again is ignored.
    :param kind: kind of the record (the aggregate), `aggregate_id` its id.
    :param sequence: counts the events of this record, strictly increasing, given under the record's row lock.
    :param payload: the whole record as the receiver sees it; moments, decimals and dates
        are written as everywhere on the wire; bytes are taken as finished JSON.
    """

    uuid: UUID
    type: str
    kind: str
    aggregate_id: int
    sequence: int
    payload: Mapping[str, Any] | bytes


_RECORD = """
with given as (
  select * from json_to_recordset(%s::json)
    as t(place int, uuid uuid, type text, kind text, aggregate_id bigint, sequence bigint, payload text)
), stored as (
  insert into outbox_event (uuid, type, kind, aggregate_id, sequence, payload, created_at)
  select uuid, type, kind, aggregate_id, sequence, payload, %s from given order by place
  on conflict (uuid) do nothing
  returning id, type, kind, aggregate_id
)
insert into outbox_delivery (event_id, hook_id, kind, aggregate_id, state, attempts, attempt_limit, due_at,
                             last_status, last_error)
select s.id, h.id, s.kind, s.aggregate_id, 0, 0, %s, statement_timestamp(), 0, ''
from stored s join outbox_hook h on h.event_type = s.type and h.is_active
order by s.id, h.id
"""

ATTEMPTS = 18
"""Tries before a delivery and the rest of its lane are parked, as the public hook library stops after."""


def record(events: Sequence[Event], *, now: datetime) -> None:
    """Stores the events and one delivery per active hook of their type, in the caller's transaction.

    Nothing leaves before the commit; the delivery engine is woken by it.

    :raises ValueError: an event type nobody registered, or a payload that is not JSON.
    """
    if not events:
        return
    for event in events:
        if not registry.is_known(event.type):
            raise ValueError(f"unregistered event type {event.type}")
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [_rows(events), now, ATTEMPTS])
        made = cursor.rowcount
    if made:
        work.wake(WAKE)


def _rows(events: Sequence[Event]) -> str:
    # One JSON text instead of arrays: the driver quotes arrays of long texts letter by letter.
    rows = [
        {
            "place": place,
            "uuid": event.uuid.hex,
            "type": event.type,
            "kind": event.kind,
            "aggregate_id": event.aggregate_id,
            "sequence": event.sequence,
            "payload": _json(event.payload),
        }
        for place, event in enumerate(events)
    ]
    return dumps(rows).decode()


def _json(payload: Mapping[str, Any] | bytes) -> str:
    if isinstance(payload, bytes):
        return payload.decode()
    try:
        return dumps(payload).decode()
    except TypeError as error:
        raise ValueError(f"event payload is not JSON: {error}") from error
