"""Products of which more became available: written with the balance, taken by who waits for stock.

Rows are events, not products: a unique product would make every release wait for every other and for the reader.
"""

from django.db import connection

from ambar.kit.work.signals import CHANNEL

LOOP = "stock_arrivals"
SIGNAL = (CHANNEL, LOOP)

# materialized: as a subquery it may be run again for every row, and each run takes further rows
TAKE = """
WITH oldest AS MATERIALIZED (SELECT id FROM oms_stock_arrival ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
DELETE FROM oms_stock_arrival WHERE id IN (SELECT id FROM oldest) RETURNING product_id
"""


def take(limit: int) -> tuple[int, frozenset[int]]:
    """Delete up to `limit` of the oldest arrivals nobody else is taking; answers how many and of which products.

    Acts with the caller's transaction: rolled back, they are taken again.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [limit])
        products = [row[0] for row in cursor.fetchall()]
    return len(products), frozenset(products)
