import pytest

from ambar.seller_center.forwarding.domain import answers

DELIVERED = "2026-01-15T12:30:00.000000Z"
ROW = {"id": 1, "delivered_date": DELIVERED}


@pytest.mark.parametrize("answer", [[ROW], {"orderitem_set": [ROW, {"id": 2, "delivered_date": None}, 5]}])
def test_the_stamps_of_delivery_are_found_by_item(answer):
    assert answers.stamps(answer) == {1: DELIVERED}


@pytest.mark.parametrize(
    "answer",
    [None, "ok", [], {}, {"orderitem_set": 5}, [{**ROW, "id": True}], [{**ROW, "id": 2**63}],
     [{**ROW, "delivered_date": "soon"}], [{**ROW, "delivered_date": 5}]],
)  # fmt: skip
def test_an_answer_of_another_shape_says_nothing(answer):
    assert answers.stamps(answer) == {}
