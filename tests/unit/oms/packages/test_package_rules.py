from __future__ import annotations

from decimal import Decimal

import pytest

from ambar.oms.orders.domain.progress import may_move
from ambar.oms.packages.domain import events
from ambar.oms.packages.domain.changes import Moved, item_targets, merged, quota_deltas
from ambar.oms.states.domain.codes import counts_for_quota


@pytest.mark.parametrize(
    ("state", "before", "counted"),
    [
        (100, None, True), (150, None, True), (200, None, True), (300, None, True), (400, None, False),
        (500, None, False), (600, None, False), (700, None, False), (800, None, True), (900, None, False),
        (910, None, False), (920, None, False), (1100, None, False), (930, 100, True), (930, 150, True),
        (930, 200, True), (930, 400, False), (930, None, False),
    ],
)  # fmt: skip
def test_quota_counts_what_is_below_400_in_cancellation_or_blocked_from_there(state, before, counted):
    assert counts_for_quota(state, before) is counted


def _moved(location, from_state, to_state, was=None):
    return Moved(
        package_id=1,
        location_id=location,
        from_state=from_state,
        to_state=to_state,
        was_blocked_from=was,
        sequence=1,
    )


def test_quota_deltas_add_up_per_location_and_leave_out_what_stays():
    moves = [
        _moved(1, 100, 500), _moved(1, 200, 500), _moved(1, 100, 200), _moved(2, 100, 930), _moved(2, 930, 100, 100),
        _moved(3, 400, 930), _moved(3, 930, 400, 400), _moved(4, 400, 200), _moved(5, 100, 500), _moved(5, 400, 200),
    ]  # fmt: skip
    assert quota_deltas(moves) == {1: -2, 4: 1}


def test_a_package_born_out_of_stock_raises_two_events_and_others_one():
    assert events.on_creation(100) == ("package.created",)
    assert events.on_creation(920) == ("package.created", "package.status.out_of_stock")


@pytest.mark.parametrize(
    ("state", "specific"),
    [
        (200, "preparing"), (500, "packed"), (600, "shipped"), (620, "ready_for_customer_pickup"), (700, "delivered"),
        (900, "cancelled"), (920, "out_of_stock"), (1100, "packed_for_refund"),
    ],
)  # fmt: skip
def test_the_specific_event_goes_before_transitioned(state, specific):
    assert events.on_change(state) == (f"package.status.{specific}", "package.status.transitioned")


@pytest.mark.parametrize("state", [100, 150, 300, 400, 640, 660, 740, 800, 910, 930])
def test_states_without_an_event_of_their_own_raise_transitioned_only(state):
    assert events.on_change(state) == ("package.status.transitioned",)


def test_an_order_item_moves_with_its_least_advanced_living_part():
    rows = [(1, 600), (1, 500), (2, 600), (2, 200), (3, 700), (3, 900), (4, 900), (5, 500)]
    assert item_targets(rows) == {1: 450, 3: 550, 5: 450}


def test_lines_of_one_order_item_are_added_up():
    assert merged([(1, 7, Decimal(1)), (2, 8, Decimal(1)), (1, 7, Decimal(2))]) == [
        (1, 7, Decimal(3)),
        (2, 8, Decimal(1)),
    ]


def test_nothing_is_packed_in_negative_quantity():
    with pytest.raises(ValueError, match="more than nothing"):
        merged([(1, 7, Decimal(0))])


@pytest.mark.parametrize(
    ("current", "target", "allowed"),
    [
        (400, 450, True), (450, 400, False), (450, 450, False), (500, 100, True), (100, 450, False), (100, 600, True),
        (50, 400, True), (400, 50, True), (550, 600, True), (600, 550, False), (550, 500, False), (425, 400, True),
    ],
)  # fmt: skip
def test_item_statuses_go_forward_except_by_cancellation(current, target, allowed):
    assert may_move(current, target) is allowed
