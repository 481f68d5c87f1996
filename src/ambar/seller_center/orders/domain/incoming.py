"""A shop order as the commerce hub tells it: checked field by field.

Source: hook `order.created` / `order.updated` with the detailed order ("OMS webhook setup", golden message in
`contracts/omnitron-to-seller-center/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ambar.kit import clock
from ambar.kit.money import dec
from ambar.kit.refusals import Invalid
from ambar.seller_center.orders.domain import statuses
from ambar.seller_center.places.domain.records import identity

ITEM_LIMIT = 1000
LARGEST_AMOUNT = 10**12
NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingItem:
    """One line; money in the order's currency, totals of the line when `quantity` is not 1."""

    upstream_id: int
    sku: str
    name: str
    status: int
    quantity: Decimal
    price: Decimal
    discount: Decimal
    supplier_code: str | None
    document: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingOrder:
    """One shop order with all sellers' items; `document` is what is passed on unchanged."""

    upstream_id: int
    number: str
    status: int
    currency: str
    amount: Decimal
    shipping_amount: Decimal
    date_placed: datetime
    modified_at: datetime
    items: tuple[IncomingItem, ...]
    document: dict[str, Any]


_OWN_KEYS = {
    "id",
    "pk",
    "number",
    "status",
    "channel",
    "orderitem_set",
    "created_date",
    "modified_date",
    "amount",
}
_OWN_ITEM_KEYS = {
    "id",
    "pk",
    "order",
    "order_number",
    "status",
    "shipping_company",
    "tracking_number",
    "invoice_number",
    "invoice_date",
    "e_archive_url",
    "created_date",
    "modified_date",
}


class _Reader:
    """Collects what is wrong, by the name of the field."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def wrong(self, field: str, reason: str) -> None:
        self.errors.setdefault(field, []).append(reason)

    def whole(self, field: str, value: Any) -> int:
        number = identity(value)
        if number is None or not 0 < number < 2**63:
            self.wrong(field, "A positive integer is required.")
            return 0
        return number

    def text(self, field: str, value: Any, longest: int) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            self.wrong(field, "This field is required.")
            return ""
        if len(value) > longest:
            self.wrong(field, f"Ensure this field has no more than {longest} characters.")
        return value.strip()

    def amount(self, field: str, value: Any, default: str | None = None) -> Decimal:
        if value is None and default is not None:
            return Decimal(default)
        try:
            number = dec(value)
        except ValueError:
            self.wrong(field, "A valid number is required.")
            return Decimal(0)
        if abs(number) >= LARGEST_AMOUNT:
            self.wrong(field, f"Ensure this value is below {LARGEST_AMOUNT}.")
        return number

    def moment(self, field: str, value: Any) -> datetime:
        try:
            return clock.parse(value)
        except (TypeError, ValueError):
            self.wrong(field, "A moment in ISO 8601 is required.")
            return NEVER

    def code(self, field: str, value: Any) -> int:
        code = statuses.read(value)
        if code is None:
            self.wrong(field, f"{value!r} is not a status code.")
            return 0
        return code


def order(payload: Mapping[str, Any]) -> IncomingOrder:
    """The order in a hook payload. Errors: `Invalid` naming every field that is wrong (`orderitem_set.0.price`)."""
    read = _Reader()
    rows = payload.get("orderitem_set")
    if not isinstance(rows, list) or not rows or len(rows) > ITEM_LIMIT:
        read.wrong("orderitem_set", f"A list of 1 to {ITEM_LIMIT} items is required.")
        rows = []
    for name in ("shipping_address", "billing_address", "customer"):
        if not isinstance(payload.get(name), Mapping | None):
            read.wrong(name, "Expected an object.")
    found = IncomingOrder(
        upstream_id=read.whole("id", payload.get("id", payload.get("pk"))),
        number=read.text("number", payload.get("number"), 128),
        status=read.code("status", payload.get("status")),
        currency=read.text("currency", payload.get("currency"), 8).lower(),
        amount=read.amount("amount", payload.get("amount")),
        shipping_amount=read.amount("shipping_amount", payload.get("shipping_amount"), "0"),
        date_placed=read.moment("date_placed", payload.get("date_placed") or payload.get("created_date")),
        modified_at=read.moment("modified_date", payload.get("modified_date")),
        items=tuple(_item(read, f"orderitem_set.{n}", row) for n, row in enumerate(rows)),
        document={key: value for key, value in payload.items() if key not in _OWN_KEYS},
    )
    if read.errors:
        raise Invalid(fields=read.errors)
    return found


def _item(read: _Reader, field: str, row: Any) -> IncomingItem:
    if not isinstance(row, Mapping):
        read.wrong(field, "Expected an object.")
        row = {}
    product = row.get("product")
    if not isinstance(product, Mapping):
        read.wrong(f"{field}.product", "Expected the product as an object.")
        product = {}
    attributes = row.get("attributes")
    attributes = attributes if isinstance(attributes, Mapping) else {}
    quantity = read.amount(f"{field}.attributes.quantity", attributes.get("quantity"), "1")
    if not 0 < quantity < 10**9:
        read.wrong(f"{field}.attributes.quantity", "Ensure this value is greater than 0 and below 10^9.")
    return IncomingItem(
        upstream_id=read.whole(f"{field}.id", row.get("id", row.get("pk"))),
        sku=read.text(f"{field}.product.sku", product.get("sku"), 255),
        name=str(product.get("name") or product.get("sku") or "")[:255],
        status=read.code(f"{field}.status", row.get("status")),
        quantity=quantity,
        price=read.amount(f"{field}.price", row.get("price")),
        discount=read.amount(f"{field}.discount_amount", row.get("discount_amount"), "0"),
        supplier_code=_supplier_code(row.get("extra_field"), attributes),
        document={key: value for key, value in row.items() if key not in _OWN_ITEM_KEYS},
    )


def _supplier_code(*places: Any) -> str | None:
    for place in places:
        code = place.get("supplier_code") if isinstance(place, Mapping) else None
        if isinstance(code, str) and code.strip():
            return code.strip()
    return None
