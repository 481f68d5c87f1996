"""How an order item's status may move.

Codes only grow while the goods travel; cancellation and refund may come at any time, and a refused cancellation
lets the item go on where it was. `docs/decisions/` (status codes may not go backwards except by cancellation).
"""

from __future__ import annotations

CANCELLATION_WAITING = 50
CANCELED = 100
INACTIVE = 425
REFUNDED = 600


def may_move(current: int, target: int) -> bool:
    """Whether an item standing at `current` takes `target`."""
    if current in (target, REFUNDED):
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
