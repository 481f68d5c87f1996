"""Figures for health, screens and tests."""

from __future__ import annotations

from typing import Any

from django.db import connection

from ambar.kit.accounts import Principal
from ambar.kit.masks import masked_address
from ambar.kit.outbox import hook_secrets


def _one(statement: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row: tuple[Any, ...] = cursor.fetchone()
    return float(row[0] or 0)


def pending() -> float:
    """Deliveries not yet delivered and not parked, of active hooks."""
    return _one(
        "select count(*) from outbox_delivery d join outbox_hook h on h.id = d.hook_id where d.state = 0 and h.is_active"
    )


def oldest_due_seconds() -> float:
    """Age of the oldest due delivery of an active hook, in seconds; 0 when none is due."""
    return _one(
        """select coalesce(extract(epoch from statement_timestamp() - min(o.due_at)), 0)
           from outbox_hook h cross join lateral (
             select d.due_at from outbox_delivery d
             where d.hook_id = h.id and d.state = 0 and d.due_at <= statement_timestamp()
             order by d.due_at limit 1) o
           where h.is_active"""
    )


def parked() -> float:
    """Deliveries set aside after their last try, and those behind them."""
    return _one("select count(*) from outbox_delivery where state = 2")


def paused_endpoints() -> float:
    """Endpoints that have failed for so long that they are only probed."""
    return _one("select count(*) from outbox_endpointhealth where paused_at is not null")


def inbox_waiting() -> float:
    """Received events not yet applied."""
    return _one("select count(*) from outbox_inbox where state = 0")


def inbox_parked() -> float:
    """Received events set aside with a reason."""
    return _one("select count(*) from outbox_inbox where state = 2")


def parked_lanes(
    *, limit: int = 100, user_id: int | None = None, reader: Principal | None = None
) -> list[dict[str, Any]]:
    """Lanes that stopped after the last try, oldest first: what an operator looks at and frees with a retry.

    `delivery_id` is the one to retry; `waiting` counts the lane's events, the failed one included.

    :param user_id: only those of this user's hooks.
    :param reader: who reads `target_url`; without one it is masked, as in a log.
    """
    found = _table(
        """select min(d.id) as delivery_id, d.hook_id, h.user_id, h.target_url, h.event_type, d.kind, d.aggregate_id,
                  count(*) as waiting, max(d.last_status) as last_status,
                  (array_agg(d.last_error order by d.id))[1] as last_error
           from outbox_delivery d join outbox_hook h on h.id = d.hook_id
           where d.state = 2 and (%s::bigint is null or h.user_id = %s)
           group by d.hook_id, h.user_id, h.target_url, h.event_type, d.kind, d.aggregate_id
           order by 1 limit %s""",
        [user_id, user_id, limit],
    )
    for lane in found:
        owner, url = lane.pop("user_id"), lane["target_url"]
        lane["target_url"] = hook_secrets.shown_address(url, owner_id=owner, reader=reader)
    return found


def ill_endpoints(*, user_id: int | None = None) -> list[dict[str, Any]]:
    """Endpoints of active hooks that don't answer: since when, the last answer, the next probe, paused or not.

    :param user_id: only those of this user's hooks.
    """
    return _table(
        """select e.id, e.origin, e.failing_since, e.failures, e.last_status, e.last_error, e.next_probe_at, e.paused_at,
                  (select count(*) from outbox_hook h where h.is_active and (%(user)s::bigint is null or h.user_id = %(user)s)
                     and (h.target_url = e.origin or starts_with(h.target_url, e.origin || '/'))) as hooks
           from outbox_endpointhealth e
           where %(user)s::bigint is null or exists (
             select from outbox_hook h where h.user_id = %(user)s
               and (h.target_url = e.origin or starts_with(h.target_url, e.origin || '/')))
           order by e.failing_since, e.id""",
        {"user": user_id},
    )


def refused_hooks() -> dict[int, int]:
    """Active hooks with deliveries that wait because of how they are set up, with the last such answer: 401 or 403, their
    token or secret is not accepted; 404 or 405, nothing takes events at their address."""
    rows = _table(
        """select distinct on (d.hook_id) d.hook_id, d.last_status from outbox_delivery d
             join outbox_hook h on h.id = d.hook_id
           where d.state in (0, 2) and d.last_status in (401, 403, 404, 405) and h.is_active
           order by d.hook_id, d.id desc""",
        [],
    )
    return {row["hook_id"]: row["last_status"] for row in rows}


def hook_figures() -> list[dict[str, Any]]:
    """Per hook: pending and parked deliveries, the oldest due time, why it was switched off; addresses masked."""
    found = _table(
        """select h.id as hook_id, h.event_type, h.target_url, h.is_active, h.disabled_reason,
                  count(d.id) filter (where d.state = 0) as pending,
                  count(d.id) filter (where d.state = 2) as parked,
                  min(d.due_at) filter (where d.state = 0) as oldest_due_at
           from outbox_hook h left join outbox_delivery d on d.hook_id = h.id and d.state in (0, 2)
           group by h.id order by h.id""",
        [],
    )
    return [{**one, "target_url": masked_address(one["target_url"])} for one in found]


def _table(statement: str, parameters: list[Any] | dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
