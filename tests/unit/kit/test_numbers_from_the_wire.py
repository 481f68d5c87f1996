"""Numbers from the wire: read exactly, refused when they can't be kept."""

from decimal import Decimal

import pytest

from ambar.kit.money import dec


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("12.30", "12.30"), (" 7 ", "7"), (5, "5"), (0.1, "0.1"), (Decimal("1.5"), "1.5"), ("-3", "-3"), ("1e3", "1E+3"),
        ("0." + "0" * 61 + "1", "1E-62"), ("1e-64", "1E-64"), ("999999999999999.99", "999999999999999.99"),
    ],
)  # fmt: skip
def test_a_number_is_read_exactly(given: object, read: str) -> None:
    assert dec(given) == Decimal(read)


@pytest.mark.parametrize(
    "given",
    [
        "", " ", "x", "1,5", None, True, [], "nan", "Infinity", float("inf"), "1e15", 10**15, "-1e15", "1e-65", "1E-65", 1e-65,
        Decimal("1e-65"), "0" * 65,
    ],
)  # fmt: skip
def test_what_is_no_number_or_can_not_be_kept_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match="number"):
        dec(given)
