"""Wire shapes of CSV files of stock figures."""

from collections.abc import Iterable
from typing import Any

from ambar.kit import clock
from ambar.oms.stock.models import Import, ImportFault


def imports(rows: Iterable[Import]) -> list[dict[str, Any]]:
    """Files and how far they are. `short`: rows whose figure lies below what is reserved there."""
    return [
        {
            "id": row.pk,
            "state": row.state,
            "name": row.name,
            "rows": row.rows,
            "done": row.done,
            "accepted": row.accepted,
            "changed": row.changed,
            "short": row.short,
            "error_count": row.errors,
            "created_date": clock.iso(row.created_at),
            "finished_date": None if row.finished_at is None else clock.iso(row.finished_at),
        }
        for row in rows
    ]


def faults(rows: Iterable[ImportFault]) -> list[dict[str, Any]]:
    """Wrong rows; lines count from 1, the header included."""
    return [{"line": row.line, "field": row.field, "message": row.message} for row in rows]
