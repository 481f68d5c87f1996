"""Akinon OMS: Reschedule."""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.orders import store as orders
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import same_state_pairs


def run(batch: Batch) -> None:
    """Plan the order again now; the package stays as it is until the planner finds its items a new home."""
    batch.note()
    orders.request_planning(sorted({package.order_id for package in batch.standing}), batch.now)


COMMAND = Command(
    code="RESCHEDULE",
    kind="package",
    title="Reschedule",
    pairs=same_state_pairs([PackageStatus.NEEDS_RESCHEDULING, PackageStatus.OUT_OF_STOCK]),
    parameters=NoParameters,
    run=run,
)
