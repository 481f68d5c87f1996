"""Transfers that bring nothing their packages still need."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from ambar.oms.transfers.domain.changes import OPEN

_NEEDED = """
SELECT t.id FROM oms_transfers_transfer t
 WHERE t.package_id = ANY(%s) AND t.state = ANY(%s)
   AND EXISTS (SELECT 1 FROM oms_transfers_transferitem ti JOIN oms_packages_packageitem i ON i.id = ti.package_item_id
                WHERE ti.transfer_id = t.id AND i.quantity > 0)
 ORDER BY t.id"""


def needed(package_ids: Sequence[int]) -> list[int]:
    """The transfers of these packages that have not left and bring something that is still wanted."""
    with connection.cursor() as cursor:
        cursor.execute(_NEEDED, [list(package_ids), [str(state) for state in OPEN]])
        return [row[0] for row in cursor.fetchall()]
