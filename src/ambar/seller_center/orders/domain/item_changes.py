"""A batch of item changes reported by a seller's OMS.

Source: "Order bulk status update" (`orderitem_set` with id, status, invoice and tracking fields).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits
from ambar.seller_center.orders.domain import statuses

LIMIT = 1000
TEXTS = {
    "tracking_number": 256,
    "shipping_company": 64,
    "invoice_number": 128,
    "e_archive_url": 500,
    "invoice_date": 64,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """New values of one item; a field not given, or given as null, keeps its value."""

    item_id: int
    status: int | None = None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNow:
    """An item as stored."""

    item_id: int
    order_id: int
    status: int
    fields: dict[str, str | None]


def parse(body: Any) -> list[ItemChange]:
    """The rows of `{"orderitem_set": [...]}` or a plain list; `id` or `pk`; two rows of one item are added up.

    Errors: `Invalid` naming the row and field.
    """
    rows = body.get("orderitem_set") if isinstance(body, Mapping) else body
    if not isinstance(rows, list) or not rows:
        raise Invalid(fields={"orderitem_set": ["A list of order items is required."]})
    if len(rows) > LIMIT:
        raise Invalid(fields={"orderitem_set": [f"Ensure this list has no more than {LIMIT} rows."]})
    errors: dict[str, list[str]] = {}
    changes: dict[int, ItemChange] = {}
    for n, row in enumerate(rows):
        change = _row(f"orderitem_set.{n}", row, errors)
        if change is None:
            continue
        earlier = changes.get(change.item_id)
        if earlier is not None:
            change = ItemChange(
                item_id=change.item_id,
                status=change.status if change.status is not None else earlier.status,
                fields={**earlier.fields, **change.fields},
            )
        changes[change.item_id] = change
    if errors:
        raise Invalid(fields=errors)
    return list(changes.values())


def _row(name: str, row: Any, errors: dict[str, list[str]]) -> ItemChange | None:
    if not isinstance(row, Mapping):
        errors[name] = ["Expected an object."]
        return None
    own = row.get("id", row.get("pk"))
    if isinstance(own, str) and is_digits(own) and len(own) < 19:
        own = int(own)
    if isinstance(own, bool) or not isinstance(own, int) or not 0 < own < 2**63:
        errors[f"{name}.id"] = ["A positive integer is required."]
        return None
    status = None
    if row.get("status") is not None:
        status = statuses.read(row["status"])
        if status is None:
            errors[f"{name}.status"] = [f"{row['status']!r} is not a status code."]
    fields = {}
    for key, longest in TEXTS.items():
        value = row.get(key)
        if value is None:
            continue
        reason = _text_error(key, value, longest)
        if reason:
            errors[f"{name}.{key}"] = [reason]
        else:
            fields[key] = value
    return ItemChange(item_id=own, status=status, fields=fields)


def _text_error(key: str, value: Any, longest: int) -> str | None:
    if not isinstance(value, str) or "\x00" in value:
        return "A string is required."
    if len(value) > longest:
        return f"Ensure this field has no more than {longest} characters."
    if key == "invoice_date":
        try:
            clock.parse(value)
        except ValueError:
            return "A moment in ISO 8601 is required."
    return None


def decide(changes: Sequence[ItemChange], now: Mapping[int, ItemNow]) -> list[ItemNow]:
    """The items that change, with their new values; what is so already is left out (repeats change nothing).

    Errors: `Invalid` when an item is unknown (each id named), or when a status would go backwards.
    """
    unknown = [change.item_id for change in changes if change.item_id not in now]
    if unknown:
        raise Invalid(fields={"orderitem_set": [f"Unknown order item: {item}." for item in unknown]})
    backwards = [
        f"Order item {change.item_id} may not go from {now[change.item_id].status} to {change.status}."
        for change in changes
        if change.status is not None and not statuses.may_move(now[change.item_id].status, change.status)
    ]
    if backwards:
        raise Invalid(fields={"orderitem_set": backwards})
    changed = []
    for change in changes:
        before = now[change.item_id]
        after = ItemNow(
            item_id=before.item_id,
            order_id=before.order_id,
            status=before.status if change.status is None else change.status,
            fields={**before.fields, **change.fields},
        )
        if after != before:
            changed.append(after)
    return changed
