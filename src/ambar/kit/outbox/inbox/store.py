"""Keeping received events: one statement, one row per (source, uuid)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction

from ambar.kit import failpoints, prepared
from ambar.kit.gathering import Gathering, Left
from ambar.kit.outbox.domain.envelope import Envelope
from ambar.kit.outbox.inbox import reading, wakes
from ambar.kit.outbox.inbox.drain import loops_for

_STORE = """
insert into outbox_inbox (source, uuid, type, aggregate, sequence, payload, state, late, attempts, reason,
                          due_at, received_at)
select %s, t.uuid, t.type, t.aggregate, t.sequence, t.body, 0, false, 0, '', %s::timestamptz, %s::timestamptz
from unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[], %b::text[]) with ordinality
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


_KEEP = """
with given as (
  select * from unnest(%s::text[], %s::uuid[], %s::text[], %s::text[], %s::bigint[], %b::text[], %s::bigint[], %s::text[])
    with ordinality as g(source, uuid, type, aggregate, sequence, body, record_id, record_name, place)
), stored as (
  insert into outbox_inbox (source, uuid, type, aggregate, sequence, payload, state, late, attempts, reason,
                            due_at, received_at)
  select source, uuid, type, aggregate, sequence, body, 0, false, 0, '', %s::timestamptz, %s::timestamptz
  from given order by place
  on conflict (source, uuid) do nothing
  returning source, uuid
)
select stored.uuid is not null, beside.*
from given left join stored on stored.source = given.source and stored.uuid = given.uuid
left join lateral ({beside}) as beside on true
order by given.place
"""
NOTHING_BESIDE = "select null"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    source: str
    envelope: Envelope
    record: tuple[int, str]
    now: datetime


_Kept = tuple[bool, tuple[Any, ...]]


def store_one(source: str, envelope: Envelope, *, now: datetime) -> _Kept:
    """Like :func:`store` for one event: whether it is new, and an empty row.

    Requests that come at the same time are stored together, in one statement and one wait for the disk; outside of a
    transaction of the caller, whose event is stored alone in it.
    """
    left = keeping(source, envelope, now=now)
    return _keep(left.group, [left.call])[0] if connection.in_atomic_block else left.asked()


def keeping(
    source: str,
    envelope: Envelope,
    *,
    now: datetime,
    beside: str = NOTHING_BESIDE,
    record: tuple[int, str] = (0, ""),
    read: Any = None,
) -> Left[str, _Call, _Kept, _Kept]:
    """What a receiver leaves to do that has read an event: :func:`store_one`, for all events of a bundle at once.

    :param beside: SQL of at most one row about `given.record_id` and `given.record_name`, asked in the same round trip; it sees
        what was there before, and is kept beside whether the event is new (all `None` when there was none).
    :param record: those two.
    :param read: what it made of the event, for whoever applies it (`InboxRow.read`).
    """
    if read is not None:
        reading.remember(source, envelope.uuid, _body(envelope), read)
    call = _Call(source=source, envelope=envelope, record=record, now=now)
    return Left(by=_gathering, group=beside, call=call, make=lambda kept: kept)


def _carry_out(beside: str, calls: Sequence[_Call]) -> Sequence[_Kept | Exception]:
    try:
        return _keep(beside, calls)
    except (OperationalError, InterfaceError) as error:
        return [error] * len(calls)
    except Exception as error:
        # What one of them broke must not fail the others.
        return [error] if len(calls) == 1 else [_carry_out(beside, [call])[0] for call in calls]


def _keep(beside: str, calls: Sequence[_Call]) -> list[_Kept]:
    columns = [
        prepared.texts([call.source for call in calls]),
        *_columns([call.envelope for call in calls]),
        prepared.numbers([call.record[0] for call in calls]),
        prepared.texts([call.record[1] for call in calls]),
    ]
    now = max(call.now for call in calls)
    with prepared.cursor() as cursor:
        cursor.execute(_KEEP.format(beside=beside), [*columns, now, now])
        kept = [(new, tuple(row)) for new, *row in cursor.fetchall()]
    failpoints.reach("inbox_after_store")
    if types := {call.envelope.type for call, (new, _) in zip(calls, kept, strict=True) if new}:
        transaction.on_commit(partial(wakes.soon, loops_for(types)))
    return kept


_gathering: Gathering[str, _Call, _Kept] = Gathering(
    _carry_out,
    # A repeat that comes beside the first is not new, but one statement can't tell them apart.
    apart=lambda call: [(call.source, call.envelope.uuid)],
    before_waiting=lambda: connection.close(),
)


def _columns(given: Sequence[Envelope]) -> list[Any]:
    """Arrays as PostgreSQL writes them: a value at a time they cost more than all the rest of storing an event.

    Bodies for a binary array (`%b`): in the other each quote of them would be escaped, and undone by the server.
    """
    return [
        prepared.words([one.uuid.hex for one in given]),
        prepared.texts([one.type for one in given]),
        prepared.texts([one.aggregate for one in given]),
        "{" + ",".join(["null" if one.sequence is None else str(one.sequence) for one in given]) + "}",
        [_body(one) for one in given],
    ]


def _body(one: Envelope) -> str:
    return one.raw.decode("utf-8-sig")
