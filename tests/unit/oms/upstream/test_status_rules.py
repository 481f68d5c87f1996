import pytest

from ambar.oms.upstream.domain.statuses import DEFAULT_MAP, code, may_follow, wanted


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([200], 450),
        ([500], 450),
        ([600], 500),
        ([620], 520),
        ([640], 540),
        ([700], 550),
        ([100], None),
        ([920], None),
        ([900], None),
        ([600, 200], 450),
        ([600, 920], 450),
        ([600, 900], 500),
        ([700, 600], 500),
        ([], None),
    ],
)
def test_the_slowest_living_part_decides(states, told):
    assert wanted(states, DEFAULT_MAP) == told


@pytest.mark.parametrize(
    ("current", "target", "allowed"),
    [
        (None, 450, True),
        (450, 500, True),
        (500, 450, False),
        (500, 500, False),
        (550, 100, True),
        (100, 100, False),
        (100, 450, False),
        (100, 600, True),
        (50, 450, True),
    ],
)
def test_statuses_only_go_forward_except_for_a_cancellation(current, target, allowed):
    assert may_follow(current, target) is allowed


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("400", 400),
        (400, 400),
        ("approved", 400),
        ("Shipped ", 500),
        ("", None),
        (True, None),
        (None, None),
        ("7", None),
        ("²", None),
        ("9" * 5000, None),
    ],
)
def test_a_status_is_read_as_code_number_or_name(value, found):
    assert code(value) == found
