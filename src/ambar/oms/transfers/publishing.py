"""Sending a transfer as it stands now to one hook, because a person asks for it."""

from __future__ import annotations

from django.db import connection, transaction

from ambar.kit import clock
from ambar.oms.transfers.store import record_events


def publish(transfer_id: int, type_: str, hook_id: int) -> bool:
    """Record an event of a transfer as it stands now for one hook; False when there is no such transfer."""
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_transfers_transfer SET sequence = sequence + 1 WHERE id = %s RETURNING id",
            [transfer_id],
        )
        found = cursor.fetchone() is not None
        if found:
            record_events({transfer_id: (type_,)}, now=now, hook_id=hook_id)
    return found
