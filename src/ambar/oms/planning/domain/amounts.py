"""Quantities as the planner counts them: whole thousandths of the unit, as the stock tables keep three decimals."""

from decimal import Decimal

SCALE = 1000


def thousandths(quantity: Decimal) -> int:
    """`1.5` -> 1500. Raises `ValueError` for a quantity finer than a thousandth."""
    scaled = quantity * SCALE
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{quantity} is finer than a thousandth.")
    return whole


def quantity(count: int) -> Decimal:
    """1500 -> `1.5`; no idle zeros."""
    whole, rest = divmod(count, SCALE)
    return Decimal(whole) if not rest else Decimal(count).scaleb(-3).normalize()


def said(count: int) -> str:
    """1500 -> `"1.5"`, 13000 -> `"13"`."""
    whole, rest = divmod(count, SCALE)
    return str(whole) if not rest else format(quantity(count), "f")
