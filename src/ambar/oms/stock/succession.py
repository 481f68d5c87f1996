"""Passing on what was consumed: the goods stay off the books, now under another holder's name."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from ambar.oms.stock.domain.reservations import MoveLine

CONSUMED_BY_HEIR = """
WITH line AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::bigint[], %s::text[], %s::bigint[])
        AS line (location_id, product_id, quantity, from_kind, from_id, to_kind, to_id)
)
INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, holder_id, reason, cause)
SELECT %s::timestamptz, 'stock', location_id, product_id, quantity, from_kind, from_id, %s::text, %s::uuid FROM line
UNION ALL
SELECT %s::timestamptz, 'reserve', location_id, product_id, quantity, to_kind, to_id, %s::text, %s::uuid FROM line
UNION ALL
SELECT %s::timestamptz, 'consume', location_id, product_id, -quantity, to_kind, to_id, %s::text, %s::uuid FROM line
"""


def pass_on_consumed(lines: Sequence[MoveLine], *, reason: str, cause: UUID | None, now: datetime) -> None:
    """Write what one holder consumed under another at the same location, so that only the heir can restore it.

    The three rows of a line cancel out: no balance changes. The caller holds the locks of the records behind the
    holders. One statement.
    """
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(
                CONSUMED_BY_HEIR,
                [
                    [line.from_location for line in lines],
                    [line.product_id for line in lines],
                    [line.quantity for line in lines],
                    [line.from_kind for line in lines],
                    [line.from_id for line in lines],
                    [line.to_kind for line in lines],
                    [line.to_id for line in lines],
                    *[now, reason, cause] * 3,
                ],
            )
