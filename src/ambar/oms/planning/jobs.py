"""Background entry points of planning."""

from ambar.kit import clock, work
from ambar.oms.planning.actions.plan_orders import plan_orders

BATCH = 300


def drain() -> int:
    """Plan one batch of waiting orders."""
    return plan_orders(limit=BATCH, now=clock.now())


work.loop("planner", drain, idle_seconds=2.0)
