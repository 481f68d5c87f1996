"""Offer quarantined orders to the intake again, in the order of their changes upstream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import F, QuerySet

from ambar.kit.refusals import NotFound
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.actions.take_plans import is_plan, take_plans
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.domain.verdicts import QUARANTINED, Verdict
from ambar.oms.upstream.models import Quarantined
from ambar.oms.upstream.setting_aside import OTHER

BATCH = 200


def redrive(
    *,
    ids: Sequence[int] | None = None,
    cause: str | None = None,
    configured: Configured,
    now: datetime,
    preview: bool = False,
    renames: bool = False,
) -> list[Verdict]:
    """Take the open quarantined orders again: those of `ids`, or all of one `cause`; oldest first.

    With `preview` nothing changes and each verdict says what would happen. `position` counts from 0. `renames`: as in
    `take_orders`; without it an order that has another number here stays in quarantine.
    Refused (`NotFound`): nothing open under these ids or this cause.
    """
    rows = Quarantined.objects.filter(closed_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    if cause is not None:
        rows = rows.filter(cause=cause)
    found: list[Verdict] = []
    for batch in _batches(rows):
        found += _again(batch, len(found), configured=configured, now=now, preview=preview, renames=renames)
    if not found:
        raise NotFound("Nothing is quarantined under these ids or this cause.")
    return found


def _batches(rows: QuerySet[Quarantined]) -> Iterator[list[Quarantined]]:
    in_order = list(
        rows.order_by(F("upstream_modified_at").asc(nulls_first=True), "id").values_list("pk", flat=True)
    )
    for first in range(0, len(in_order), BATCH):
        chosen = in_order[first : first + BATCH]
        loaded = Quarantined.objects.filter(closed_at__isnull=True).in_bulk(chosen)
        yield [loaded[pk] for pk in chosen if pk in loaded]


def _again(
    batch: list[Quarantined],
    first: int,
    *,
    configured: Configured,
    now: datetime,
    preview: bool,
    renames: bool,
) -> list[Verdict]:
    found = []
    for source in sorted({row.source for row in batch}):
        plans = [row for row in batch if row.source == source and is_plan(row.identity)]
        of_orders = [row for row in batch if row.source == source and not is_plan(row.identity)]
        beside = [row for row in of_orders if row.identity.startswith(OTHER)]
        of_source = [*(row for row in of_orders if row not in beside), *beside]
        verdicts: list[Verdict] = []
        for rows, lies_beside in ((of_source[: len(of_orders) - len(beside)], False), (beside, True)):
            if rows:
                verdicts += take_orders(
                    [row.payload for row in rows], source=source, configured=configured, now=now,
                    preview=preview, renames=renames, beside=lies_beside,
                )  # fmt: skip
        if plans and not preview:
            verdicts += take_plans([row.payload for row in plans], source=source, now=now)
        found += verdicts
        if not preview:
            _close_nameless(list(zip([*of_source, *plans], verdicts, strict=True)), now)
    return [replace(verdict, position=first + place) for place, verdict in enumerate(found)]


def _close_nameless(pairs: list[tuple[Quarantined, Verdict]], now: datetime) -> None:
    """Rows kept under a fingerprint, alone or beside the id, are not found by the order's id, so they are closed by their own."""
    settled = [
        row.pk
        for row, verdict in pairs
        if verdict.outcome != QUARANTINED and not row.identity.startswith("order:")
    ]
    if settled:
        Quarantined.objects.filter(pk__in=settled, closed_at__isnull=True).update(
            closed_at=now, modified_at=now, outcome="taken"
        )
