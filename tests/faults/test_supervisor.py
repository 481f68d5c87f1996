"""When a process that ended is started again: at once when it had done well, ever more slowly when it can't run."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from ambar.cli import supervisor
from ambar.cli.supervisor import Child, Supervisor


@dataclass
class Clock:
    now: float = 100.0

    def monotonic(self) -> float:
        return self.now


@dataclass(slots=True)
class Ending(Child):
    """A process that is always dead; its starts are noted."""

    clock: Clock = field(default_factory=Clock)
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.started_at = self.clock.now
        self.starts.append(self.clock.now)


@pytest.fixture
def clock(monkeypatch):
    one = Clock()
    monkeypatch.setattr(supervisor, "time", one)
    return one


@pytest.fixture
def watched(clock, tmp_path):
    one = Supervisor(home=tmp_path, ports={})
    (tmp_path / "run").mkdir()
    child = Ending(name="oms-web", command=[], environment={}, log=Path("none"), clock=clock)
    child.start()

    def look(*, until: float) -> list[float]:
        """Looks every tenth of a second, as the watcher does; gives the moments of the starts."""
        child.starts.clear()
        while clock.now < until:
            one._restart(child)
            clock.now += 0.1
        return [round(at, 1) for at in child.starts]

    return look


def test_who_did_well_is_started_at_the_first_look(watched, clock):
    clock.now += 60
    assert watched(until=160.05) == [160.0]


def test_who_ends_at_once_is_started_ever_more_slowly(watched, clock):
    starts = watched(until=115)
    waits = [round(b - a, 1) for a, b in pairwise(starts)]
    assert waits == sorted(waits)
    assert waits[0] < 1.0
    assert waits[-1] == pytest.approx(supervisor.LONGEST_RESTART_SECONDS, abs=0.25)


def test_having_done_well_once_more_forgets_earlier_trouble(watched, clock):
    watched(until=115)
    clock.now += supervisor.LONGEST_RESTART_SECONDS
    assert len(watched(until=clock.now + 0.05)) == 1
    clock.now += 60
    first, second, *_ = watched(until=clock.now + 2)
    assert second - first < 1.0


def test_a_crowd_is_several_workers_of_each_system_and_one_web_tier(tmp_path):
    one = Supervisor(home=tmp_path, ports={"oms": 1, "seller_center": 2, "omnitron": 3}, workers_per_system=2)
    one._make_children()
    names = [child.name for child in one.children if child.name.startswith("oms")]
    assert names == ["oms-web", "oms-worker", "oms-worker-2"]
    assert len(one.children) == 9
