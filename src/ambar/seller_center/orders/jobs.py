"""Background entry points of orders: the hub's events, applied in sets."""

from __future__ import annotations

from collections.abc import Sequence

from ambar.kit import clock
from ambar.kit.outbox import inbox

SOURCE = "omnitron"
ORDER_EVENTS = ("order.created", "order.updated")
PLAN_EVENTS = ("cancellation_plan.created", "cancellation_plan.updated")


def apply_orders(rows: Sequence[inbox.InboxRow]) -> None:
    """Store the shop orders of these events."""
    from ambar.seller_center.orders.actions.take_orders import take_orders
    from ambar.seller_center.orders.domain import incoming

    orders = [row.read(lambda payload: (incoming.order(payload), payload)) for row in rows]
    take_orders(orders, now=clock.now())


def apply_plans(rows: Sequence[inbox.InboxRow]) -> None:
    """Store the cancellation plans of these events."""
    from ambar.seller_center.orders.actions.take_plans import take_plans
    from ambar.seller_center.orders.domain import plans

    found = [row.read(lambda payload: (plans.plan(payload), payload)) for row in rows]
    take_plans(found, now=clock.now())


def register() -> None:
    """Called once at start by the room's AppConfig."""
    inbox.loop("sc_orders", ORDER_EVENTS, apply_orders)
    inbox.loop("sc_cancellation_plans", PLAN_EVENTS, apply_plans)
