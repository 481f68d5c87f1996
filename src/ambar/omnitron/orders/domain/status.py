"""Status codes of orders and items, and the rules by which they move.

Source: Akinon Omnitron, "Order Status Codes and Cancellation Statuses"; the rule that joins items to their order is ours:
an order stands where its slowest living item stands and never goes back, except by cancellation.
"""

from __future__ import annotations

from collections.abc import Iterable

from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits

CANCELLATION_WAITING = 50
CANCELED = 100
APPROVED = 400
SHIPPED = 500
REFUNDED = 600

NAMES = {
    50: "cancellation_waiting",
    100: "canceled",
    200: "waiting",
    300: "payment_waiting",
    350: "confirmation_waiting",
    400: "approved",
    450: "preparing",
    500: "shipped",
    510: "shipped_and_informed",
    520: "ready_for_pickup",
    540: "attempted_delivery",
    544: "review_started",
    545: "review_waiting",
    546: "waiting_for_payment",
    547: "paid",
    550: "delivered",
    600: "refunded",
}
CODES = tuple(NAMES)
ENDED = frozenset({CANCELED, REFUNDED})
BY_NAME = {name: code for code, name in NAMES.items()}


def parse(value: object, field: str = "status") -> int:
    """A code given as string, integer or name.

    :raises Invalid: no such status; the field is named.
    """
    if isinstance(value, str):
        text = value.strip()
        if text in BY_NAME:
            return BY_NAME[text]
        if is_digits(text) and int(text) in NAMES:
            return int(text)
    elif isinstance(value, int) and not isinstance(value, bool) and value in NAMES:
        return value
    raise Invalid(fields={field: [f'"{value}" is not a valid choice.']})


def may_move(source: int, destination: int) -> bool:
    """Whether an item may go from one status to another: forward, or out by cancellation; an ended one stays."""
    if source == destination:
        return True
    if source in ENDED:
        return False
    if destination in ENDED or destination == CANCELLATION_WAITING or source == CANCELLATION_WAITING:
        return True
    return destination > source


def order_status(current: int, items: Iterable[int]) -> int:
    """Where an order stands, from where its items stand.

    All items ended: refunded when any was refunded, else canceled. All living ones waiting for cancellation: so is the
    order. Otherwise the lowest of the living ones, but never lower than `current`.
    """
    codes = list(items)
    living = [code for code in codes if code not in ENDED]
    if not codes:
        return current
    if not living:
        return REFUNDED if REFUNDED in codes else CANCELED
    moving = [code for code in living if code != CANCELLATION_WAITING]
    if not moving:
        return CANCELLATION_WAITING
    lowest = min(moving)
    return lowest if current in ENDED or current == CANCELLATION_WAITING else max(current, lowest)
