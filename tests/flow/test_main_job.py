"""The main job, with everything real: three systems, workers, PostgreSQL, HTTP; and again with processes killed under it.

After each run the proof reads all three systems over their public APIs: lost 0, twice 0, no disagreement on any package.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
import threading
from pathlib import Path

import pytest

from ambar.cli import systems
from ambar.cli.demo import command
from ambar.cli.demo.proof import Proof
from ambar.cli.demo.stage import Stage

pytestmark = pytest.mark.processes

ORDERS = 40
KILLED = (
    "oms-worker",
    "seller-center-web",
    "postgresql",
    "omnitron-worker",
    "oms-web",
    "seller-center-worker",
    "omnitron-web",
)


class Notes(command.Screen):
    """A screen that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(as_json=True)
        self.told: list[str] = []

    def line(self, text: str) -> None:
        self.told.append(text)

    note = line


@pytest.fixture(scope="module")
def home():
    path = Path(tempfile.mkdtemp(prefix="ambar-flow-", dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def screen():
    return Notes()


@pytest.fixture(scope="module")
def stage(home, screen):
    before = {
        key: os.environ.pop(key)
        for key in ("AMBAR_TEST_SERVER", "AMBAR_TEST_RUN", "AMBAR_HOME")
        if key in os.environ
    }
    one = Stage(
        home=home,
        ports={system.module: systems.free_port() for system in systems.SYSTEMS},
        on_event=screen.note,
    )
    yield one
    one.stop()
    os.environ.update(before)


@pytest.fixture(scope="module")
def world(stage, screen):
    return command.set_up(stage, seed=7, line=screen.line)


def told(screen: Notes, part: str) -> list[str]:
    return [line for line in screen.told if part in line]


def assert_nothing_lost(proof: Proof) -> None:
    assert (proof.lost, proof.twice, proof.disagreements) == ([], [], [])
    assert proof.quarantined == proof.held == 0
    assert proof.packages == proof.settled_packages
    assert proof.events_recorded == proof.events_delivered


def test_an_order_in_the_shop_becomes_a_delivered_package_that_all_three_systems_know(stage, world, screen):
    proof = command.through(stage, world, orders=ORDERS, rate=40, seed=7, screen=screen)
    assert_nothing_lost(proof)
    assert proof.orders == ORDERS
    assert proof.packages >= proof.demo_seller_orders > 0
    assert proof.other_sellers_orders > 0
    refused = proof.replanned_packages
    assert proof.events_recorded == 5 * proof.delivered_packages + 2 * (refused + proof.out_of_stock_packages)
    assert refused > 0 and proof.transfers > 0
    assert proof.p95 is not None
    assert proof.applied_p95 is not None and proof.applied_p95 < proof.p95


def test_the_set_up_is_told_and_repeating_it_changes_nothing(stage, world, screen):
    screen.told.clear()
    command.set_up_again(stage, world, line=screen.line)
    assert len(told(screen, "Omnitron hook: already")) == 6
    assert len(told(screen, "package hook: already")) == 9
    assert told(screen, "scenario: already")
    omnitron = stage.wire("omnitron").get("/api/v1/whisperer/hooks/", limit=999)["results"]
    at_oms = [hook for hook in omnitron if hook["target_url"].startswith(stage.url("oms"))]
    at_seller_center = [
        hook for hook in omnitron if hook["target_url"].startswith(stage.url("seller_center"))
    ]
    assert [hook["is_active"] for hook in at_oms] == [False] * 6
    assert [hook["is_active"] for hook in at_seller_center] == [True] * 4


def test_the_doctor_finds_nothing_wrong(stage, world):
    answer = stage.wire("oms").get("/api/v1/oms/doctor/")
    assert [finding for finding in answer["findings"] if not finding["ok"]] == []
    assert answer["ok"] is True


def test_a_synthetic_order_walks_through_all_of_it(stage, world):
    answer = stage.wire("oms").post("/api/v1/oms/doctor/walk/", {})
    assert [finding["code"] for finding in answer["findings"]][-2:] == ["walk_reported", "walk_no_trace"]
    assert answer["ok"] is True


def test_kill_minus_nine_of_every_process_in_turn_loses_nothing(stage, world, screen):
    """Trap 23: each process of the run, PostgreSQL's included, is killed once while orders flow; nobody lends a hand."""
    stop = threading.Event()
    killed: list[str] = []

    def killer() -> None:
        for name in itertools.islice(itertools.cycle(KILLED), len(KILLED)):
            if stop.wait(2.5):
                return
            pid = stage.supervisor.processes().get(name)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                killed.append(name)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        proof = command.through(stage, world, orders=160, rate=8, seed=7, screen=screen)
    except BaseException:
        stop.set()
        raise
    finally:
        thread.join()
    assert killed == list(KILLED)
    assert_nothing_lost(proof)
    assert proof.orders == ORDERS + 160


def test_a_second_start_on_the_same_data_goes_on_where_the_first_stopped(stage, world, screen, home):
    stage.stop()
    again = Stage(home=home, ports=stage.ports, on_event=screen.note)
    try:
        world_again = command.set_up(again, seed=7, line=screen.line)
        proof = command.through(again, world_again, orders=ORDERS, rate=40, seed=7, screen=screen)
    finally:
        again.stop()
    assert_nothing_lost(proof)
    assert proof.orders == 2 * ORDERS + 160
