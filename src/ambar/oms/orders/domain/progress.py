"""How an order item's status may move.

Codes only grow while the goods travel; cancellation and refund may come at any time, and a refused cancellation
lets the item go on where it was. `docs/decisions/` (status codes may not go backwards except by cancellation).
"""

from __future__ import annotations

from collections.abc import Iterable

CANCELLATION_WAITING = 50
CANCELED = 100
INACTIVE = 425
REFUNDED = 600

ENDED = frozenset({CANCELED, REFUNDED})
ASIDE = frozenset({CANCELLATION_WAITING, CANCELED, INACTIVE, REFUNDED})


def may_move(current: int, target: int) -> bool:
    """Whether an item standing at `current` takes `target`."""
    if current == target or current == REFUNDED:
        return False
    if current == CANCELED:
        return target == REFUNDED
    if target in (CANCELLATION_WAITING, CANCELED, REFUNDED) or current in (CANCELLATION_WAITING, INACTIVE):
        return True
    return target > current


MAY_MOVE_SQL = """({current} <> {target} AND {current} <> 600 AND CASE
    WHEN {current} = 100 THEN {target} = 600
    WHEN {target} IN (50, 100, 600) OR {current} IN (50, 425) THEN true
    ELSE {target} > {current} END)"""


def order_state(item_states: Iterable[int]) -> int | None:
    """The state of an order: that of its least advanced living item; Cancelled when none lives; None without items."""
    states = list(item_states)
    living = [state for state in states if state not in ASIDE]
    if living:
        return min(living)
    return max(states) if states else None
