"""Applying received events: in order per aggregate, in sets, each exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import orjson
import structlog
from django.db import Error, InterfaceError, InternalError, OperationalError, connection, transaction

from ambar.kit import clock, failpoints, prepared, work
from ambar.kit.outbox.inbox import reading
from ambar.kit.outbox.inbox.floors import Floor
from ambar.kit.refusals import Refusal

log = structlog.get_logger("ambar.inbox")

BATCH = 500
GATHERED_SECONDS = 0.03
"""Pause after events were applied: a set costs hardly more than one event, so what comes meanwhile is applied as one."""
LATER_SECONDS = 2.0
LONGEST_LATER_SECONDS = 300.0
LATER_ATTEMPTS = 20

Read = TypeVar("Read")
Apply = Callable[[Sequence["InboxRow"]], None]


class Later(Exception):  # noqa: N818
    """Raised by `apply` for a row whose time has not come (what it needs is not there yet): tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One stored event.

    :param body: as it was received.
    :param late: its sequence is not above the last one applied of its aggregate: log it, never go back.
    """

    id: int
    source: str
    uuid: UUID
    type: str
    aggregate: str
    sequence: int | None
    body: str
    received_at: datetime
    late: bool
    attempts: int

    @property
    def payload(self) -> dict[str, Any]:
        """What it says, parsed anew each time."""
        payload: dict[str, Any] = orjson.loads(self.body)["payload"]
        return payload

    def read(self, anew: Callable[[dict[str, Any]], Read]) -> Read:
        """What its receiver read of it, when that was in this process, else what is read of its payload `anew`."""
        known: Read | None = reading.recall(self.source, self.uuid, self.body)
        return anew(self.payload) if known is None else known


_loops: dict[str, list[str]] = {}


def loop(
    name: str, types: Iterable[str], apply: Apply, *, batch: int = BATCH, idle_seconds: float = 1.0
) -> None:
    """Registers a worker loop that applies events of these types; `package.*` stands for all that begin so."""
    _loops[name] = list(types)
    work.loop(
        name,
        partial(_drain_now, _loops[name], apply, batch, Floor()),
        idle_seconds=idle_seconds,
        busy_seconds=GATHERED_SECONDS,
    )


def loops_for(types: Iterable[str]) -> set[str]:
    """Names of the registered loops that take any of the types."""
    wanted = set(types)
    return {
        name
        for name, patterns in _loops.items()
        if any(_matches(type_, pattern) for type_ in wanted for pattern in patterns)
    }


def _matches(type_: str, pattern: str) -> bool:
    return type_ == pattern or (pattern.endswith("*") and type_.startswith(pattern[:-1]))


def _drain_now(types: list[str], apply: Apply, batch: int, floor: Floor) -> int:
    return drain(apply, types=types, now=clock.now(), batch=batch, floor=floor)


_DUE = """
select source, aggregate from (
  select source, aggregate, id from outbox_inbox
  where state = 0 and id >= %s::bigint and due_at <= %s::timestamptz and type like any (%s::text[])
  order by id limit %s::bigint
) first group by source, aggregate order by min(id)
"""

_REACHED = """
select (select id from outbox_inbox where state = 0 and id >= %s::bigint and type like any (%s::text[]) order by id limit 1),
  (select coalesce(max(id), 0) from outbox_inbox)
"""

_LOCK = """
select source, aggregate from unnest(%s::text[], %s::text[]) as t(source, aggregate)
where pg_try_advisory_xact_lock(hashtextextended(source || chr(31) || aggregate, 7))
"""

_TAKE = """
select i.id, i.source, i.uuid, i.type, i.aggregate, i.sequence, i.payload, i.received_at, i.attempts, p.sequence
from unnest(%s::text[], %s::text[]) with ordinality as t(source, aggregate, place)
join outbox_inbox i on i.source = t.source and i.aggregate = t.aggregate and i.state = 0
  and i.due_at <= %s::timestamptz and i.type like any (%s::text[])
left join outbox_inbox_position p on p.source = t.source and p.aggregate = t.aggregate
order by t.place, i.sequence nulls first, i.id limit %s::bigint
for update of i skip locked
"""

_MARK = """
update outbox_inbox i set state = 1, late = t.late, applied_at = %s::timestamptz, reason = '', attempts = i.attempts + 1
from unnest(%s::bigint[], %s::boolean[]) as t(id, late) where i.id = t.id
"""

_MARK_AND_ADVANCE = f"""
with marked as ({_MARK})
insert into outbox_inbox_position (source, aggregate, sequence)
select t.source, t.aggregate, max(t.sequence) from unnest(%s::text[], %s::text[], %s::bigint[])
  as t(source, aggregate, sequence) group by t.source, t.aggregate order by t.source, t.aggregate
on conflict (source, aggregate) do update
set sequence = greatest(outbox_inbox_position.sequence, excluded.sequence)
"""

_SET_ASIDE = """
update outbox_inbox set state = %s, reason = %s, late = %s, attempts = attempts + 1,
  due_at = %s::timestamptz + %s * interval '1 second' where id = %s
"""


def drain(
    apply: Apply, *, types: Iterable[str], now: datetime, batch: int = BATCH, floor: Floor | None = None
) -> int:
    """Applies one batch of waiting events in one transaction and answers how many rows it settled.

    One aggregate is in one worker at a time. When `apply` fails on the set, each row is tried alone inside its
    own savepoint: a row that fails is set aside with the reason, a row that raises :class:`Later` is tried again,
    the others are applied. A database that goes away sets nothing aside; the batch is simply taken again.

    :param floor: where to begin to look; everything is looked at without one.
    """
    patterns = [
        one.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%") for one in types
    ]
    with transaction.atomic():
        rows = _claim(patterns, now, batch, floor)
        if not rows:
            return 0
        settled = _apply(rows, apply, now)
        failpoints.reach("inbox_before_commit")
    return settled


def _claim(patterns: list[str], now: datetime, batch: int, floor: Floor | None) -> list[InboxRow]:
    with prepared.cursor() as cursor:
        begin = floor.begin() if floor else 0
        cursor.execute(_DUE, [begin, now, patterns, batch])
        lanes = cursor.fetchall()
        if floor and (not lanes or floor.is_old()):
            cursor.execute(_REACHED, [begin, patterns])
            oldest, newest = cursor.fetchone()
            floor.seen(oldest=oldest, newest=newest)
        if not lanes:
            return []
        cursor.execute(_LOCK, _names(lanes))
        lanes = cursor.fetchall()
        if not lanes:
            return []
        cursor.execute(_TAKE, [*_names(lanes), now, patterns, batch])
        return _rows(cursor.fetchall())


def _names(lanes: Sequence[tuple[str, str]]) -> list[str]:
    """Sources and aggregates as arrays."""
    return [prepared.texts(source for source, _ in lanes), prepared.texts(name for _, name in lanes)]


def _rows(found: list[tuple[Any, ...]]) -> list[InboxRow]:
    reached: dict[tuple[str, str], int] = {}
    rows = []
    for id_, source, uuid, type_, aggregate, sequence, body, received_at, attempts, position in found:
        lane = (source, aggregate)
        last = reached.get(lane, -1 if position is None else position)
        late = sequence is not None and sequence <= last
        if sequence is not None:
            reached[lane] = max(last, sequence)
        rows.append(
            InboxRow(
                id=id_, source=source, uuid=uuid, type=type_, aggregate=aggregate, sequence=sequence,
                body=body, received_at=received_at, late=late, attempts=attempts,
            )
        )  # fmt: skip
    return rows


def _apply(rows: list[InboxRow], apply: Apply, now: datetime) -> int:
    try:
        with transaction.atomic():
            apply(rows)
            failpoints.reach("inbox_after_apply")
    except Exception as error:
        if _database_is_at_fault(error):
            raise
        if len(rows) == 1:
            return _set_aside(rows[0], error, now)
        return sum(_apply([row], apply, now) for row in rows)
    _mark(rows, now)
    return len(rows)


def _mark(rows: list[InboxRow], now: datetime) -> None:
    counted = [(row, row.sequence) for row in rows if row.sequence is not None]
    marked = [now, prepared.numbers(row.id for row in rows), prepared.words("ft"[row.late] for row in rows)]
    with prepared.cursor() as cursor:
        if not counted:
            cursor.execute(_MARK, marked)
            return
        names = _names([(row.source, row.aggregate) for row, _ in counted])
        reached = prepared.numbers(sequence for _, sequence in counted)
        cursor.execute(_MARK_AND_ADVANCE, [*marked, *names, reached])


def _set_aside(row: InboxRow, error: Exception, now: datetime) -> int:
    again = isinstance(error, Later) and row.attempts + 1 < LATER_ATTEMPTS
    wait = min(LATER_SECONDS * 2**row.attempts, LONGEST_LATER_SECONDS) if again else 0.0
    reason = error.message if isinstance(error, Refusal) else f"{type(error).__name__}: {error}"
    if not again:
        log.warning("event set aside", source=row.source, uuid=row.uuid.hex, type=row.type, reason=reason)
    with connection.cursor() as cursor:
        reason = reason.replace("\x00", " ")[:2000]
        cursor.execute(_SET_ASIDE, [0 if again else 2, reason, row.late, now, wait, row.id])
    return 1


def _database_is_at_fault(error: Exception) -> bool:
    return isinstance(error, Error) and isinstance(error, (OperationalError, InterfaceError, InternalError))
