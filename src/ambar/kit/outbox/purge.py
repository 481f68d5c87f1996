"""Removing what is done and old, in small transactions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

BATCH = 5000

_DELIVERED = """
with old as (
  select id, event_id from outbox_delivery
  where state in (1, 3) and delivered_at < %s order by delivered_at limit %s for update skip locked
), tries as (
  delete from outbox_attempt a using old where a.delivery_id = old.id
)
delete from outbox_delivery d using old where d.id = old.id
"""

_EVENTS = """
delete from outbox_event e where e.id in (
  select o.id from outbox_event o
  where o.created_at < %s and not exists (select from outbox_delivery d where d.event_id = o.id)
  order by o.id limit %s
)
"""

_APPLIED = """
delete from outbox_inbox where id in (
  select id from outbox_inbox where state = 1 and applied_at < %s order by applied_at limit %s
)
"""


_REPLAYS = """
delete from outbox_replay where id in (
  select id from outbox_replay where state <> 'running' and modified_at < %s order by id limit %s
)
"""


def purge(*, now: datetime, keep_days: int) -> dict[str, int]:
    """Deletes delivered deliveries with their attempts, events nobody waits for, and applied inbox rows.

    Rows that are pending or parked stay, however old. Positions stay, so that a very late repeat is still late.

    :returns: how many rows went, by table.
    """
    before = now - timedelta(days=keep_days)
    return {
        "deliveries": _all(_DELIVERED, before),
        "events": _all(_EVENTS, before),
        "inbox": _all(_APPLIED, before),
        "replays": _all(_REPLAYS, before),
    }


def _all(statement: str, before: datetime) -> int:
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [before, BATCH])
            gone = int(cursor.rowcount)
        total += gone
        if gone < BATCH:
            return total
