import pytest

from ambar.kit.refusals import Invalid
from ambar.omnitron.cancellations.domain.plans import (
    Candidate,
    Draft,
    ItemNotCancellable,
    PlanStatusBackwards,
    check_move,
    draft,
)


def item(key, status=400, supplier="A", in_open_plan=False):
    return Candidate(id=key, status=status, supplier=supplier, in_open_plan=in_open_plan)


def test_each_supplier_gets_a_plan_of_its_own():
    made = draft([item(1), item(2, supplier="B"), item(3)], wanted=[3, 2, 1], is_all=False)
    assert made == [
        Draft(plan_type="cancel", supplier="A", items=(3, 1)),
        Draft(plan_type="cancel", supplier="B", items=(2,)),
    ]


def test_shipped_items_are_refunded():
    [made] = draft([item(1, status=500)], wanted=[1], is_all=False)
    assert made.plan_type == "refund"


def test_all_takes_what_is_left():
    made = draft([item(1), item(2, status=100), item(3, in_open_plan=True)], wanted=[], is_all=True)
    assert [one.items for one in made] == [(1,)]


def test_shipped_and_unshipped_do_not_mix():
    with pytest.raises(Invalid) as refused:
        draft([item(1), item(2, status=550)], wanted=[1, 2], is_all=False)
    assert list(refused.value.fields) == ["cancel_items"]


@pytest.mark.parametrize("held", [item(1, status=100), item(1, status=600), item(1, in_open_plan=True)])
def test_an_item_is_cancelled_once(held):
    with pytest.raises(ItemNotCancellable):
        draft([held], wanted=[1], is_all=False)


def test_an_item_of_another_order_is_named():
    with pytest.raises(Invalid, match="9"):
        draft([item(1)], wanted=[9], is_all=False)


def test_a_plan_moves_forward_only():
    assert check_move("waiting", "confirmed") is True
    assert check_move("confirmed", "confirmed") is False
    with pytest.raises(PlanStatusBackwards):
        check_move("completed", "waiting")
