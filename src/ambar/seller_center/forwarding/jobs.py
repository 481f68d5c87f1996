"""Background entry points of forwarding."""

from __future__ import annotations

from ambar.kit import clock, work

TELL_SECONDS = 1.0
"""Pause after the hub was told: an item that changes again within it is told once, as it is then. The hub answers each
batch with events of every order in it."""
MOST_BATCHES = 20


def drain() -> int:
    """Tell the hub of item changes and of plan answers, batch after batch until nothing is due."""
    from ambar.seller_center.forwarding.actions.forward_items import forward_items
    from ambar.seller_center.forwarding.actions.forward_plans import forward_plans

    told = 0
    for _ in range(MOST_BATCHES):
        now_told = forward_items(clock=clock.now) + forward_plans(clock=clock.now)
        told += now_told
        if not now_told:
            break
    return told


def register() -> None:
    """Called once at start by the room's AppConfig."""
    work.loop("sc_forwarding", drain, idle_seconds=1.0, busy_seconds=TELL_SECONDS)
