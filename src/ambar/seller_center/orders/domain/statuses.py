"""Status codes of orders and their items, and which way they may go.

Source: "Order status codes and cancellation statuses" of the commerce documentation; the direction rule is ours
(`docs/decisions/`): never backwards, except by cancellation.
"""

from __future__ import annotations

from ambar.kit.text import is_digits

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
CODES = {name: code for code, name in NAMES.items()}

CANCELLATION_WAITING = 50
CANCELED = 100
APPROVED = 400
DELIVERED = 550
REFUNDED = 600

_PEERS = {540: 520}
"""A failed attempt and a parcel waiting for pick-up may follow one another either way."""


def read(value: object) -> int | None:
    """The code of `450`, `"450"` or `"preparing"`; `None` when it is none of ours."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip().lower()
        if text in CODES:
            return CODES[text]
        value = int(text) if is_digits(text) and len(text) < 6 else None
    return value if isinstance(value, int) and value in NAMES else None


def may_move(source: int, destination: int) -> bool:
    """Whether an item may go from one code to the other; staying is always allowed.

    Cancelling is possible from anywhere but a refund; a waiting cancellation may be taken back to any code;
    cancelled may only become refunded; refunded is the end.
    """
    if source == destination:
        return True
    if source == REFUNDED:
        return False
    if source == CANCELED:
        return destination == REFUNDED
    if destination in (CANCELLATION_WAITING, CANCELED) or source == CANCELLATION_WAITING:
        return True
    return _PEERS.get(destination, destination) >= _PEERS.get(source, source)


def merged(current: int, incoming: int) -> int:
    """The code that holds when another system reports `incoming`: backward reports change nothing."""
    return incoming if may_move(current, incoming) else current


def of_order(items: list[int]) -> int | None:
    """What an order's items say together: the least advanced of those not cancelled, or cancelled; `None` of none."""
    alive = [code for code in items if code != CANCELED]
    if not alive:
        return CANCELED if items else None
    return min(alive, key=lambda code: _PEERS.get(code, code))
