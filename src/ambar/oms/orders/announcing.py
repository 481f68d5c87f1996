"""Events of orders, each with the whole record as REST shows it, in the transaction that changed them.

Nothing is made while no hook listens; the hot statements find that out on their way (`outbox.listened`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ambar.kit import ids, outbox
from ambar.oms.orders import queries
from ambar.oms.orders.domain import events
from ambar.oms.orders.models import Order
from ambar.oms.orders.schemas import order_json


def announce(type_: str, order_ids: Iterable[int], *, now: datetime, hook_id: int | None = None) -> int:
    """Record one event per order, counted by the clock; how many. The caller holds the orders' rows.

    :param hook_id: for this hook only.
    """
    rows = list(queries.detailed(Order.objects.filter(pk__in=set(order_ids))).order_by("id"))
    outbox.record(
        [
            outbox.Event(
                uuid=ids.uuid7(now), type=type_, kind=events.KIND, aggregate_id=row.pk, sequence=None,
                payload=order_json(row), scopes=events.channel_scope(row.channel_id),
            )
            for row in rows
        ],
        now=now,
        hook_id=hook_id,
    )  # fmt: skip
    return len(rows)


def announce_if_wanted(type_: str, order_ids: Iterable[int], *, now: datetime) -> None:
    """The same where the statement before did not ask whether anybody listens."""
    wanted = set(order_ids)
    if wanted and outbox.wanted(type_):
        announce(type_, wanted, now=now)
