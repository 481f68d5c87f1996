"""Which item status is told upstream, and in which order statuses may follow one another.

Decision F8 of the wire contract: preparing and packed 450, shipped 500, ready for pickup 520, attempted delivery 540,
delivered 550, packed for refund 600; cancelled and out of stock leave the item alone, for it is planned again.
"""

from collections.abc import Iterable, Mapping

from ambar.kit.text import is_digits

DEFAULT_MAP: Mapping[int, int] = {
    200: 450,
    300: 450,
    400: 450,
    500: 450,
    600: 500,
    620: 520,
    640: 540,
    700: 550,
    1100: 600,
}
NAMES = {
    "cancellation_waiting": 50,
    "canceled": 100,
    "cancelled": 100,
    "waiting": 200,
    "payment_waiting": 300,
    "confirmation_waiting": 350,
    "approved": 400,
    "inactive": 425,
    "preparing": 450,
    "shipped": 500,
    "shipped_and_informed": 510,
    "ready_for_pickup": 520,
    "attempted_delivery": 540,
    "review_started": 544,
    "review_waiting": 545,
    "waiting_for_payment": 546,
    "paid": 547,
    "delivered": 550,
    "refunded": 600,
}
CODES = frozenset(NAMES.values())
_PLAIN = {str(each): each for each in CODES}
"""Codes as the wire nearly always has them."""
WITHDRAWN = frozenset({50, 100})
CANCELED = 100
REFUNDED = 600
PREPARING = 450
GONE = frozenset({740, 800, 900, 910})


def code(value: object) -> int | None:
    """A status as upstream writes it (code as text or number, or name) as its code; None when there is no such."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        plain = _PLAIN.get(value)
        if plain is not None:
            return plain
        text = value.strip().lower()
        found = int(text) if is_digits(text) and len(text) < 6 else NAMES.get(text)
    else:
        found = value if isinstance(value, int) else None
    return found if found in CODES else None


def wanted(package_states: Iterable[int], status_map: Mapping[int, int]) -> int | None:
    """The status to tell for an item that lies in packages of these states, or None when there is nothing to tell.

    The slowest living part decides; a part whose state has no status holds the item at Preparing at most. Packages
    that are gone (cancelled, returned, to be planned again) do not count.
    """
    living = [state for state in package_states if state not in GONE or state in status_map]
    told = [status_map[state] for state in living if state in status_map]
    if not told:
        return None
    if len(told) < len(living):
        return min(*told, PREPARING)
    return min(told)


def may_follow(current: int | None, target: int) -> bool:
    """Whether `target` may be told after `current`: forward only, except that a cancellation may always come; what was
    cancelled can only be refunded.
    """
    if current == CANCELED:
        return target == REFUNDED
    if current is None or target in WITHDRAWN:
        return current != target
    return target > current
