"""Package events of an OMS: checked, then folded into what the package is.

Source: "Package Webhook" and "Integrating OMS with Seller Center"; golden messages in
`contracts/oms-to-seller-center/`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ambar.kit import clock
from ambar.kit.money import dec
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits
from ambar.seller_center.packages.domain import states

KEPT = ("shipping_company", "invoice_number")
APPLIED = "applied"
LATE = "late"
ITEM_LIMIT = 5000
MOST_PARENTS = 200
MOST_NUMBERS = 50
"""Tracking numbers of one event that are looked at."""
LARGEST_STATE = 32767


@dataclass(frozen=True, slots=True, kw_only=True)
class EventItem:
    """One line of a package; `order_item_id` is our own item id when the OMS knows it."""

    remote_id: int | None
    order_item_id: int | None
    sku: str
    name: str
    quantity: Decimal
    state: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageEvent:
    """One event; it carries the whole package. `sequence` grows per package, `None` = the sender does not count.

    `unsaid` are those of `KEPT` the payload does not name: they stay as they were, while a null takes them away.
    """

    number: str
    type: str
    sequence: int | None
    state: int
    state_name: str
    remote_id: int | None
    order_id: int | None
    order_number: str
    supplier_code: str | None
    amount: Decimal | None
    currency: str
    location_name: str
    shipping_company: str | None
    tracking_numbers: tuple[str, ...]
    invoice_number: str | None
    items: tuple[EventItem, ...]
    made_at: datetime | None = None
    lineage: tuple[int, ...] = ()
    unsaid: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageNow:
    """A package as stored; `exists` is false before its first event."""

    number: str
    exists: bool = False
    state: int = 0
    sequence: int = 0
    tracking_numbers: tuple[str, ...] = ()
    shipping_company: str | None = None
    invoice_number: str | None = None
    latest: PackageEvent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one event: applied, or late (logged, changing nothing)."""

    event: PackageEvent
    outcome: str
    state_before: int | None = field(default=None)


def fold(now: PackageNow, events: Sequence[PackageEvent]) -> tuple[PackageNow, list[Verdict]]:
    """Apply events in the order given; a later sequence wins whatever the order of arrival.

    Without a sequence a package never goes back in its life. Tracking numbers are added, never replaced.
    """
    verdicts = []
    for event in events:
        before = now.state if now.exists else None
        if now.exists and _is_late(now, event):
            added = tuple(t for t in event.tracking_numbers if t not in now.tracking_numbers)
            now = replace(now, tracking_numbers=now.tracking_numbers + added)
            verdicts.append(Verdict(event=event, outcome=LATE, state_before=before))
            continue
        added = tuple(t for t in event.tracking_numbers if t not in now.tracking_numbers)
        now = PackageNow(
            number=now.number,
            exists=True,
            state=event.state,
            sequence=event.sequence if event.sequence is not None else now.sequence,
            tracking_numbers=now.tracking_numbers + added,
            shipping_company=_kept("shipping_company", now, event),
            invoice_number=_kept("invoice_number", now, event),
            latest=event,
        )
        verdicts.append(Verdict(event=event, outcome=APPLIED, state_before=before))
    return now, verdicts


def _kept(name: str, now: PackageNow, event: PackageEvent) -> str | None:
    told: str | None = getattr(now if name in event.unsaid else event, name)
    return told


def _is_late(now: PackageNow, event: PackageEvent) -> bool:
    if event.sequence is not None and now.sequence:
        return event.sequence <= now.sequence
    return states.place_in_life(event.state) < states.place_in_life(now.state)


def package_event(type_: str, payload: Mapping[str, Any], *, sequence: int | None) -> PackageEvent:
    """The event in an envelope. Errors: `Invalid` naming every field that is wrong, below `payload`."""
    errors: dict[str, list[str]] = {}
    number = payload.get("number")
    if not isinstance(number, str) or not number.strip() or len(number) > 128 or "\x00" in number:
        errors["number"] = ["A package number of up to 128 characters is required."]
    state, state_name = _state(type_, payload.get("state"), errors)
    own_sequence = payload.get("sequence")
    if sequence is None and own_sequence is not None:
        if (
            isinstance(own_sequence, bool)
            or not isinstance(own_sequence, int)
            or not 0 < own_sequence < 2**63
        ):
            errors["sequence"] = ["A positive integer is required."]
        else:
            sequence = own_sequence
    rows = payload.get("packageitem_set", [])
    if not isinstance(rows, list) or len(rows) > ITEM_LIMIT:
        errors["packageitem_set"] = [f"A list of up to {ITEM_LIMIT} items is required."]
        rows = []
    items = tuple(_item(f"packageitem_set.{n}", row, state, errors) for n, row in enumerate(rows))
    amount = _decimal("amount", payload.get("amount"), errors)
    for name in ("shipment", "stock_location"):
        if payload.get(name) is not None and not isinstance(payload[name], Mapping):
            errors[name] = ["Expected an object."]
    made_at = _moment(payload.get("created_date"))
    if made_at is None and payload.get("created_date") is not None:
        errors["created_date"] = ["Must be an ISO 8601 moment."]
    if errors:
        raise Invalid(fields={f"payload.{name}": messages for name, messages in errors.items()})
    location = payload.get("stock_location")
    return PackageEvent(
        number=str(number).strip(),
        type=type_,
        sequence=sequence,
        state=state,
        state_name=state_name,
        remote_id=_whole(payload.get("id")),
        order_id=_whole(payload.get("order_omnitron_id")),
        order_number=_text(payload.get("order_number"), 160) or "",
        supplier_code=_text(payload.get("supplier_code"), 64),
        amount=amount,
        currency=_text(payload.get("currency"), 8) or "",
        location_name=(_text(location.get("name"), 255) or "") if isinstance(location, Mapping) else "",
        shipping_company=_text(payload.get("shipping_company"), 64),
        tracking_numbers=_tracking(payload),
        invoice_number=_text(payload.get("invoice_number"), 128),
        items=items,
        made_at=made_at,
        lineage=_ids(payload.get("lineage")),
        unsaid=frozenset(name for name in KEPT if name not in payload),
    )


def _state(type_: str, value: Any, errors: dict[str, list[str]]) -> tuple[int, str]:
    name = ""
    if isinstance(value, Mapping):
        name = _text(value.get("name"), 128) or ""
        value = value.get("enum_value")
    if value is None and type_ in states.EVENT_STATES:
        return states.EVENT_STATES[type_], name
    code = _whole(value)
    if code is None or not 0 < code < LARGEST_STATE:
        errors["state.enum_value"] = ["The code of a package state is required."]
        return 0, name
    return code, name


def _item(field_: str, row: Any, state: int, errors: dict[str, list[str]]) -> EventItem:
    if not isinstance(row, Mapping):
        errors[field_] = ["Expected an object."]
        row = {}
    order_item = row.get("order_item")
    order_item = order_item if isinstance(order_item, Mapping) else {}
    product = order_item.get("product")
    product = product if isinstance(product, Mapping) else {}
    quantity = _decimal(f"{field_}.quantity", row.get("quantity", "1"), errors) or Decimal(0)
    if not 0 < quantity < 10**9:
        errors[f"{field_}.quantity"] = ["Ensure this value is greater than 0 and below 10^9."]
    return EventItem(
        remote_id=_whole(row.get("id")),
        order_item_id=_whole(order_item.get("omnitron_id")),
        sku=_text(product.get("sku"), 255) or "",
        name=_text(product.get("name"), 255) or "",
        quantity=quantity,
        state=_item_state(row.get("state"), state),
    )


def _item_state(value: Any, of_package: int) -> int:
    code = _whole(value.get("enum_value") if isinstance(value, Mapping) else value)
    return code if code is not None and code < LARGEST_STATE else of_package


def _tracking(payload: Mapping[str, Any]) -> tuple[str, ...]:
    shipment = payload.get("shipment")
    shipment = shipment if isinstance(shipment, Mapping) else {}
    found: list[str] = []
    earlier = shipment.get("tracking_numbers")
    for value in (
        *(earlier[:MOST_NUMBERS] if isinstance(earlier, list) else ()),
        payload.get("tracking_number"),
        shipment.get("awb_number"),
        shipment.get("tracking_number"),
    ):
        text = _text(value, 256)
        if text and text not in found:
            found.append(text)
    return tuple(found)


def _ids(value: Any) -> tuple[int, ...]:
    rows = value[:MOST_PARENTS] if isinstance(value, list) else []
    return tuple(dict.fromkeys(one for one in map(_whole, rows) if one is not None))


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and is_digits(value) and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else None


def _text(value: Any, longest: int) -> str | None:
    if not isinstance(value, str):
        return None
    return value.replace("\x00", " ").strip()[:longest] or None


def _moment(value: Any) -> datetime | None:
    try:
        return clock.parse(value)
    except (TypeError, ValueError):
        return None


def _decimal(field_: str, value: Any, errors: dict[str, list[str]]) -> Decimal | None:
    if value is None:
        return None
    try:
        return dec(value)
    except ValueError:
        errors[field_] = ["A valid number is required."]
        return None
