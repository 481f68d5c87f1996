"""Record the events of cancellation plans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambar.kit import ids, outbox
from ambar.omnitron.cancellations import queries
from ambar.omnitron.cancellations.models import CancellationPlan


def announce_plans(kind: str, keys: Sequence[int], *, now: datetime) -> None:
    """One event per plan with the whole plan, in the caller's transaction; `sequence` is the one just written."""
    rows = list(CancellationPlan.objects.select_related("order").filter(pk__in=keys).order_by("id"))
    outbox.record(
        [
            outbox.Event(
                uuid=ids.uuid7(),
                type=kind,
                kind="cancellation_plan",
                aggregate_id=row.pk,
                sequence=row.sequence,
                payload=shape,
            )
            for row, shape in zip(rows, queries.plans_json(rows), strict=True)
        ],
        now=now,
    )
