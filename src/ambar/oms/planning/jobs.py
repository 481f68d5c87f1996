"""Background entry points of planning."""

from ambar.kit import clock, work
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.planning.actions.take_arrivals import take_arrivals
from ambar.oms.stock import arrivals

BATCH = 500
ARRIVALS = 2000


def drain() -> int:
    """Plan one batch of waiting orders."""
    return plan_orders(limit=BATCH, now=clock.now())


def drain_arrivals() -> int:
    """Have orders planned whose stock arrived."""
    return take_arrivals(limit=ARRIVALS, now=clock.now())


work.loop("planner", drain, idle_seconds=2.0)
work.loop(arrivals.LOOP, drain_arrivals, idle_seconds=2.0)
