"""Reconciliations, begun and followed; deliveries are left to the caller."""

from ambar.kit import clock
from ambar.oms.handover.actions import reconcile
from ambar.oms.handover.models import Reconciliation


def run(apply: bool = False) -> Reconciliation:
    """A new one, to its end or its preview."""
    return follow(reconcile.start(apply=apply, user_id=None, now=clock.now()))


def follow(row: Reconciliation) -> Reconciliation:
    """As far as it goes by itself."""
    while reconcile.run_step(now=clock.now, reconciliation_id=row.pk):
        pass
    row.refresh_from_db()
    return row
