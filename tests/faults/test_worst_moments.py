"""A bounded part of the fault suite: processes that die at the points where most would be lost, and at once.

The whole matrix is `make faults`. Each test here places orders, injects one fault, waits until everything has settled by
itself, and reads the invariants out of the three databases and the logs.
"""

from __future__ import annotations

import os

import pytest

from tests.faults import suite
from tests.faults.ground import Ground
from tests.faults.invariants import check
from tests.faults.matrix import all_faults

pytestmark = pytest.mark.processes

CHOSEN = (
    "at plan_before_commit in oms-worker",
    "at after_post_before_ack in oms-worker",
    "at after_commit_before_reply in omnitron-web",
    "kill everything",
)


@pytest.fixture(scope="module")
def ground(stage, world, screen):
    one = Ground(stage=stage, world=world, screen=screen)
    one.floor.start()
    yield one
    one.floor.stop()


@pytest.mark.parametrize("name", CHOSEN)
def test_nothing_is_lost_doubled_oversold_reordered_or_leaked(ground, name):
    """Trap 23: kill -9 at the points of no return."""
    (fault,) = [one for one in all_faults() if one.name == name]
    seed = int(os.environ.get("AMBAR_FAULT_SEED", suite.SEED))
    run, _ = suite.run_once(ground, fault, seed, known=check(ground), rate=3.0)
    print(f"{name}, seed {seed}: back after {run.recovery} s, {run.orders} orders")
    assert run.examples == []
    assert run.settled
    assert set(run.counts.values()) == {0}
