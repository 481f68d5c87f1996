"""Wire shapes of the hand-over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Day  # noqa: N812  a field is called date
from typing import Annotated, Any

from pydantic import BeforeValidator, StrictBool

from ambar.kit import clock, rest
from ambar.oms.handover.domain.authority import TABLE
from ambar.oms.handover.models import Conflict, Reconciliation, Statement


def _read_day(value: Any) -> Day:
    if isinstance(value, str) and len(value) == len("2026-01-15"):
        return Day.fromisoformat(value)
    raise ValueError("must be a day such as 2026-01-15")


class ReconciliationBody(rest.Body):
    """`apply`: repair what differs without waiting for the preview to be read."""

    apply: StrictBool = False


class StatementBody(rest.Body):
    """`date`: the day to draw the statement up for; today without it."""

    date: Annotated[Day, BeforeValidator(_read_day)] | None = None


def reconciliations(rows: Iterable[Reconciliation]) -> list[dict[str, Any]]:
    """Reconciliations and how far each is."""
    return [
        {
            "id": row.pk,
            "state": row.state,
            "apply": row.apply,
            "rows": row.rows,
            "compared": row.compared,
            "requests": row.requests,
            "found": row.found,
            "under_way": row.under_way,
            "repaired": row.repaired,
            "refused": row.refused,
            "unconfirmed": row.unconfirmed,
            "unknown": row.unknown,
            "error": row.error,
            "user": row.created_by,
            "created_date": clock.iso(row.created_at),
            "finished_date": None if row.finished_at is None else clock.iso(row.finished_at),
        }
        for row in rows
    ]


def conflicts(rows: Iterable[Conflict]) -> list[dict[str, Any]]:
    """Rows of the conflict log."""
    return [
        {
            "id": row.pk,
            "reconciliation": row.of_id,
            "kind": row.kind,
            "key": row.key,
            "record": row.record_id,
            "state": row.state,
            "case": row.case,
            "owner": row.owner,
            "remedy": row.remedy,
            "fields": row.fields,
            "reason": row.reason,
            "created_date": clock.iso(row.created_at),
            "repaired_date": None if row.repaired_at is None else clock.iso(row.repaired_at),
        }
        for row in rows
    ]


def authority() -> list[dict[str, Any]]:
    """The field authority table; the first row that fits decides."""
    return [
        {
            "kind": row.kind,
            "case": row.case,
            "fields": list(row.fields),
            "states": None if row.states is None else [str(state) for state in row.states],
            "owner": row.owner,
            "remedy": row.remedy,
            "why": row.why,
        }
        for row in TABLE
    ]


def statements(rows: Iterable[Statement]) -> list[dict[str, Any]]:
    """Closing statements."""
    return [
        {
            "date": row.day.isoformat(),
            "is_final": row.is_final,
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
            **row.body,
        }
        for row in rows
    ]
