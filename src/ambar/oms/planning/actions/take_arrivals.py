"""Stock has arrived: plan the orders that wait for it, now."""

from datetime import datetime

from django.db import transaction

from ambar.oms.orders import store as orders
from ambar.oms.planning import store
from ambar.oms.stock import arrivals


def take_arrivals(*, limit: int, now: datetime) -> int:
    """Take up to `limit` arrivals; answers how many. Those who wait longest for a product go first."""
    with transaction.atomic():
        count, products = arrivals.take(limit)
        waiting = store.short_of(products) if products else []
        if waiting:
            orders.make_due(waiting, now)
    return count
