"""Which transfer items may hold stock at their source, for the standing check of stock."""

from collections.abc import Collection

from django.db import connection

LIVING = """
SELECT item.id FROM oms_transfers_transferitem item JOIN oms_transfers_transfer transfer ON transfer.id = item.transfer_id
WHERE item.id = ANY(%s) AND transfer.state IN ('waiting', 'ready_to_shipment', 'in_transit')
ORDER BY transfer.id
"""


def living(item_ids: Collection[int], *, lock: bool = False) -> set[int]:
    """Items of transfers that have not arrived and were not given up."""
    with connection.cursor() as cursor:
        if lock:
            cursor.execute(
                "SELECT id FROM oms_transfers_transfer WHERE id IN"
                " (SELECT transfer_id FROM oms_transfers_transferitem WHERE id = ANY(%s)) ORDER BY id FOR UPDATE",
                [list(item_ids)],
            )
        cursor.execute(LIVING, [list(item_ids)])
        return {row[0] for row in cursor.fetchall()}
