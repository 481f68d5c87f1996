"""Pure rules of the Seller Center."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambar.kit.refusals import Invalid
from ambar.seller_center.offers.domain.supply import Candidate, supplier
from ambar.seller_center.orders.domain import item_changes, plans, statuses
from ambar.seller_center.orders.domain.item_changes import ItemChange, ItemNow
from ambar.seller_center.packages.domain import events, states
from ambar.seller_center.packages.domain.events import PackageEvent, PackageNow, fold


def event(sequence, state, tracking=()):
    return PackageEvent(
        number="P",
        type="package.status.transitioned",
        sequence=sequence,
        state=state,
        state_name="",
        remote_id=1,
        order_id=None,
        order_number="",
        supplier_code=None,
        amount=None,
        currency="",
        location_name="",
        shipping_company=None,
        tracking_numbers=tracking,
        invoice_number=None,
        items=(),
    )


@given(st.permutations([(n, s) for n, s in enumerate((100, 200, 500, 600, 640, 620, 700, 1100), 1)] * 3))
def test_any_order_of_arrival_ends_where_the_sequence_ends(arrivals):
    """Trap 10: eight events three times each, in any order."""
    after, verdicts = fold(PackageNow(number="P"), [event(n, s) for n, s in arrivals])
    assert (after.state, after.sequence) == (1100, 8)
    applied = [v.event.sequence for v in verdicts if v.outcome == events.APPLIED]
    assert applied == sorted(applied)
    assert len(verdicts) == 24


def test_without_a_sequence_a_package_never_goes_back_in_its_life():
    """Trap 11: also without a sequence a package never goes back."""
    for order in itertools.permutations((100, 200, 500, 700)):
        after, _ = fold(PackageNow(number="P"), [event(None, s) for s in order])
        assert after.state == 700


def test_tracking_numbers_are_added_also_from_late_events():
    after, _ = fold(PackageNow(number="P"), [event(2, 600, ("B",)), event(1, 500, ("A", "B"))])
    assert (after.state, after.tracking_numbers) == (600, ("B", "A"))


def test_every_number_of_a_parcel_is_taken_from_one_event_the_newest_last():
    payload = {
        "number": "P", "state": {"enum_value": 600}, "shipment": {"awb_number": "B", "tracking_numbers": ["A", "B", 7, ""]},
    }  # fmt: skip
    told = events.package_event("package.status.shipped", payload, sequence=2)
    assert told.tracking_numbers == ("A", "B")
    torn = {**payload, "shipment": {"awb_number": "B", "tracking_numbers": "A"}}
    assert events.package_event("package.status.shipped", torn, sequence=2).tracking_numbers == ("B",)


def test_an_event_that_names_no_invoice_keeps_it_and_one_that_names_none_takes_it_away():
    told = replace(event(1, 500), invoice_number="I-1", shipping_company="yurtici")
    now, _ = fold(PackageNow(number="P"), [told])
    silent, _ = fold(now, [replace(event(2, 600), unsaid=frozenset(events.KEPT))])
    assert (silent.invoice_number, silent.shipping_company) == ("I-1", "yurtici")
    taken, _ = fold(now, [replace(event(2, 600), unsaid=frozenset({"shipping_company"}))])
    assert (taken.invoice_number, taken.shipping_company) == (None, "yurtici")
    assert events.package_event(
        "package.created", {"number": "P", "state": {"enum_value": 100}, "invoice_number": None}, sequence=1
    ).unsaid == {"shipping_company"}


def test_every_seeded_state_of_an_oms_has_a_status_with_a_label():
    seeded = (100, 150, 200, 300, 400, 500, 600, 620, 640, 660, 700, 740, 800, 900, 910, 920, 930, 1100)
    assert {states.status_of(code) for code in seeded} <= set(states.LABELS)
    assert [states.status_of(c) for c in (100, 500, 600, 700, 900, 920, 1100, 620, 640, 660)] == [
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
    ]
    assert states.status_of(12345) == states.OTHER


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("450", 450),
        (450, 450),
        ("Preparing", 450),
        ("canceled", 100),
        ("451", None),
        (True, None),
        (None, None),
    ],
)
def test_status_codes_are_read_as_code_number_or_name(value, code):
    assert statuses.read(value) == code


@given(st.sampled_from(sorted(statuses.NAMES)), st.sampled_from(sorted(statuses.NAMES)))
def test_no_status_goes_back_except_by_cancellation(source, destination):
    if statuses.may_move(source, destination) and destination < source:
        assert destination in (50, 100) or (source, destination) == (540, 520)
    assert statuses.merged(source, destination) in (source, destination)


@pytest.mark.parametrize(
    ("source", "destination", "may"),
    [
        (400, 450, True),
        (550, 500, False),
        (500, 100, True),
        (100, 450, False),
        (100, 600, True),
        (600, 100, False),
        (50, 400, True),
        (520, 540, True),
    ],
)
def test_moves(source, destination, may):
    assert statuses.may_move(source, destination) is may


def test_the_order_is_as_far_as_its_least_advanced_living_item():
    assert statuses.of_order([550, 450, 100]) == 450
    assert statuses.of_order([100, 100]) == 100
    assert statuses.of_order([]) is None


def test_supplier_named_then_cheapest_then_held():
    offers = [
        Candidate(seller_id=2, sale_price=Decimal("9"), stock=1),
        Candidate(seller_id=3, sale_price=Decimal("8"), stock=0),
    ]
    assert supplier("X", {"X": 7}, offers).seller_id == 7
    assert supplier("Y", {"X": 7}, offers) == replace(supplier("Y", {}, []), seller_id=None)
    assert supplier("Y", {"X": 7}, offers).reason == "unknown supplier Y"
    assert supplier(None, {}, offers).seller_id == 3
    assert supplier(None, {}, []).reason == "no seller"


def now(item_id, status=400):
    return ItemNow(item_id=item_id, order_id=1, status=status, fields={"tracking_number": None})


def test_decide_leaves_out_what_is_so_already():
    changes = [
        ItemChange(item_id=1, status=400),
        ItemChange(item_id=2, status=450, fields={"tracking_number": "T"}),
    ]
    (changed,) = item_changes.decide(changes, {1: now(1), 2: now(2)})
    assert (changed.item_id, changed.status, changed.fields) == (2, 450, {"tracking_number": "T"})


def test_decide_names_every_unknown_item():
    with pytest.raises(Invalid) as refused:
        item_changes.decide([ItemChange(item_id=8), ItemChange(item_id=9)], {})
    assert refused.value.fields == {"orderitem_set": ["Unknown order item: 8.", "Unknown order item: 9."]}


def test_two_rows_of_one_item_are_added_up():
    (change,) = item_changes.parse(
        [{"id": 1, "status": 450}, {"pk": "1", "tracking_number": "T", "status": None}]
    )
    assert (change.status, change.fields) == (450, {"tracking_number": "T"})


@pytest.mark.parametrize(
    ("source", "destination", "may"),
    [
        ("waiting", "rejected", True),
        ("confirmed", "completed", True),
        ("rejected", "confirmed", False),
        ("completed", "waiting", False),
        ("completed", "completed", True),
    ],
)
def test_plan_moves(source, destination, may):
    assert plans.may_move(source, destination) is may
