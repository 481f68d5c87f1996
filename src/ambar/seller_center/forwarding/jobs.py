"""Background entry points of forwarding."""

from __future__ import annotations

from ambar.kit import clock, work


def drain() -> int:
    """Tell the hub one batch of item changes and of plan answers."""
    from ambar.seller_center.forwarding.actions.forward_items import forward_items
    from ambar.seller_center.forwarding.actions.forward_plans import forward_plans

    return forward_items(clock=clock.now) + forward_plans(clock=clock.now)


def register() -> None:
    """Called once at start by the room's AppConfig."""
    work.loop("sc_forwarding", drain, idle_seconds=1.0)
