"""Claiming and settling of what the hub must be told. No row stays locked while we call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

_CLAIM = """
WITH due AS MATERIALIZED (
  SELECT id FROM sc_orders_forward WHERE kind = %s AND due_at <= %s
   ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE sc_orders_forward f SET attempts = least(f.attempts + 1, 30000)
  FROM due WHERE f.id = due.id
RETURNING f.id, f.record_id, f.version, f.attempts
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claimed row."""

    forward_id: int
    record_id: int
    version: int
    attempts: int


def claim(kind: str, *, limit: int, now: datetime) -> list[Claim]:
    """Up to `limit` due rows of a kind, their try counted; they stay due until settled, so only one may send at a time."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [kind, now, limit])
        return sorted(
            (
                Claim(forward_id=f, record_id=record, version=version, attempts=attempts)
                for f, record, version, attempts in cursor.fetchall()
            ),
            key=lambda c: c.record_id,
        )


def items(record_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Our item id → the row for the hub's bulk update, under the hub's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, upstream_id, status, tracking_number, shipping_company, invoice_number, invoice_date,"
            " e_archive_url FROM sc_orders_orderitem WHERE id = ANY(%s)",
            [list(record_ids)],
        )
        names = ("tracking_number", "shipping_company", "invoice_number", "invoice_date", "e_archive_url")
        found = {}
        for item_id, upstream_id, status, *values in cursor.fetchall():
            given = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            found[item_id] = {"id": upstream_id, "status": str(status), **given}
        return found


def plan_answers(record_ids: Sequence[int]) -> dict[int, tuple[int, dict[str, Any]]]:
    """Our plan id → (the hub's plan id, the answer)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, upstream_id, status, reason FROM sc_orders_cancellationplan WHERE id = ANY(%s)",
            [list(record_ids)],
        )
        return {
            pk: (upstream, {"status": status, "reason": reason})
            for pk, upstream, status, reason in cursor.fetchall()
        }


def done(claims: Sequence[Claim], *, now: datetime) -> None:
    """Drop what was told; a row changed meanwhile stays and is due at once."""
    if not claims:
        return
    columns = [[c.forward_id for c in claims], [c.version for c in claims]]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sc_orders_forward f USING unnest(%s::bigint[], %s::bigint[]) AS t(id, version)"
            " WHERE f.id = t.id AND f.version = t.version",
            columns,
        )
        cursor.execute("UPDATE sc_orders_forward SET due_at = %s WHERE id = ANY(%s)", [now, columns[0]])


def later(claims: Sequence[Claim], *, due_at: datetime | None, reason: str) -> None:
    """Try again at `due_at`; `None` parks the rows until they change or somebody releases them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sc_orders_forward f SET due_at = CASE WHEN f.version = t.version THEN %s ELSE now() END,"
            " reason = %s FROM unnest(%s::bigint[], %s::bigint[]) AS t(id, version) WHERE f.id = t.id",
            [due_at, reason[:2000], [c.forward_id for c in claims], [c.version for c in claims]],
        )


def release(*, now: datetime) -> int:
    """Make parked and waiting rows due now; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sc_orders_forward SET due_at = %s, attempts = 0 WHERE due_at IS NULL OR due_at > %s",
            [now, now],
        )
        return cursor.rowcount
