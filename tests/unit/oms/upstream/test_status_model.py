"""The status map checked as a model, on the transitions of a fresh installation."""

import pytest

from ambar.oms.states.domain.seed import PACKAGE_TRANSITIONS
from ambar.oms.upstream.domain import status_model
from ambar.oms.upstream.domain.statuses import DEFAULT_MAP

SEEDED = [(int(row[4]), int(row[5])) for row in PACKAGE_TRANSITIONS]


def told(status_map, transitions=SEEDED):
    return [
        (one.code, one.state, one.path) for one in status_model.findings(dict(status_map), list(transitions))
    ]


def changed(**codes):
    return {**DEFAULT_MAP, **{int(state.lstrip("s")): code for state, code in codes.items()}}


def test_the_map_of_a_fresh_installation_has_nothing_wrong():
    assert told(DEFAULT_MAP) == []


@pytest.mark.parametrize(
    ("row", "path"),
    [
        (200, (100, 200)),
        (300, (300,)),
        (400, (150, 930, 400)),
        (500, (100, 500)),
        (600, (100, 500, 600)),
        (620, (100, 500, 620)),
        (640, (100, 500, 600, 640)),
        (700, (100, 500, 600, 700)),
        (1100, (100, 1100)),
    ],
)
def test_any_row_taken_away_is_told_with_a_path(row, path):
    without = {state: code for state, code in DEFAULT_MAP.items() if state != row}
    found = status_model.findings(without, SEEDED)
    assert [(one.code, one.state) for one in found] == [("unmapped", row)]
    assert found[0].path[-1] == row
    assert len(found[0].path) == len(path)
    assert all(move in [*SEEDED, (600, 640)] for move in zip(found[0].path, found[0].path[1:], strict=False))


def test_every_row_of_the_map_is_covered_above():
    assert set(DEFAULT_MAP) == {200, 300, 400, 500, 600, 620, 640, 700, 1100}


def test_a_move_that_would_take_an_item_back_is_told_with_the_way_there():
    assert told(changed(s640=450)) == [("backwards", 640, (100, 500, 600, 640))]
    found = status_model.findings(changed(s640=450), SEEDED)[0]
    assert found.what == "640 -> 450 would move items back from 500 (100 → 500 → 600 → 640)."


def test_what_was_told_is_remembered_over_states_that_tell_nothing():
    back = (660, 500)
    assert told(DEFAULT_MAP, [*SEEDED, back]) == [("backwards", 500, (100, 500, 600, 660, 500))]


def test_the_last_status_told_must_be_an_end():
    assert told(changed(s700=540)) == [
        ("dead_end", 700, (100, 500, 600, 700)),
    ]


def test_a_cancellation_may_come_at_any_time():
    assert told(changed(s900=100)) == []


def test_a_state_nobody_reaches_needs_no_row():
    without = {state: code for state, code in DEFAULT_MAP.items() if state != 1100}
    assert told(without, [move for move in SEEDED if move[1] != 1100]) == []


def test_a_circle_of_moves_ends():
    assert told(DEFAULT_MAP, [*SEEDED, (200, 100), (400, 200), (500, 400)]) == []
