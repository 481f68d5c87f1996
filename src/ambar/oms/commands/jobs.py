"""Background entry points of commands."""

from datetime import timedelta

from ambar.kit import clock, work
from ambar.oms.commands.actions import bulk

KEPT = timedelta(days=84)
"""How long an action that ended can be looked up."""


def drain_bulk_actions() -> int:
    """Carry out one slice of a waiting action."""
    return bulk.run_slice(now=clock.now)


work.loop(bulk.LOOP, drain_bulk_actions, idle_seconds=5.0)


@work.job("commands.forget_bulk_actions", every=3600)
def forget() -> None:
    """Remove actions that ended long ago."""
    bulk.purge(before=clock.now() - KEPT)
