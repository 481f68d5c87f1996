"""Writes of the hand-over: what a comparison found, what the marketplace is told again, and what it is believed to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from ambar.kit import outbox
from ambar.kit.ids import uuid7
from ambar.oms.handover import queries
from ambar.oms.handover.models import Conflict
from ambar.oms.packages.domain import events
from ambar.oms.packages.payload import payloads
from ambar.oms.upstream.domain import echoes

_SEEN = """
INSERT INTO oms_handover_conflict (of_id, kind, key, state, "case", owner, remedy, fields, reason, created_at)
SELECT %s, %s, key, 'seen', '', '', '', '[]', '', %s FROM unnest(%s::text[]) AS w(key) ORDER BY key
ON CONFLICT (of_id, kind, key) DO NOTHING"""


def keep_seen(reconciliation_id: int, kind: str, keys: Iterable[str], *, now: datetime) -> None:
    """Note records whose rows differ, to be looked at; one noted before stays as it is."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [reconciliation_id, kind, now, sorted(keys)])


_DECIDED = """
UPDATE oms_handover_conflict c
   SET "case" = r."case", owner = r.owner, remedy = r.remedy, fields = r.fields, record_id = r.record_id, state = r.state
  FROM json_to_recordset(%s::json)
    AS r(id bigint, "case" text, owner text, remedy text, fields jsonb, record_id bigint, state text)
 WHERE c.id = r.id"""


def keep_decided(conflicts: Sequence[Conflict]) -> None:
    """Write what was decided about these."""
    rows = [
        {
            "id": one.pk, "case": one.case, "owner": one.owner, "remedy": one.remedy, "fields": one.fields,
            "record_id": one.record_id, "state": one.state,
        }
        for one in conflicts
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [orjson.dumps(rows).decode()])


_SETTLED = """
UPDATE oms_handover_conflict c SET state = r.state, reason = r.reason
  FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS r(id, state, reason) WHERE c.id = r.id"""


def keep_settled(conflicts: Sequence[Conflict]) -> None:
    """Write the state and the reason of these."""
    columns = [
        [one.pk for one in conflicts],
        [one.state for one in conflicts],
        [one.reason for one in conflicts],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, columns)


_RAISE = """
WITH wanted AS (
  SELECT p.id, greatest(p.sequence, w.reached) + 1 AS next
    FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, reached)
    JOIN oms_packages_package p ON p.id = w.id ORDER BY p.id FOR UPDATE OF p)
UPDATE oms_packages_package p SET sequence = wanted.next, told_state = p.state, told_sequence = wanted.next
  FROM wanted WHERE p.id = wanted.id
RETURNING p.id, p.state"""


def tell_again(
    reached: Mapping[int, int], hooks: Mapping[str, Sequence[int]], *, now: datetime
) -> dict[int, str]:
    """Record one event for each package as it stands, for these hooks (`{event type: ids}`) only, in the caller's transaction.

    `reached`: package id → the sequence the other side has; the new one lies above it. Answers, for packages that could
    not be told, the event type no hook is there for; nothing of those is changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, state FROM oms_packages_package WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
            [list(reached)],
        )
        types = {pk: events.OF_STATE.get(state, events.CREATED) for pk, state in cursor.fetchall()}
        deaf = {pk: type_ for pk, type_ in types.items() if not hooks.get(type_)}
        told = [pk for pk in types if pk not in deaf]
        cursor.execute(_RAISE, [told, [reached[pk] for pk in told]])
    records = payloads(told)
    by_type: dict[str, list[outbox.Event]] = {}
    for pk in told:
        event = outbox.Event(
            uuid=uuid7(now), type=types[pk], kind=events.KIND, aggregate_id=pk, sequence=records[pk]["sequence"],
            payload=orjson.dumps(records[pk]),
        )  # fmt: skip
        by_type.setdefault(types[pk], []).append(event)
    for type_, batch in by_type.items():
        outbox.record(batch, now=now, hooks=hooks[type_])
    return deaf


_NOTE = """
UPDATE oms_packages_package p SET told_state = w.state, told_sequence = w.sequence
  FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS w(id, state, sequence)
 WHERE p.id = w.id AND p.sequence >= w.sequence"""


def note_told(rows: Sequence[tuple[int, int, int]]) -> None:
    """Note what the other side was told of packages after all: (package id, state, sequence)."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [list(column) for column in zip(*rows, strict=True)])


_PUT_RIGHT = f"""
WITH wanted AS (
  SELECT p.id, s.enum_value::int AS logged {queries.SLIPPED} AND p.number = ANY(%(numbers)s)
     AND (s.enum_value <> '930' OR p.previous_state IS NOT NULL)
     AND NOT EXISTS (SELECT FROM oms_packages_packageitem i
                      WHERE i.package_id = p.id AND i.quantity > 0 AND i.state::text <> s.enum_value)
   ORDER BY p.id FOR NO KEY UPDATE OF p)
UPDATE oms_packages_package p SET state = wanted.logged, modified_at = %(now)s FROM wanted WHERE p.id = wanted.id"""


def put_states_right(numbers: Sequence[str], *, now: datetime) -> None:
    """Put packages that slipped back into the state their log tells, where their lines tell it too; stock and quota followed the log."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_RIGHT, {"numbers": list(numbers), "now": now})


def note_told_as_it_stands(package_id: int) -> None:
    """Note that the other side is told the state and sequence the package has now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_packages_package SET told_state = state, told_sequence = sequence WHERE id = %s",
            [package_id],
        )


_PARKED = """
SELECT min(id) FROM outbox_delivery
 WHERE hook_id = ANY(%s) AND kind = 'package' AND aggregate_id = ANY(%s) AND state = 2 GROUP BY hook_id, aggregate_id"""


def parked_lanes(package_ids: Sequence[int], hook_ids: Sequence[int]) -> list[int]:
    """The first parked delivery of each lane of these packages."""
    with connection.cursor() as cursor:
        cursor.execute(_PARKED, [list(hook_ids), list(package_ids)])
        return [row[0] for row in cursor.fetchall()]


def forget_versions(source: str, upstream_ids: Sequence[int]) -> None:
    """Let the next version read of these orders count as newer, whatever its time."""
    with connection.cursor() as cursor:
        for table in ("oms_orders_order", "oms_upstream_nottaken"):
            cursor.execute(
                f"UPDATE {table} SET upstream_modified_at = 'epoch' WHERE source = %s AND upstream_id = ANY(%s)",
                [source, list(upstream_ids)],
            )


_REPORT = """
UPDATE oms_upstream_statussync s SET sent = NULL, state = 'pending', due_at = %(now)s, attempts = 0, reason = '',
       version = version + 1, modified_at = %(now)s
  FROM oms_orders_order o
 WHERE o.source = %(source)s AND o.upstream_id = ANY(%(ids)s) AND s.order_id = o.id"""


def report_again(source: str, upstream_ids: Sequence[int], *, now: datetime) -> None:
    """Have the statuses of these orders' items reported upstream once more."""
    with connection.cursor() as cursor:
        cursor.execute(_REPORT, {"source": source, "ids": list(upstream_ids), "now": now})


def offered(source: str, upstream_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Orders as they were last offered, by upstream id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT upstream_id, raw::text, echo::text FROM oms_orders_order"
            " WHERE source = %s AND upstream_id = ANY(%s) AND raw <> '{}'",
            [source, list(upstream_ids)],
        )
        return {
            pk: echoes.as_offered(orjson.loads(raw), orjson.loads(echo or "null"))
            for pk, raw, echo in cursor.fetchall()
        }


_STANDS = """
UPDATE oms_orders_order o SET upstream_modified_at = r.version
  FROM unnest(%s::bigint[], %s::timestamptz[]) AS r(id, version)
 WHERE o.source = %s AND o.upstream_id = r.id AND o.upstream_modified_at > r.version RETURNING o.upstream_id"""


def stands_as_offered(source: str, versions: Mapping[int, datetime]) -> list[int]:
    """Note that orders stand upstream in these versions; answers those that were known in a later one here."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDS, [list(versions), list(versions.values()), source])
        return [row[0] for row in cursor.fetchall()]
