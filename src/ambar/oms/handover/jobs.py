"""Background entry points of the hand-over."""

from __future__ import annotations

from datetime import timedelta

from ambar.kit import clock, work

KEPT = timedelta(days=84)
"""How long a reconciliation that ended can be looked up; what it repaired stands in the statements for good."""


def _step() -> int:
    from ambar.oms.handover.actions import reconcile

    return reconcile.run_step(now=clock.now)


def _statement() -> None:
    from ambar.oms.handover.actions import close_day

    close_day.close_yesterday(now=clock.now)


def _forget() -> None:
    from ambar.oms.handover.models import Reconciliation

    Reconciliation.objects.filter(finished_at__lt=clock.now() - KEPT).delete()


def register() -> None:
    """Tell the worker of the loop and the jobs of this room."""
    work.loop("handover", _step, idle_seconds=1.0)
    work.job("handover.statement", every=86_400)(_statement)
    work.job("handover.forget", every=3600)(_forget)
