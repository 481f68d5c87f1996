"""Answers to cancellation plans on their way upstream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_DUE = """
WITH due AS MATERIALIZED (
  SELECT id FROM oms_orders_cancellationplan WHERE source = %s AND answer_due_at <= %s
   ORDER BY answer_due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE oms_orders_cancellationplan p SET answer_attempts = p.answer_attempts + 1
  FROM due WHERE p.id = due.id
RETURNING p.id, p.upstream_id, p.answer, p.answer_reason, p.answer_attempts"""
# An answer that changed while another one was on its way stays due; one that was called off meanwhile, because upstream
# asked again, is not noted. What upstream took is what it says from then on.
_OUTCOME = """
UPDATE oms_orders_cancellationplan
   SET answer_due_at = %(due_at)s, answered_at = %(answered_at)s, answer_error = %(error)s, modified_at = %(now)s,
       status = CASE WHEN %(answered_at)s::timestamptz IS NULL THEN status ELSE answer END
 WHERE id = %(id)s AND answer = %(answer)s AND answer_due_at IS NOT NULL"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueAnswer:
    """The status upstream is to be told of a plan, and how often it was tried."""

    id: int
    upstream_id: int
    answer: str
    reason: str
    attempts: int


def due(source: str, limit: int, *, now: datetime) -> list[DueAnswer]:
    """Due answers to this system, their try counted; they stay due until settled."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [source, now, limit])
        names = DueAnswer.__dataclass_fields__
        rows = [DueAnswer(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return sorted(rows, key=lambda row: row.id)


def _settle(
    answer: DueAnswer, *, due_at: datetime | None, answered_at: datetime | None, error: str, now: datetime
) -> None:
    with connection.cursor() as cursor:
        values = {"due_at": due_at, "answered_at": answered_at, "error": error[:2000], "now": now}
        cursor.execute(_OUTCOME, {**values, "id": answer.id, "answer": answer.answer})


def answered(answer: DueAnswer, *, now: datetime) -> None:
    """Upstream took it."""
    _settle(answer, due_at=None, answered_at=now, error="", now=now)


def put_off(answer: DueAnswer, *, error: str, due_at: datetime, now: datetime) -> None:
    """It could not be told; once more from `due_at` on."""
    _settle(answer, due_at=due_at, answered_at=None, error=error, now=now)


def set_aside(answer: DueAnswer, *, error: str, now: datetime) -> None:
    """Upstream refuses the answer; a person has to look."""
    _settle(answer, due_at=None, answered_at=None, error=error, now=now)


def again(plan_id: int, *, now: datetime) -> bool:
    """Tell an answer that was set aside once more; false when there is none under this id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_orders_cancellationplan SET answer_due_at = %s, answer_attempts = 0"
            " WHERE id = %s AND answer <> '' AND answer_error <> '' AND answered_at IS NULL AND answer_due_at IS NULL",
            [now, plan_id],
        )
        return cursor.rowcount > 0
