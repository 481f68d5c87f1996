"""Background entry points of shipments."""

from ambar.kit import clock, work
from ambar.oms.shipments.actions.order_parcels import ASK_LOOP
from ambar.oms.shipments.actions.poll_now import POLL_LOOP
from ambar.oms.shipments.actions.talk_to_carriers import ask_due, poll_due


def ask() -> int:
    """Make due parcels known to their carriers."""
    return ask_due(now=clock.now())


def poll() -> int:
    """Ask for the story of open parcels."""
    return poll_due(now=clock.now())


work.loop(ASK_LOOP, ask, idle_seconds=2.0)
work.loop(POLL_LOOP, poll, idle_seconds=5.0)
