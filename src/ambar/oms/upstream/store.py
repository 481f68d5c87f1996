"""Set-based writes of intake: quarantine, orders not taken, watermarks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from ambar.kit import prepared
from ambar.oms.orders.domain.versions import NEWER_SQL
from ambar.oms.upstream.text import storable_json


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """One order to quarantine."""

    identity: str
    upstream_id: int | None
    number: str | None
    kind: str
    cause: str
    reason: str
    payload: Any
    upstream_modified_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)


VERSION = "modified_date"
"""In the detail of what is malformed: its version's time, as far as it can be read."""
_AT = "coalesce({row}.upstream_modified_at, ({row}.detail->>'" + VERSION + "')::timestamptz)"
_HELD, _GIVEN = _AT.format(row="q"), _AT.format(row="excluded")
_QUARANTINE = f"""
INSERT INTO oms_upstream_quarantined AS q (source, identity, upstream_id, number, kind, cause, reason, detail, payload,
    upstream_modified_at, times, created_at, modified_at, outcome)
SELECT %(source)s, identity, upstream_id, number, kind, cause, reason, detail, payload, upstream_modified_at,
       1, %(now)s, %(now)s, ''
  FROM unnest(%(identity)s::text[], %(upstream_id)s::bigint[], %(number)s::text[], %(kind)s::text[], %(cause)s::text[],
              %(reason)s::text[], %(detail)s::jsonb[], %(payload)s::jsonb[], %(modified)s::timestamptz[])
       AS r(identity, upstream_id, number, kind, cause, reason, detail, payload, upstream_modified_at)
 ORDER BY identity
ON CONFLICT (source, identity) WHERE closed_at IS NULL DO UPDATE SET
    number = excluded.number, kind = excluded.kind, cause = excluded.cause, reason = excluded.reason,
    detail = excluded.detail, payload = excluded.payload, upstream_modified_at = excluded.upstream_modified_at,
    times = q.times + 1, modified_at = excluded.modified_at
  WHERE {_HELD} IS NULL OR {_GIVEN} IS NULL OR {_GIVEN} = {_HELD}
     OR {NEWER_SQL.format(given=_GIVEN, held=_HELD)}"""


def quarantine(
    source: str, rows: Iterable[SetAside], *, now: datetime, beyond: datetime | None = None
) -> None:
    """Set orders aside with their causes; a newer version replaces the one that lies there (`versions.NEWER_SQL`)."""
    chosen = {row.identity: row for row in rows}
    if not chosen:
        return
    values = list(chosen.values())
    with connection.cursor() as cursor:
        cursor.execute(
            _QUARANTINE,
            {
                "source": source,
                "now": now,
                "beyond": beyond,
                "identity": [row.identity for row in values],
                "upstream_id": [row.upstream_id for row in values],
                "number": [row.number for row in values],
                "kind": [row.kind for row in values],
                "cause": [row.cause for row in values],
                "reason": [row.reason for row in values],
                "detail": [storable_json(row.detail) for row in values],
                "payload": [storable_json(row.payload) for row in values],
                "modified": [row.upstream_modified_at for row in values],
            },
        )


class Settled(NamedTuple):
    """An order that was taken, or refused by a rule. `is_new`: it was not here in this version or a later one."""

    upstream_id: int
    outcome: str
    modified_at: datetime
    is_new: bool = True


_LETS_GO = f"""(({_HELD} IS NULL AND settled.is_new) OR {_HELD} = settled.modified
        OR {NEWER_SQL.format(given="settled.modified", held=_HELD)})"""
"""Whether the version that was `settled` ends the wait of the row `q`."""
_SETTLE = f"""
WITH settled AS (
    SELECT * FROM unnest(%(id)s::bigint[], %(outcome)s::text[], %(modified)s::timestamptz[], %(new)s::bool[])
        AS r(id, outcome, modified, is_new)),
gone AS (
    DELETE FROM oms_upstream_nottaken n USING settled
     WHERE n.source = %(source)s AND n.upstream_id = settled.id AND settled.outcome = 'taken')
UPDATE oms_upstream_quarantined q SET closed_at = %(now)s, modified_at = %(now)s, outcome = settled.outcome
  FROM settled
 WHERE q.source = %(source)s AND q.identity = 'order:' || settled.id AND q.closed_at IS NULL
   AND {_LETS_GO}"""


def settle(source: str, orders: Sequence[Settled], *, now: datetime, beyond: datetime | None = None) -> None:
    """Orders taken or refused leave the quarantine, and orders taken leave the list of refused ones.

    What waits in a later version stays, and so does what came in a version nobody can tell the time of, until something new is taken.
    The arrays are written as texts, which costs a fraction of handing them over value by value.
    """
    if not orders:
        return
    with prepared.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "source": source,
                "now": now,
                "beyond": beyond,
                "id": prepared.numbers(order.upstream_id for order in orders),
                "outcome": "{" + ",".join(order.outcome for order in orders) + "}",
                "modified": "{" + ",".join(order.modified_at.isoformat() for order in orders) + "}",
                "new": "{" + ",".join("t" if order.is_new else "f" for order in orders) + "}",
            },
        )


class SettledPlan(NamedTuple):
    """A plan that was taken, by the name under which it would lie in quarantine. `is_new` as of an order."""

    identity: str
    modified_at: datetime
    is_new: bool


_SETTLE_PLANS = f"""
UPDATE oms_upstream_quarantined q SET closed_at = %(now)s, modified_at = %(now)s, outcome = 'taken'
  FROM unnest(%(identity)s::text[], %(modified)s::timestamptz[], %(new)s::bool[]) AS settled(identity, modified, is_new)
 WHERE q.source = %(source)s AND q.identity = settled.identity AND q.closed_at IS NULL
   AND {_LETS_GO}"""


def settle_plans(
    source: str, plans: Sequence[SettledPlan], *, now: datetime, beyond: datetime | None = None
) -> None:
    """Plans that were taken leave the quarantine, as orders do (`settle`)."""
    if plans:
        columns = dict(zip(("identity", "modified", "new"), map(list, zip(*plans, strict=True)), strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE_PLANS, {"source": source, "now": now, "beyond": beyond, **columns})


_NOT_TAKEN = """
INSERT INTO oms_upstream_nottaken AS n
    (source, upstream_id, number, rule, upstream_modified_at, created_at, modified_at)
SELECT %(source)s, upstream_id, number, rule, modified, %(now)s, %(now)s
  FROM unnest(%(id)s::bigint[], %(number)s::text[], %(rule)s::text[], %(modified)s::timestamptz[])
       AS r(upstream_id, number, rule, modified)
 ORDER BY upstream_id
ON CONFLICT (source, upstream_id) DO UPDATE SET rule = excluded.rule, number = excluded.number,
    upstream_modified_at = excluded.upstream_modified_at, modified_at = excluded.modified_at
  WHERE """ + NEWER_SQL.format(given="excluded.upstream_modified_at", held="n.upstream_modified_at")


def note_not_taken(
    source: str,
    rows: Sequence[tuple[int, str, str, datetime]],
    *,
    now: datetime,
    beyond: datetime | None = None,
) -> None:
    """Remember orders that a rule refused: (upstream id, number, rule, version's time)."""
    newest = {row[0]: row for row in sorted(rows, key=lambda row: row[3])}
    if not newest:
        return
    columns = list(zip(*newest.values(), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            _NOT_TAKEN,
            {
                "source": source,
                "now": now,
                "beyond": beyond,
                **{
                    name: list(column)
                    for name, column in zip(("id", "number", "rule", "modified"), columns, strict=True)
                },
            },
        )


def already_here(source: str, upstream_ids: Sequence[int]) -> dict[int, str]:
    """Which of these orders this OMS has taken before, with the number each has here."""
    if not upstream_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT upstream_id, number FROM oms_orders_order WHERE source = %s AND upstream_id = ANY(%s)",
            [source, list(upstream_ids)],
        )
        return dict(cursor.fetchall())


def known_numbers(source: str, upstream_ids: Sequence[int]) -> dict[int, str]:
    """The numbers these orders have here, or else under which they wait in quarantine."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT w.id, coalesce(o.number, q.number) FROM unnest(%(ids)s::bigint[]) AS w(id)
                 LEFT JOIN oms_orders_order o ON o.source = %(source)s AND o.upstream_id = w.id
                 LEFT JOIN oms_upstream_quarantined q
                   ON q.source = %(source)s AND q.identity = 'order:' || w.id AND q.closed_at IS NULL
                WHERE coalesce(o.number, q.number) IS NOT NULL""",
            {"source": source, "ids": list(upstream_ids)},
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One stream of upstream, and how far it has been read."""

    id: int
    at: datetime | None
    succeeded_at: datetime | None = None


def begin(source: str, stream: str, *, now: datetime, read_from: str = "") -> Stream:
    """Note that the stream is being read from now on; the caller has the turn to do so.

    `read_from`: where. Read somewhere else than before it begins anew: another system's versions are older or newer than
    the mark by accident. Where it is not known from when the mark is, the mark stands.
    """
    with prepared.cursor() as cursor:
        cursor.execute(
            """INSERT INTO oms_upstream_watermark AS w (source, stream, polled_at, error, taken, read_from)
               VALUES (%(source)s, %(stream)s, %(now)s::timestamptz, '', 0, %(from)s::text)
               ON CONFLICT (source, stream) DO UPDATE SET polled_at = excluded.polled_at, read_from = excluded.read_from,
                 at = CASE WHEN w.read_from IN ('', excluded.read_from) THEN w.at END,
                 upstream_id = CASE WHEN w.read_from IN ('', excluded.read_from) THEN w.upstream_id END
               RETURNING id, at, succeeded_at""",
            {"source": source, "stream": stream, "now": now, "from": read_from},
        )
        row = cursor.fetchone()
    return Stream(id=row[0], at=row[1], succeeded_at=row[2])


def advance(stream_id: int, *, at: datetime | None, pk: int | None, taken: int) -> None:
    """Move the mark forward (never back)."""
    with prepared.cursor() as cursor:
        cursor.execute(
            """UPDATE oms_upstream_watermark SET taken = taken + %(taken)s::bigint,
                   upstream_id = CASE WHEN (%(at)s::timestamptz, %(pk)s::bigint)
                                           > (coalesce(at, '-infinity'), coalesce(upstream_id, 0))
                                      THEN %(pk)s::bigint ELSE upstream_id END,
                   at = greatest(at, %(at)s::timestamptz)
               WHERE id = %(id)s::bigint""",
            {"id": stream_id, "at": at, "pk": pk or 0, "taken": taken},
        )


def finish(stream_id: int, *, error: str, now: datetime) -> None:
    """Note the end of a reading, with what went wrong (empty when nothing did)."""
    with prepared.cursor() as cursor:
        cursor.execute(
            """UPDATE oms_upstream_watermark SET error = %(error)s::text,
                   succeeded_at = CASE WHEN %(error)s::text = '' THEN %(now)s::timestamptz ELSE succeeded_at END
               WHERE id = %(id)s::bigint""",
            {"id": stream_id, "error": error[:2000], "now": now},
        )
