"""The status map as a model: every row is needed, nothing goes backwards, nothing ends half told."""

from __future__ import annotations

import itertools

import pytest

from ambar.oms.states.domain.life import LIVES
from ambar.oms.states.domain.seed import PACKAGE_TRANSITIONS
from ambar.oms.upstream.domain import status_model
from ambar.oms.upstream.domain.statuses import DEFAULT_MAP

LIFE = LIVES["package"]
MOVES = {(int(row[4]), int(row[5])) for row in PACKAGE_TRANSITIONS} | {
    (int(move.source), int(move.destination)) for move in LIFE.own_moves
}
BORN = {int(state) for state in LIFE.born}
FINAL = {int(state) for state in LIFE.final}


def examined(status_map, moves=MOVES):
    return status_model.examine(status_map, moves=moves, born=BORN, final=FINAL)


def test_the_default_map_is_sound():
    assert examined(DEFAULT_MAP) == []


@pytest.mark.parametrize("state", sorted(DEFAULT_MAP))
def test_without_any_of_its_rows_it_is_not_and_the_way_there_is_told(state):
    lacking = {key: code for key, code in DEFAULT_MAP.items() if key != state}
    problems = examined(lacking)
    assert [(one.kind, one.state) for one in problems] == [("missing", state)]
    path = problems[0].path
    assert path[0] in BORN and path[-1] == state
    assert all(step in MOVES for step in itertools.pairwise(path))


def test_a_status_before_the_one_told_on_the_way_is_named_with_the_way():
    (problem,) = examined({**DEFAULT_MAP, 600: 400})
    assert (problem.kind, problem.state, problem.told, problem.code) == ("backwards", 600, 450, 400)
    assert problem.path == (100, 500, 600)


def test_an_end_that_upstream_is_not_told_of_is_a_dead_end():
    (problem,) = examined({**DEFAULT_MAP, 700: 540})
    assert (problem.kind, problem.state, problem.told) == ("dead_end", 700, 540)
    assert problem.path[-1] == 700


def test_another_attempt_after_a_failed_one_is_no_step_back():
    assert examined(DEFAULT_MAP, MOVES | {(640, 600)}) == []


def test_a_map_that_withdraws_cancelled_items_is_sound():
    assert examined({**DEFAULT_MAP, 900: 100}) == []


def test_a_state_nobody_reaches_needs_no_row():
    lacking = {key: code for key, code in DEFAULT_MAP.items() if key != 640}
    assert examined(lacking, {move for move in MOVES if move[1] != 640}) == []
