"""Exact amounts and quantities: `Decimal` inside, strings with two decimals on the wire."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")
LONGEST = 64
LARGEST = Decimal(10) ** 15


def dec(value: object) -> Decimal:
    """Reads a number from the wire (string, integer, float or Decimal) without binary surprises.

    :raises ValueError: not a finite number, or beyond 10^15.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("not a number")
    if isinstance(value, str) and len(value) > LONGEST:
        raise ValueError("the number is too long")
    text = "" if isinstance(value, Decimal) else str(value)
    try:
        number = value if isinstance(value, Decimal) else Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not number.is_finite():
        raise ValueError("not a finite number")
    if abs(number) >= LARGEST:
        raise ValueError("the number is too large")
    # A text this short without an exponent has no more decimals than it has characters.
    if (not text or "e" in text or "E" in text) and int(number.as_tuple().exponent) < -LONGEST:
        raise ValueError("the number has too many decimals")
    return number


def _two_decimals(value: Decimal) -> str:
    rounded = value.quantize(CENT, ROUND_HALF_UP)
    return str(abs(rounded) if rounded == 0 else rounded)


def money(value: Decimal) -> str:
    """`12.3` → `"12.30"`, rounded half up; never `-0.00`."""
    return _two_decimals(value)


def quantity(value: Decimal) -> str:
    """`1` → `"1.00"`, as quantities are written on the wire."""
    return _two_decimals(value)
