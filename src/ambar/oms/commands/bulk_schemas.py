"""Wire shapes of bulk actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ambar.kit import clock
from ambar.oms.commands.models import BulkAction, BulkEntry


def actions(rows: Iterable[BulkAction]) -> list[dict[str, Any]]:
    """Actions and how far each is: `done` and `refused` of `records`."""
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "slug": row.slug,
            "transition": row.transition_id,
            "state": row.state,
            "records": row.records,
            "done": row.done,
            "refused": row.refused,
            "user": row.created_by,
            "created_date": clock.iso(row.created_at),
            "finished_date": None if row.finished_at is None else clock.iso(row.finished_at),
        }
        for row in rows
    ]


def outcomes(rows: Iterable[BulkEntry]) -> list[dict[str, Any]]:
    """What became of each record, as the answer of a bulk call tells it."""
    return [row.verdict for row in rows if row.verdict is not None]
