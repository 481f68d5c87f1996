"""Record the events of orders, each with the whole detailed order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ambar.kit import ids, outbox
from ambar.omnitron.orders import queries, store


def announce_orders(
    kind: str,
    sequences: Mapping[int, int],
    *,
    now: datetime,
    caller: outbox.Caller | None = None,
) -> None:
    """One event per order, in the caller's transaction.

    :param sequences: `{order: sequence}` as just written under the orders' locks.
    :param caller: who made the change and is answered all of it.
    """
    outbox.record(
        [
            outbox.Event(
                uuid=ids.uuid7(),
                type=kind,
                kind="order",
                aggregate_id=shape["id"],
                sequence=sequences[shape["id"]],
                payload=shape,
            )
            for shape in queries.detailed(sorted(sequences))
        ],
        now=now,
        caller=caller,
    )


def update_orders(
    statuses: Mapping[int, int],
    *,
    now: datetime,
    caller: outbox.Caller | None = None,
) -> None:
    """Writes the status of locked orders and records `order.updated` for each.

    :param statuses: `{order: status}`, the present one where only something else changed.
    """
    sequences = store.touch_orders(statuses, now=now)
    announce_orders("order.updated", sequences, now=now, caller=caller)
