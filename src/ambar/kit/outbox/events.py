"""Recording events: one statement for hundreds of events and all their deliveries."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from opentelemetry.trace import get_current_span
from psycopg.types.numeric import Int8

from ambar.kit import prepared, work
from ambar.kit.outbox import registry
from ambar.kit.outbox.callers import Caller
from ambar.kit.rest.answers import dumps

WAKE = "deliveries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to one record.

    :param uuid: chosen by the caller; the same uuid recorded again is ignored.
    :param kind: kind of the record (the aggregate), `aggregate_id` its id.
    :param sequence: counts the events of this record, strictly increasing, given under the record's row lock; `None`
        has them counted here (by the clock, above the last one), under the same lock.
    :param scopes: what hooks may be narrowed to, as words: `channel:5`.
    :param payload: the whole record as the receiver sees it; moments, decimals and dates
        are written as everywhere on the wire; bytes are taken as finished JSON, `UNHEARD` as none.
    """

    uuid: UUID
    type: str
    kind: str
    aggregate_id: int
    sequence: int | None
    payload: Mapping[str, Any] | bytes
    scopes: str = ""


UNHEARD = b""
"""The payload of an event no active hook listened to when it was recorded: it is noted that it happened, and never sent."""

KNOWN = "its own change"
"""What the log says of an event that counts as delivered and was never sent: its receiver made the change, and was answered all of it."""

_RECORD = """
with stored as (
  insert into outbox_event (uuid, type, kind, aggregate_id, sequence, payload, scopes, trace, created_at)
  select t.uuid, t.type, t.kind, t.aggregate_id, coalesce(t.sequence, t.place + greatest(
           (extract(epoch from clock_timestamp()) * 1000000)::bigint,
           (select e.sequence from outbox_event e where e.kind = t.kind and e.aggregate_id = t.aggregate_id
             order by e.id desc limit 1))),
         t.payload, t.scopes, %s::text, %s::timestamptz
  from unnest(%b::uuid[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::text[], %b::text[]) with ordinality
    as t(uuid, type, kind, aggregate_id, sequence, payload, scopes, place)
  order by t.place
  on conflict (uuid) do nothing
  returning id, type, kind, aggregate_id, scopes, payload <> '' as told
)
insert into outbox_delivery (event_id, hook_id, kind, aggregate_id, state, attempts, attempt_limit, due_at,
                             last_status, last_error, delivered_at)
select s.id, h.id, s.kind, s.aggregate_id, case when known then 1 else 0 end, 0, %s::smallint, statement_timestamp(), 0,
       case when known then %s::text else '' end, case when known then statement_timestamp() end
from stored s join outbox_hook h on s.told and h.event_type = s.type and h.is_active
  and (h.scopes = '{}' or h.scopes && string_to_array(s.scopes, ' ')::varchar[])
  and (%b::bigint[] is null or h.id = any(%b::bigint[])),
lateral (select coalesce(h.user_id = %s::bigint and h.config ->> 'caller' = %s::text, false)) as k(known)
order by s.id, h.id
returning state
"""
"""Binary arrays (`%b`): a text array would have every quote of every payload escaped, and undone by the server."""

LARGEST = 400_000
"""Characters of payload in one statement: a connection keeps a buffer of the largest one it ever sent for as long as it lives."""

ATTEMPTS = 18
"""Tries before a delivery and the rest of its lane are parked, as the public hook library stops after."""


LISTENED = "exists (select from outbox_hook where is_active and event_type = any('{{{types}}}'))"
"""SQL for statements that answer it on the way: whether an active hook listens to any of the types."""


HEARD = """
(select string_agg(distinct event_type, ' ') from outbox_hook where is_active and event_type = any(%s::text[]))"""
"""SQL for statements that answer on the way which of some types an active hook listens to, in one text: what is recorded of
the others may go `UNHEARD`."""


def listened(*types: str) -> str:
    """:data:`LISTENED` of these types, to be put into a statement."""
    return LISTENED.format(types=",".join(types))


def wanted(*types: str) -> bool:
    """Whether an active hook listens to any of these types: asked before a payload is made that nobody else needs."""
    with prepared.cursor() as cursor:
        cursor.execute(f"select {listened(*types)}")
        return bool(cursor.fetchone()[0])


def record(
    events: Sequence[Event],
    *,
    now: datetime,
    hooks: Sequence[int] | None = None,
    caller: Caller | None = None,
) -> None:
    """Stores the events and one delivery per active hook of their type, in the caller's transaction.

    Nothing leaves before the commit; the delivery engine is woken by it. Inside of `together` they are stored at its end.

    :param hooks: only these of the active hooks get them, at once: to tell one receiver again what the others know.
    :param caller: who made the change and was answered all of it: for its hooks it is noted, not sent.
    :raises ValueError: an event type nobody registered, or a payload that is not JSON.
    """
    if not events:
        return
    for event in events:
        if not registry.is_known(event.type):
            raise ValueError(f"unregistered event type {event.type}")
    if hooks is not None or not _together.frames:
        _store(events, now, hooks, caller)
        return
    frame = _together.frames[-1]
    if frame.depth != _savepoints():
        raise RuntimeError(
            "events recorded under a savepoint need `outbox.together()` of their own inside of it"
        )
    frame.events.extend(((now, caller), event) for event in events)


@dataclass(slots=True)
class _Frame:
    """What is recorded in a block, `depth` savepoints below the transaction's start."""

    depth: int
    events: list[tuple[tuple[datetime, Caller | None], Event]] = field(default_factory=list)


class _Together(threading.local):
    def __init__(self) -> None:
        self.frames: list[_Frame] = []


_together = _Together()


def _savepoints() -> int:
    return sum(one is not None for one in connections[DEFAULT_DB_ALIAS].savepoint_ids)


@contextmanager
def together() -> Iterator[None]:
    """What is recorded inside, by this thread, is stored at the end in one statement, or in a few when it is much; nothing of it when the block fails.

    The block belongs inside of one transaction. Inside of another such block it hands what it has on to that one; where a
    savepoint may be rolled back alone, the events under it need a block of their own.
    """
    frames = _together.frames
    frames.append(_Frame(depth=_savepoints()))
    try:
        yield
    except BaseException:
        frames.pop()
        raise
    done = frames.pop()
    if frames:
        frames[-1].events.extend(done.events)
        return
    for (now, caller), group in groupby(done.events, key=lambda row: row[0]):
        _store([event for _, event in group], now, None, caller)


def _store(
    events: Sequence[Event], now: datetime, hooks: Sequence[int] | None, caller: Caller | None
) -> None:
    chosen = None if hooks is None else [Int8(hook_id) for hook_id in hooks]
    knowing = [None, None] if caller is None else [caller.user_id, caller.word]
    to_send, trace = False, _trace()
    with prepared.cursor() as cursor:
        for part in _parts(events):
            cursor.execute(_RECORD, [trace, now, *_columns(part), ATTEMPTS, KNOWN, chosen, chosen, *knowing])
            to_send = any(state == 0 for (state,) in cursor.fetchall()) or to_send
    if to_send:
        work.wake(WAKE)


def _trace() -> str:
    """The trace of the call that is being answered, which its events go on with (W3C, Trace Context); empty without one."""
    context = get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


def _parts(events: Sequence[Event]) -> Iterator[list[tuple[Event, str]]]:
    """The events with their payloads as text, in their order, in parts of about `LARGEST` characters."""
    part: list[tuple[Event, str]] = []
    size = 0
    for event in events:
        text = _json(event.payload)
        if part and size + len(text) > LARGEST:
            yield part
            part, size = [], 0
        part.append((event, text))
        size += len(text)
    if part:
        yield part


def _columns(part: Sequence[tuple[Event, str]]) -> list[list[Any]]:
    return [
        [event.uuid for event, _ in part],
        [event.type for event, _ in part],
        [event.kind for event, _ in part],
        [Int8(event.aggregate_id) for event, _ in part],
        [None if event.sequence is None else Int8(event.sequence) for event, _ in part],
        [text for _, text in part],
        [event.scopes for event, _ in part],
    ]


def _json(payload: Mapping[str, Any] | bytes) -> str:
    if isinstance(payload, bytes):
        return payload.decode()
    try:
        return dumps(payload).decode()
    except TypeError as error:
        raise ValueError(f"event payload is not JSON: {error}") from error
