"""Who is right about what: the table is whole, and each difference meets the row that is meant for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ambar.oms.handover.domain import authority, differences
from ambar.oms.handover.domain.authority import decided
from ambar.oms.handover.domain.differences import (
    ALIKE,
    UNDER_WAY,
    OrderFields,
    OrderHere,
    OrderLine,
    PackageHere,
)
from ambar.oms.handover.domain.restoring import CannotRestore, KnownItem, KnownOrder, Places, read

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
HERE = PackageHere(
    id=1, number="N-1", state=200, sequence=2, state_now=400, sequence_now=4, day="2026-01-15",
    fields={"state": 200, "sequence": 2, "items": ["7 A × 1.00"], "invoice_number": None, "created_date": "2026-01-15T12:00:00Z"},
)  # fmt: skip
THERE = {**HERE.fields, "tracking_numbers": []}


@pytest.mark.parametrize("kind", [authority.PACKAGE, authority.ORDER])
def test_every_case_of_a_record_that_can_be_found_has_a_row(kind):
    for case in authority.CASES:
        if (kind, case) not in (
            (authority.ORDER, authority.HEARD_MORE),
            (authority.PACKAGE, authority.SAME_VERSION),
            (authority.PACKAGE, authority.BEHIND),
            (authority.ORDER, authority.SLIPPED),
            (authority.ORDER, authority.REWRITTEN),
        ):
            own = {authority.REWRITTEN: ("items", "amount"), authority.BEHIND: ("status", "line_statuses")}
            fields = own.get(case, ("state", "sequence"))
            assert decided(kind, case, fields, 600).remedy in authority.REMEDIES


def test_every_field_that_is_compared_has_an_owner_in_every_state():
    for field in differences.COMPARED:
        for state in (100, 500, 700, 900):
            assert decided(authority.PACKAGE, authority.BOTH, (field,), state).owner == authority.OMS


def test_every_row_is_the_first_for_something_and_says_why():
    for row in authority.TABLE:
        states = row.states or (100,)
        assert any(
            decided(row.kind, row.case, (field,), state) is row for field in row.fields for state in states
        ), row
        assert row.why.endswith(".") and row.case in authority.CASES


def test_a_field_nobody_owns_is_an_error():
    with pytest.raises(LookupError):
        decided(authority.PACKAGE, authority.BOTH, ("colour",), 100)


def case_of(here, there):
    found = differences.of_package(here, there)
    return found if isinstance(found, str) else (found.row.case, found.row.remedy)


def test_a_package_told_and_known_alike_is_alike_whatever_it_is_now():
    assert case_of(HERE, THERE) == ALIKE
    assert case_of(None, None) == ALIKE


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (HERE, None, ("only_here", "tell_again")),
        (None, THERE, ("only_there", "restore_from_there")),
        (HERE, {**THERE, "state": 500}, ("both", "tell_again")),
        (HERE, {**THERE, "sequence": 1, "state": 100}, ("both", "tell_again")),
        (HERE, {**THERE, "sequence": 4, "state": 400}, ("heard_more", "note")),
        (HERE, {**THERE, "sequence": 4, "state": 500}, ("both", "tell_again")),
        (HERE, {**THERE, "sequence": 5, "state": 500}, ("later_there", "remember_from_there")),
        (HERE, {**THERE, "created_date": "2026-01-16T00:00:00Z"}, ("both", "tell_again")),
        (replace(HERE, parked=1), None, ("only_here", "tell_again")),
        (replace(HERE, pending=1), None, UNDER_WAY),
        (HERE, {"number": "N-1", "waiting": 1}, UNDER_WAY),
        (None, {"number": "N-1", "waiting": 1}, UNDER_WAY),
        (HERE, {**THERE, "state": 500, "waiting": 1}, UNDER_WAY),
    ],
)
def test_each_difference_meets_its_row(here, there, expected):
    assert case_of(here, there) == expected


def test_the_fields_that_differ_are_laid_side_by_side():
    there = {**THERE, "sequence": 3, "state": 500, "items": ["7 A × 2.00"]}
    found = differences.of_package(HERE, there)
    assert found.fields == (
        ("state", 200, 500),
        ("sequence", 2, 3),
        ("items", ["7 A × 1.00"], ["7 A × 2.00"]),
    )


FIELDS = {
    "items": ["7 A × 1.00"],
    "created_date": "2026-01-15T12:00:00Z",
    "tracking_numbers": ["T"],
    "location_name": "Store",
    "invoice_number": "I",
}
EQUAL = {**THERE, **FIELDS}


@pytest.mark.parametrize(
    ("state", "changed", "differ"),
    [
        (500, {}, ()),
        (500, {"invoice_number": None}, ("invoice_number",)),
        (500, {"items": []}, ("items",)),
        (500, {"tracking_numbers": []}, ()),
        (600, {"tracking_numbers": []}, ("tracking_numbers",)),
        (600, {"tracking_numbers": ["S", "T"]}, ()),
        (600, {"location_name": "Shop"}, ("location_name",)),
        (700, {"location_name": "Shop"}, ()),
        (600, {"created_date": "2026-01-15T23:00:00Z"}, ()),
    ],
)
def test_fields_differ_under_one_state_and_sequence_as_far_as_they_may_not(state, changed, differ):
    here = replace(HERE, state=state, state_now=state, fields=FIELDS)
    found = differences.of_package(here, {**EQUAL, "state": state, **changed})
    if not differ:
        assert found == ALIKE
    else:
        assert found.row.remedy == "tell_again"
        assert tuple(name for name, _, _ in found.fields) == differ


LATER, EARLIER = AT + timedelta(hours=1), AT - timedelta(hours=1)


@pytest.mark.parametrize(
    ("here", "there", "more", "expected"),
    [
        (OrderHere(modified_at=AT), AT, {}, ALIKE),
        (OrderHere(modified_at=None, quarantined=True), LATER, {}, ALIKE),
        (OrderHere(modified_at=AT, taken=False), None, {}, ALIKE),
        (None, EARLIER, {}, "only_there"),
        (None, LATER, {}, UNDER_WAY),
        (None, LATER, {"packages_there": 1}, "only_there"),
        (OrderHere(modified_at=EARLIER), LATER, {}, UNDER_WAY),
        (OrderHere(modified_at=EARLIER), AT, {}, "later_there"),
        (OrderHere(modified_at=AT), EARLIER, {}, "both"),
        (OrderHere(modified_at=AT), None, {}, "only_here"),
        (None, None, {}, ALIKE),
    ],
)
def test_each_difference_of_an_order_meets_its_row(here, there, more, expected):
    found = differences.of_order(here, there, read_up_to=AT, **more)
    assert (found if isinstance(found, str) else found.row.case) == expected


def fields(lines, **texts):
    return OrderFields(texts=texts, lines={pk: OrderLine(**line) for pk, line in lines.items()})


def line(text, *, given_up=False, empty=False):
    return {"text": text, "given_up": given_up, "empty": empty}


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (fields({1: line("a")}, notes="x"), fields({1: line("a")}, notes="x"), ()),
        (fields({}, notes="x", amount="1.00"), fields({}, notes="", amount="1.00"), (("notes", "x", ""),)),
        (
            fields({1: line("a"), 2: line("b")}),
            fields({1: line("a"), 2: line("c")}),
            (("items", ["b"], ["c"]),),
        ),
        (fields({}), fields({1: line("a")}), (("items", [], ["a"]),)),
        (fields({1: line("a")}), fields({}), (("items", ["a"], []),)),
        (fields({1: line("0 of a", empty=True)}), fields({}), ()),
        (fields({1: line("0 of a", empty=True)}), fields({1: line("a")}), (("items", ["0 of a"], ["a"]),)),
        (fields({1: line("a", given_up=True)}), fields({1: line("b")}), ()),
        (fields({1: line("a")}), fields({1: line("b", given_up=True)}), ()),
    ],
)
def test_fields_of_an_order_are_compared_but_for_lines_a_side_has_given_up(here, there, expected):
    assert differences.of_order_fields(here, there) == expected
    found = differences.of_order(OrderHere(modified_at=AT), AT, read_up_to=AT, fields=expected)
    assert found == ALIKE if not expected else found.row.case == "same_version"


ORDER = KnownOrder(
    id=5, number="A1", channel_id=1, items=(KnownItem(id=50, upstream_id=7, product_id=3, sku="A", open=Decimal(2)),)
)  # fmt: skip
PLACES = Places(names={9: "Store", 10: "Twin", 11: "Twin"}, ids={"Store": [9], "Twin": [10, 11]})
TOLD = {
    "number": "A1P1", "state": 500, "sequence": 3, "order": 1, "order_number": "A1", "remote_id": 77, "amount": "10.00",
    "location_name": "Store", "shipping_company": None, "invoice_number": None, "created_date": "2026-01-15T12:00:00Z",
    "items": [{"remote_id": 770, "order_item": 7, "sku": "A", "quantity": "2.00"}], "event": None,
}  # fmt: skip


def restored(order=ORDER, **changed):
    return read({**TOLD, **changed}, order, PLACES, {"A": 3, "B": 4}, frozenset({100, 500, 900, 930}))


def test_a_package_is_put_back_in_the_ids_of_this_side():
    one = restored()
    assert (one.remote_id, one.order.id, one.location_id, one.state, one.sequence) == (77, 5, 9, 500, 3)
    assert [(item.remote_id, item.order_item_id, item.product_id, item.quantity) for item in one.items] == [
        (770, 50, 3, Decimal(2))
    ]
    assert one.order_left().items[0].open == 0
    assert restored(state=930).previous_state == 100


def test_a_replaced_product_and_a_location_told_by_id_are_found():
    line = {"remote_id": None, "order_item": 7, "sku": "B", "quantity": "1.00"}
    event = {"stock_location": {"id": 11, "name": "Twin"}, "lineage": [70]}
    one = restored(items=[line], event=event, location_name="Twin")
    assert (one.items[0].product_id, one.location_id, one.lineage) == (4, 11, (70,))


def test_a_cancelled_package_takes_no_units():
    left = replace(ORDER, items=(replace(ORDER.items[0], open=Decimal(0)),))
    assert restored(order=left, state=900).order_left().items[0].open == 0


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"order": None}, "Its order A1 is not here"),
        ({"location_name": "Twin"}, "is not unique here"),
        ({"location_name": "Gone"}, "is unknown here"),
        ({"state": 555}, "Its state 555 is unknown"),
        ({"items": []}, "knows no lines"),
        ({"items": [{**TOLD["items"][0], "quantity": "3.00"}]}, "would stand in two packages"),
        ({"items": [{**TOLD["items"][0], "order_item": 8, "sku": "Z"}]}, "line Z is not in the order"),
        ({"items": [{**TOLD["items"][0], "sku": "Z"}]}, "Product Z is unknown"),
        ({"items": [{**TOLD["items"][0], "quantity": "1.00"}] * 2}, "same order line"),
        ({"items": [{**TOLD["items"][0], "quantity": "many"}]}, "can't be read"),
        ({"created_date": None}, "can't be read"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(changed, reason):
    with pytest.raises(CannotRestore, match=reason):
        if "order" in changed:
            restored(order=None)
        else:
            restored(**changed)
