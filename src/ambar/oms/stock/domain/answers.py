"""Reading what a stock service answered. Strict: a wrong shape is no answer, and never a zero.

Source: the project's definition of the unpublished contract, `docs/decisions/0028-outside-engines.md` and
`docs/decisions/0062-what-a-stock-service-leaves-out.md`.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

LARGEST = Decimal("9999999999999")
Figures = dict[str, Decimal]
"""`{ERP code: on hand}`; a location that is absent has nothing."""


class NoAnswer(Exception):  # noqa: N818
    """The service did not say how much there is; `reason` tells why, for people."""

    def __init__(self, reason: str) -> None:
        self.reason = reason[:300]
        super().__init__(self.reason)


def read_multiple(body: bytes, skus: Sequence[str]) -> tuple[dict[str, Figures], dict[str, str]]:
    """`{"A": [{"stock_location": "WH001", "stock": 5}]}`: figures per asked SKU, and per SKU why it has none.

    A SKU that is absent is unknown: an empty list says that there is nothing. SKUs nobody asked for are passed by.
    Raises `NoAnswer` when the whole answer says nothing.
    """
    answer = _json(body)
    if not isinstance(answer, Mapping):
        raise NoAnswer("the answer is not an object of SKUs")
    if not any(sku in answer for sku in skus):
        raise NoAnswer("the answer names none of the SKUs asked for")
    figures: dict[str, Figures] = {}
    failures: dict[str, str] = {}
    for sku in skus:
        try:
            if sku not in answer:
                raise NoAnswer(f"{sku}: the answer does not name it")
            figures[sku] = _rows(answer[sku], sku)
        except NoAnswer as wrong:
            failures[sku] = wrong.reason
    return figures, failures


def read_single(body: bytes, sku: str) -> Figures:
    """`[{"stock_location": "WH001", "stock": 5}]`. Raises `NoAnswer`."""
    return _rows(_json(body), sku)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise NoAnswer("the answer is not JSON") from None


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _rows(rows: Any, sku: str) -> Figures:
    if not isinstance(rows, list):
        raise NoAnswer(f"{sku}: not a list of locations")
    found: Figures = {}
    for place, row in enumerate(rows):
        code = row.get("stock_location") if isinstance(row, Mapping) else None
        if not isinstance(row, Mapping) or not isinstance(code, str) or not code:
            raise NoAnswer(f"{sku}: row {place} names no stock_location")
        if code in found:
            raise NoAnswer(f"{sku}: {code} is named twice")
        found[code] = _stock(row.get("stock"), f"{sku} at {code}")
    return found


def _stock(value: Any, where: str) -> Decimal:
    """A figure, cut to three decimals. Below zero is a fault of the service, not a count: what is meant by it nobody knows."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)) or len(str(value)) > 40:
        raise NoAnswer(f"{where}: stock is not a number")
    try:
        figure = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise NoAnswer(f"{where}: stock is not a number") from None
    if not figure.is_finite() or figure > LARGEST:
        raise NoAnswer(f"{where}: stock is not a sensible number")
    if figure < 0:
        raise NoAnswer(f"{where}: stock is below zero")
    return figure.quantize(Decimal("0.001"), rounding=ROUND_DOWN).normalize()
