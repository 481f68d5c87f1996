"""Stock as planning saw it, per attempt and order item (Akinon OMS: "Order Log Services").

A record keeps what was available. The count behind it is what the ledger says was on hand just before, so
`reservation_count` is the rest: all that was held then, by orders of the same batch as well.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from ambar.kit import clock
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.planning.domain import spreading
from ambar.oms.planning.domain.amounts import SCALE
from ambar.oms.planning.models import Decision

ON_HAND = """
SELECT asked.place, COALESCE(sum(entry.quantity), 0)
FROM unnest(%s::int[], %s::bigint[], %s::timestamptz[]) AS asked (place, product_id, at)
LEFT JOIN oms_stock_ledgerentry entry
  ON entry.product_id = asked.product_id AND entry.kind IN ('stock', 'consume') AND entry.at < asked.at
 AND entry.location_id = ANY(%s::bigint[])
GROUP BY asked.place
"""
Row = tuple[Decision, OrderItem]


def rows_of(order: Order) -> list[Row]:
    """Every (attempt, item it asked for) of the order, newest attempt first; attempts of people saw no stock."""
    items = {item.pk: item for item in OrderItem.objects.filter(order=order)}
    found = []
    for decision in Decision.objects.filter(order=order).exclude(outcome="manual").order_by("-pk"):
        found += [(decision, items[line[0]]) for line in decision.asked["lines"] if line[0] in items]
    return found


def seen(rows: Sequence[Row], order: Order, location_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The rows as answered, their figures added up over these locations. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            ON_HAND,
            [
                list(range(len(rows))),
                [item.product_id for _, item in rows],
                [decision.at for decision, _ in rows],
                list(location_ids),
            ],
        )
        on_hand = dict(cursor.fetchall())
    wanted = set(location_ids)
    answered = []
    for place, (decision, item) in enumerate(rows):
        column = spreading.stock_of(decision.record).get(item.product_id, {})
        free = Decimal(sum(have for where, have in column.items() if where in wanted)) / SCALE
        counted = max(on_hand[place], free)
        answered.append(
            {
                "date": clock.iso(decision.last_at or decision.at),
                "order_item": {
                    "pk": item.pk,
                    "sku": item.sku,
                    "omnitron_id": item.upstream_id,
                    "order_number": order.number,
                },
                "stock_data": {
                    "quantity": f"{free:.2f}",
                    "unit_type": "quantity",
                    "stock_count": f"{counted:.2f}",
                    "reservation_count": f"{counted - free:.2f}",
                },
            }
        )
    return answered
