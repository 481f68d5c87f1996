"""Take held shop orders up again, after an offer or a seller was added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambar.seller_center.orders.actions.take_orders import Taken, take_orders
from ambar.seller_center.orders.domain import incoming
from ambar.seller_center.orders.models import OrderHold

BATCH = 200


def retry_holds(hold_ids: Sequence[int] | None = None, *, now: datetime) -> Taken:
    """Try the named holds, or all, in batches; those still without a seller stay held."""
    wanted = OrderHold.objects.order_by("id")
    if hold_ids is not None:
        wanted = wanted.filter(pk__in=hold_ids)
    ids = list(wanted.values_list("pk", flat=True))
    created = updated = stale = held = 0
    for first in range(0, len(ids), BATCH):
        payloads = list(
            OrderHold.objects.filter(pk__in=ids[first : first + BATCH]).values_list("payload", flat=True)
        )
        taken = take_orders([(incoming.order(payload), payload) for payload in payloads], now=now, again=True)
        created, updated = created + taken.created, updated + taken.updated
        stale, held = stale + taken.stale, held + taken.held
    return Taken(created=created, updated=updated, stale=stale, held=held)
