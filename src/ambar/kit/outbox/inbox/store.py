"""Keeping received events: one statement, one row per (source, uuid)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from psycopg.types.numeric import Int8

from ambar.kit import failpoints, prepared
from ambar.kit.outbox.domain.envelope import Envelope
from ambar.kit.outbox.inbox import wakes
from ambar.kit.outbox.inbox.drain import loops_for

_STORE = """
insert into outbox_inbox (source, uuid, type, aggregate, sequence, payload, state, late, attempts, reason,
                          due_at, received_at)
select %s, t.uuid, t.type, t.aggregate, t.sequence, t.body, 0, false, 0, '', %s::timestamptz, %s::timestamptz
from unnest(%b::uuid[], %b::text[], %b::text[], %b::bigint[], %b::text[]) with ordinality
  as t(uuid, type, aggregate, sequence, body, place)
order by t.place
on conflict (source, uuid) do nothing
returning uuid
"""


def store(
    source: str, envelopes: Envelope | Sequence[Envelope], *, now: datetime, wake: Sequence[str] = ()
) -> set[UUID]:
    """Stores the events that are new for this source and answers their uuids; a repeat is not new.

    :param source: who sent them, e.g. `oms:ambar-01`; part of the identity of an event.
    :param wake: names of the inbox loops to wake at commit, besides those that :func:`loop` registered.
    """
    given = [envelopes] if isinstance(envelopes, Envelope) else list(envelopes)
    if not given:
        return set()
    with prepared.cursor() as cursor:
        cursor.execute(_STORE, [source, now, now, *_columns(given)])
        new = {row[0] for row in cursor.fetchall()}
    failpoints.reach("inbox_after_store")
    if new:
        names = {*wake, *loops_for(one.type for one in given if one.uuid in new)}
        transaction.on_commit(partial(wakes.soon, names))
    return new


_STORE_ONE = """
with stored as (
  insert into outbox_inbox (source, uuid, type, aggregate, sequence, payload, state, late, attempts, reason,
                            due_at, received_at)
  values (%s, %s::uuid, %s, %s, %s::bigint, %s, 0, false, 0, '', %s::timestamptz, %s::timestamptz)
  on conflict (source, uuid) do nothing
  returning 1
)
select exists (select from stored), beside.* from (values (1)) as one left join ({beside}) as beside on true
"""


def store_one(
    source: str, envelope: Envelope, *, beside: str, parameters: Sequence[Any], now: datetime
) -> tuple[bool, tuple[Any, ...]]:
    """Like :func:`store` for one event, with the one row of a query asked in the same round trip.

    :param beside: SQL of at most one row; it sees what was there before the event.
    :returns: whether the event is new, and that row (all `None` when there was none).
    """
    values = [
        source,
        envelope.uuid,
        envelope.type,
        envelope.aggregate,
        envelope.sequence,
        _body(envelope),
        now,
        now,
    ]
    with prepared.cursor() as cursor:
        cursor.execute(_STORE_ONE.format(beside=beside), [*values, *parameters])
        new, *row = cursor.fetchone()
    failpoints.reach("inbox_after_store")
    if new:
        transaction.on_commit(partial(wakes.soon, loops_for([envelope.type])))
    return new, tuple(row)


def _columns(given: Sequence[Envelope]) -> list[list[Any]]:
    return [
        [one.uuid for one in given],
        [one.type for one in given],
        [one.aggregate for one in given],
        [None if one.sequence is None else Int8(one.sequence) for one in given],
        [_body(one) for one in given],
    ]


def _body(one: Envelope) -> str:
    return one.raw.decode("utf-8-sig")
