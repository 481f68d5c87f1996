"""The statements of replays: what is asked for, a slice of it made due, how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from ambar.kit import prepared
from ambar.kit.outbox.domain.replay_fields import STATES
from ambar.kit.outbox.events import ATTEMPTS

_WANTED = """
from outbox_delivery d join outbox_event e on e.id = d.event_id
where d.hook_id = any(%(hooks)s) and d.id > %(last)s and d.id <= %(until)s and d.state = any(%(states)s)
"""
_NARROWED = {
    "event": "e.uuid = %(event)s::uuid",
    "event_type": "e.type = %(event_type)s",
    "webhook": "d.hook_id = %(webhook)s",
    "content_type": "d.kind = %(content_type)s",
    "object_id": "d.aggregate_id = %(object_id)s",
    "created_date__gte": "e.created_at >= %(created_date__gte)s::timestamptz",
    "created_date__lt": "e.created_at < %(created_date__lt)s::timestamptz",
    "response_http_status": """(d.last_status = %(response_http_status)s
      or (%(response_http_status)s = 500 and d.last_status = 0 and d.attempts > 0))""",
}
"""A try that got no answer counts as 500, as in the log."""


def _statement(what: str, wanted: Mapping[str, Any], after: str = "") -> str:
    narrowed = "".join(f" and {sql}" for name, sql in _NARROWED.items() if name in wanted)
    return f"select {what} {_WANTED}{narrowed} {after}"


def _parameters(wanted: Mapping[str, Any], hooks: Sequence[int], last: int, until: int) -> dict[str, Any]:
    states = [STATES.index(name) for name in wanted.get("state", STATES)]
    return {**wanted, "hooks": list(hooks), "last": last, "until": until, "states": states}


def any_running() -> bool:
    """Whether a replay is running: looked at by every idle worker, every second."""
    with prepared.cursor() as cursor:
        cursor.execute("select exists (select from outbox_replay where state = 'running')")
        return bool(cursor.fetchone()[0])


def last_delivery() -> int:
    """The highest delivery id there is."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(id), 0) from outbox_delivery")
        return int(cursor.fetchone()[0])


def count(wanted: Mapping[str, Any], *, hooks: Sequence[int], until: int) -> int:
    """How many deliveries are meant."""
    with connection.cursor() as cursor:
        cursor.execute(_statement("count(*)", wanted), _parameters(wanted, hooks, 0, until))
        return int(cursor.fetchone()[0])


_AGAIN = """
update outbox_delivery set state = 0, due_at = statement_timestamp(), attempt_limit = attempts + %s, replay_id = %s,
  delivered_at = null
where id = any(%s) and leased_by is null
"""


def make_due(
    wanted: Mapping[str, Any], *, replay_id: int, hooks: Sequence[int], last: int, until: int, limit: int
) -> list[int]:
    """Makes the next deliveries due, oldest first; their ids. What a worker holds at this moment is on its way already."""
    with connection.cursor() as cursor:
        cursor.execute(
            _statement("d.id", wanted, f"order by d.id limit {int(limit)}"),
            _parameters(wanted, hooks, last, until),
        )
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            cursor.execute(_AGAIN, [ATTEMPTS, replay_id, ids])
    return ids


def progress(replay_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Per replay: how many of its deliveries stand in which state."""
    found: dict[int, dict[int, int]] = {one: {} for one in replay_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "select replay_id, state, count(*) from outbox_delivery where replay_id = any(%s) group by 1, 2",
            [list(replay_ids)],
        )
        for replay_id, state, rows in cursor.fetchall():
            found[replay_id][state] = rows
    return found
