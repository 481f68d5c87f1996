"""Events of orders, each with the whole record as REST shows it, in the transaction that changed them.

Nothing is made while no hook listens; the hot statements find that out on their way (`outbox.listened`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ambar.kit import ids, outbox
from ambar.oms.orders import records
from ambar.oms.orders.domain import events


def announce(type_: str, order_ids: Iterable[int], *, now: datetime, hook_id: int | None = None) -> int:
    """Record one event per order, counted by the clock; how many. The caller holds the orders' rows.

    :param hook_id: for this hook only.
    """
    found = records.records(sorted(set(order_ids)))
    outbox.record(
        [
            outbox.Event(
                uuid=ids.uuid7(now), type=type_, kind=events.KIND, aggregate_id=order["id"], sequence=None,
                payload=order, scopes=events.channel_scope(order["channel"]["id"]),
            )
            for order in found
        ],
        now=now,
        hooks=None if hook_id is None else [hook_id],
    )  # fmt: skip
    return len(found)


def announce_if_wanted(type_: str, order_ids: Iterable[int], *, now: datetime) -> None:
    """The same where the statement before did not ask whether anybody listens."""
    wanted = set(order_ids)
    if wanted and outbox.wanted(type_):
        announce(type_, wanted, now=now)
