"""Heads and parts of bundles, and what a newer version says against the lines known."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambar.oms.orders.domain.bundles import arranged, loops
from ambar.oms.orders.domain.incoming import IncomingItem
from ambar.oms.orders.domain.versions import KnownLine, compared


def line(pk, *, parent=None, price="0", quantity=1, state=400, discount="0"):
    return IncomingItem(
        upstream_id=pk, sku=f"S{pk}", product_id=pk, quantity=Decimal(quantity), price=Decimal(price), state=state,
        parent_upstream_id=parent, discount_amount=Decimal(discount),
    )  # fmt: skip


def discounts(*items):
    return {item.upstream_id: item.discount_amount for item in arranged(items)}


def worths(*items):
    return {
        item.upstream_id: (item.is_head, item.price if item.worth is None else item.worth)
        for item in arranged(items)
    }


def test_a_head_s_price_is_shared_by_quantity_when_its_parts_have_none():
    found = worths(line(1, price="100.00"), line(2, parent=1, quantity=2), line(3, parent=1))
    assert found == {1: (True, 0), 2: (False, Decimal("66.67")), 3: (False, Decimal("33.33"))}


def test_a_head_that_repeats_the_price_of_its_parts_adds_nothing():
    found = worths(
        line(1, price="100.00"), line(2, parent=1, price="60.00"), line(3, parent=1, price="40.00")
    )
    assert found == {1: (True, 0), 2: (False, 60), 3: (False, 40)}


def test_a_bundle_within_a_bundle_shares_among_the_last_parts():
    found = worths(
        line(1, price="90.00"), line(2, parent=1), line(3, parent=2), line(4, parent=2, quantity=2)
    )
    assert found == {1: (True, 0), 2: (True, 0), 3: (False, 30), 4: (False, 60)}


def test_a_head_s_discount_is_shared_by_worth_when_its_parts_have_none():
    shared = discounts(
        line(1, price="100.00", discount="10.00"),
        line(2, parent=1, price="60.00"),
        line(3, parent=1, price="40.00"),
    )
    assert (shared[2], shared[3]) == (Decimal("6.00"), Decimal("4.00"))
    by_units = discounts(
        line(1, price="90.00", discount="10.00"), line(2, parent=1, quantity=2), line(3, parent=1)
    )
    assert (by_units[2], by_units[3]) == (Decimal("6.67"), Decimal("3.33"))


def test_parts_with_discounts_of_their_own_keep_them():
    kept = discounts(
        line(1, price="100.00", discount="10.00"),
        line(2, parent=1, price="60.00", discount="10.00"),
        line(3, parent=1, price="40.00"),
    )
    assert (kept[2], kept[3]) == (10, 0)


def test_a_part_whose_head_is_elsewhere_is_a_plain_line():
    assert worths(line(2, parent=99, price="5.00")) == {2: (False, 5)}


@pytest.mark.parametrize("parents", [{1: 1}, {1: 2, 2: 1}, {1: 2, 2: 3, 3: 2}])
def test_parents_that_come_back_to_a_line_are_loops(parents):
    assert loops(parents)


def test_parents_that_end_are_no_loop():
    assert not loops({1: None, 2: 1, 3: 2, 4: 99})


def known(pk=1, quantity=3, told=None, withdrawn=0, state=400, is_head=False):
    told = quantity if told is None else told
    return {
        pk: KnownLine(
            id=pk * 10, upstream_id=pk, quantity=Decimal(quantity), told=Decimal(told), withdrawn=Decimal(withdrawn),
            state=state, is_head=is_head,
        )
    }  # fmt: skip


def verdict(lines, *items):
    found = compared(lines, items)
    written = {one.item.upstream_id: (one.item.quantity, one.told) for one in found.lines}
    return written, found.grown, [(one.item_id, one.quantity, one.refund) for one in found.taken_back]


@pytest.mark.parametrize(
    ("lines", "item", "expected"),
    [
        (known(), line(1, quantity=3), ({1: (3, None)}, False, [])),
        (known(), line(1, quantity=5), ({1: (5, None)}, True, [])),
        (known(), line(1, quantity=2), ({1: (3, 2)}, False, [(10, 1, False)])),
        (known(withdrawn=1), line(1, quantity=2), ({1: (3, 2)}, False, [])),
        (known(withdrawn=1), line(1, quantity=1), ({1: (3, 1)}, False, [(10, 1, False)])),
        (known(told=2), line(1, quantity=2), ({1: (3, 2)}, False, [])),
        (known(told=2, withdrawn=1), line(1, quantity=3), ({1: (4, 3)}, True, [])),
        (known(), line(1, quantity=3, state=100), ({1: (3, 0)}, False, [(10, 3, False)])),
        (known(withdrawn=3), line(1, quantity=3, state=100), ({1: (3, 0)}, False, [])),
        (known(), line(1, quantity=3, state=600), ({1: (3, 0)}, False, [(10, 3, True)])),
        (known(state=50), line(1, quantity=3), ({1: (3, None)}, True, [])),
    ],
)
def test_a_version_is_compared_with_what_upstream_said_last(lines, item, expected):
    assert verdict(lines, item) == expected


def test_a_line_left_out_is_taken_back_whole_and_once():
    written, grown, back = verdict(known(), line(2))
    assert (written, grown, back) == ({2: (1, None)}, True, [(10, 3, False)])
    assert verdict(known(told=0, withdrawn=3), line(2)) == ({2: (1, None)}, True, [])


def test_a_line_that_becomes_a_head_is_taken_back_and_its_parts_are_planned():
    items = arranged([line(1, quantity=1), line(2, parent=1)])
    found = compared(known(quantity=1), items)
    assert found.grown
    assert [(one.item_id, one.quantity) for one in found.taken_back] == [(10, 1)]


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from([400, 400, 400, 100])), min_size=1, max_size=8))
def test_after_any_versions_what_is_left_to_supply_is_what_upstream_last_said(versions):
    """When every request is fulfilled, ordered less cancelled is the last quantity told."""
    quantity, told, cancelled, state = Decimal(4), Decimal(4), Decimal(0), 400
    for asked, said in versions:
        lines = known(quantity=quantity, told=told, withdrawn=cancelled, state=state)
        found = compared(lines, [line(1, quantity=asked, state=said)])
        quantity = found.lines[0].item.quantity
        told = quantity if found.lines[0].told is None else found.lines[0].told
        cancelled += sum((one.quantity for one in found.taken_back), Decimal(0))
        state = said
    assert quantity - cancelled == told == (0 if versions[-1][1] == 100 else versions[-1][0])
