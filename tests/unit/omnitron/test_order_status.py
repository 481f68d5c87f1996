import pytest

from ambar.kit.refusals import Invalid
from ambar.omnitron.orders.domain.status import may_move, order_status, parse


@pytest.mark.parametrize("value", ["450", 450, "preparing", " 450 "])
def test_a_status_is_read_as_code_or_name(value):
    assert parse(value) == 450


@pytest.mark.parametrize("value", ["451", 0, "packed", None, True, 4.5, ""])
def test_an_unknown_status_is_refused_by_name(value):
    with pytest.raises(Invalid) as refused:
        parse(value)
    assert list(refused.value.fields) == ["status"]


@pytest.mark.parametrize(
    ("source", "destination", "allowed"),
    [
        (400, 450, True),
        (450, 450, True),
        (500, 450, False),
        (550, 400, False),
        (550, 600, True),
        (400, 100, True),
        (500, 50, True),
        (50, 400, True),
        (100, 400, False),
        (600, 100, False),
    ],
)
def test_items_go_forward_or_out_by_cancellation(source, destination, allowed):
    assert may_move(source, destination) is allowed


@pytest.mark.parametrize(
    ("current", "items", "expected"),
    [
        (400, [450, 400], 400),
        (400, [450, 450], 450),
        (450, [500, 550], 500),
        (500, [450, 500], 500),
        (400, [100, 550], 550),
        (400, [100, 100], 100),
        (400, [100, 600], 600),
        (400, [50, 50], 50),
        (400, [50, 500], 500),
        (50, [400, 450], 400),
        (400, [], 400),
        (0, [400, 450], 400),
    ],
)
def test_an_order_stands_where_its_slowest_living_item_stands(current, items, expected):
    assert order_status(current, items) == expected
