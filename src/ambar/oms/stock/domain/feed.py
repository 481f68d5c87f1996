"""A stock feed's rows: which can be applied, and what is wrong with the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

LARGEST = Decimal("9999999999999")
KEYS = frozenset({"erp_code", "sku", "quantity", "unit_type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A readable row; `row` is its place in the feed, from 0."""

    row: int
    erp_code: str
    sku: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """What is wrong with one row."""

    row: int
    field: str
    message: str


def read_feed(rows: Sequence[Any]) -> tuple[list[FeedRow], list[RowError]]:
    """Readable rows and the errors of the others. A quantity is 0 or more, at most three decimals."""
    good: list[FeedRow] = []
    bad: list[RowError] = []
    for number, row in enumerate(rows):
        error = _wrong(row)
        if error is not None:
            bad.append(RowError(row=number, field=error[0], message=error[1]))
            continue
        good.append(
            FeedRow(
                row=number,
                erp_code=row["erp_code"],
                sku=row["sku"],
                quantity=Decimal(str(row["quantity"])),
                unit=row.get("unit_type", "quantity"),
            )
        )
    return good, bad


def _wrong(row: Any) -> tuple[str, str] | None:
    if not isinstance(row, Mapping):
        return "row", "Must be an object."
    unknown = sorted(set(row) - KEYS)
    if unknown:
        return unknown[0][:64], "Unknown field."
    for name, longest in (("erp_code", 64), ("sku", 255)):
        value = row.get(name)
        if not isinstance(value, str) or not value or len(value) > longest or "\x00" in value:
            return name, f"Must be a text of 1 to {longest} characters."
    unit = row.get("unit_type", "quantity")
    if not isinstance(unit, str) or not 0 < len(unit) <= 16 or "\x00" in unit:
        return "unit_type", "Must be a text of 1 to 16 characters."
    return _wrong_quantity(row.get("quantity"))


def _wrong_quantity(value: Any) -> tuple[str, str] | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or len(str(value)) > 40:
        return "quantity", "Must be a number."
    try:
        quantity = Decimal(str(value).strip())
    except InvalidOperation:
        return "quantity", "Must be a number."
    if not quantity.is_finite() or quantity < 0 or quantity > LARGEST:
        return "quantity", "Must be 0 or more."
    if quantity != round(quantity, 3):
        return "quantity", "At most three decimals."
    return None
