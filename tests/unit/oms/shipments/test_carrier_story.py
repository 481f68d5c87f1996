from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from ambar.oms.shipments.domain.story import RANK, Told, judge, next_step, package_target

T0 = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def told(status, hours):
    return Told(status=status, at=T0 + timedelta(hours=hours))


LIFE = [told("CREATED", 0), told("SHIPPING", 1), told("ATTEMPTED_DELIVERY", 2), told("DELIVERED", 3)]


def test_the_story_ends_the_same_in_whatever_order_and_however_often_it_is_told():
    """Trap 10."""
    for order in itertools.permutations(LIFE):
        state, known = "CREATED", set()
        for one in [*order, *order]:
            state, judged = judge(state, known, [one])
            known |= {(each.told.status, each.told.at) for each in judged}
        assert (state, len(known)) == ("DELIVERED", 4)


def test_shipped_after_delivered_is_logged_and_changes_nothing():
    """Trap 11."""
    state, judged = judge("DELIVERED", {("DELIVERED", T0)}, [told("DELIVERED", 0), told("SHIPPING", 5)])
    assert (state, [(j.told.status, j.applied) for j in judged]) == ("DELIVERED", [("SHIPPING", False)])


@pytest.mark.parametrize("state", list(RANK))
def test_only_what_was_not_received_is_deleted(state):
    after, _ = judge(state, (), [told("DELETED", 1)])
    assert after == ("DELETED" if state in ("CREATED", "DELETED") else state)


def test_an_unknown_status_is_logged_only():
    assert judge("CREATED", (), [told("ON_THE_MOON", 1)])[0] == "CREATED"


@pytest.mark.parametrize(
    ("parcels", "target"),
    [
        ([], None),
        (["CREATED"], None),
        (["DELETED"], None),
        (["SHIPPING", "CREATED"], 600),
        (["DELIVERED", "DELETED"], 700),
        (["DELIVERED", "SHIPPING"], 600),
        (["DELIVERED", "ATTEMPTED_DELIVERY"], 640),
        (["DELIVERED", "RETURNED"], 660),
        (["RETURNED", "RETURNED"], 740),
    ],
)
def test_a_package_stands_where_all_its_parcels_are(parcels, target):
    assert package_target(parcels) == target


def way(state, target):
    steps = []
    while (step := next_step(state, target)) is not None:
        steps.append(step)
        state = step
    return steps


@pytest.mark.parametrize(
    ("state", "target", "steps"),
    [
        (500, 700, [600, 700]),
        (500, 740, [600, 660, 740]),
        (600, 740, [660, 740]),
        (640, 740, [660, 740]),
        (660, 700, [700]),
        (700, 600, []),
        (640, 600, []),
        (620, 700, []),
        (930, 700, []),
        (400, 600, []),
    ],
)
def test_a_package_goes_step_by_step_and_never_back(state, target, steps):
    assert way(state, target) == steps
