"""What the fault suite counts with: its lists name what is there, its clock and its page say what they should."""

from __future__ import annotations

import ast
import json
import re
from contextlib import nullcontext
from pathlib import Path

import pytest

from ambar.kit import failpoints
from tests.faults import matrix, mutations, report, suite
from tests.faults.guards import GUARDS
from tests.faults.progress import Progress

ROOT = Path(__file__).resolve().parents[2]


def test_every_failpoint_is_reached_somewhere_and_injected_or_named_as_left_out():
    source = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    reached = set(re.findall(r'failpoints\.reach\("(\w+)"\)', source))
    assert reached == set(failpoints.POINTS) == set(matrix.WHERE)
    names = {fault.name for fault in matrix.all_faults()}
    left = {point for point, process in matrix.WHERE.items() if f"at {point} in {process}" not in names}
    assert left == set(matrix.UNREACHED)


def test_faults_have_names_of_their_own_and_can_be_chosen_by_group():
    faults = matrix.all_faults()
    assert len({fault.name for fault in faults}) == len(faults) > 40
    assert {fault.group for fault in suite.chosen("restart, disk")} == {"restart", "disk"}
    assert [fault.name for fault in suite.chosen("kill oms-web")] == ["kill oms-web"]
    with pytest.raises(SystemExit, match="no fault is called 'nothing'"):
        suite.chosen("nothing")


def test_every_guard_stands_where_its_change_takes_it_away_and_its_tests_exist():
    assert [g.name for g in GUARDS if (ROOT / g.file).read_text().count(g.old) != 1] == []
    missing = []
    for test in {test for guard in GUARDS for test in guard.tests}:
        path, _, name = test.partition("::")
        tree = ast.parse((ROOT / path).read_text()) if (ROOT / path).is_file() else ast.parse("")
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if not functions or (name and name not in functions):
            missing.append(test)
    assert missing == []


def watcher(*samples):
    one = suite.Watcher.__new__(suite.Watcher)
    one.samples = list(samples)
    return one


@pytest.mark.parametrize(
    ("samples", "back"),
    [
        ([(9, 10, 1), (11, 10, 1)], None),  # nothing new came through
        ([(9, 10, 1), (11, 12, 3), (12, 14, 3)], None),  # new ones came through, more than usual wait
        ([(9, 10, 1), (11, 12, 3), (13.5, 14, 1)], 3.5),
        ([(9, 10, 1), (11, 11, 0), (13.5, 14, 1)], 1),
    ],
)
def test_recovered_is_when_all_of_before_and_one_more_came_through(samples, back):
    assert watcher(*samples).recovered(10, usual=1) == back


def test_back_at_the_rate_is_when_it_is_held_for_three_seconds():
    steady = [(second / 2, second, 0) for second in range(30)]  # two a second come through, all the time
    assert watcher(*steady).at_rate(4.0, 2.0) == 0.5
    stalled = [(at, placed, 0 if at <= 4 or at >= 7 else placed - 8) for at, placed, _ in steady]
    # What piled up comes through at once; the time before the first of it is not hidden by that.
    assert watcher(*stalled).at_rate(4.0, 2.0) == 3.0
    never = [(at, placed, max(0, placed - 8)) for at, placed, _ in steady]
    assert watcher(*never).at_rate(4.0, 2.0) is None


def test_a_suite_that_was_interrupted_goes_on_where_it_stopped(tmp_path, monkeypatch, capsys):
    asked, path = {"seed": 1}, tmp_path / "runs"
    first = Progress.begun(asked, path)
    first.add(suite.Run(fault="kill oms-web", seed=1, recovery=2.5, counts={"lost": 0}))
    with path.open("a") as file:
        file.write('{"fault": "kill oms-wor')
    again = Progress.resumed(asked, path)
    ran = []

    def run_once(ground, fault, seed, *, known, rate):
        ran.append((fault.name, seed))
        return suite.Run(fault=fault.name, seed=seed, recovery=1.0, settled=True), known

    monkeypatch.setattr(suite, "new_ground", lambda crowd: nullcontext())
    monkeypatch.setattr(suite, "run_once", run_once)
    faults = suite.chosen("kill oms-web, kill oms-worker")
    done = suite.suite(faults, first_seed=1, runs=1, rate=2.0, crowd=1, progress=again)
    assert ran == [("kill oms-worker", 1)]
    assert [(run.fault, run.recovery) for run in done] == [("kill oms-web", 2.5), ("kill oms-worker", 1.0)]
    with pytest.raises(SystemExit, match="was asked for with"):
        Progress.resumed({"seed": 2}, path)


def test_a_kept_run_kills_more_than_two_hundred_processes():
    assert sum(fault.kills for fault in suite.chosen("", kills=100)) > 300
    assert {f.kills for f in suite.chosen("kills in a row", kills=100)} == {100}


def test_a_run_is_good_only_when_it_settled_came_back_and_counted_nothing():
    good = suite.Run(fault="x", seed=1, settled=True, recovery=1.0, counts={"lost": 0})
    assert good.good
    for change in ({"settled": False}, {"recovery": None}, {"counts": {"lost": 1}}):
        kept = {"fault": "x", "seed": 1, "settled": True, "recovery": 1.0, "counts": {"lost": 0}}
        assert not suite.Run(**{**kept, **change}).good


def test_the_page_of_the_reference_is_made_of_the_results_beside_it():
    kept = json.loads(report.RESULTS.read_text())
    assert report.PAGE.read_text() == report.page(kept)
    assert {kind: sum(row[kind] for row in kept["faults"]) for kind in report.KINDS} == dict.fromkeys(
        report.KINDS, 0
    )


def test_the_page_of_guards_has_a_row_for_each():
    rows = re.findall(r"^\| ([^|]+) \|.*\| ([^|]+) \|$", mutations.PAGE.read_text(), re.M)
    assert rows[1:] == [(guard.name, mutations.NOTICED) for guard in GUARDS]
