"""Figures for health, screens and tests."""

from __future__ import annotations

from typing import Any

from django.db import connection


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


def inbox_waiting() -> float:
    """Received events not yet applied."""
    return _one("select count(*) from outbox_inbox where state = 0")


def inbox_parked() -> float:
    """Received events set aside with a reason."""
    return _one("select count(*) from outbox_inbox where state = 2")
