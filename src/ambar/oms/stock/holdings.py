"""What holders hold, for callers who hold the lock of the record behind the holder.

Under that lock nobody else changes the holding, so it is read once; only the balances are locked here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from ambar.oms.stock.domain.reservations import ReserveLine
from ambar.oms.stock.store import GIVE_BACK, HOLDINGS, USE_UP, _columns, lock_balances


def read(holder_kind: str, holder_ids: Iterable[int]) -> list[ReserveLine]:
    """What each holder holds and where; holders of nothing are absent. One statement."""
    ids = list(holder_ids)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(HOLDINGS, [[holder_kind] * len(ids), ids])
        return [
            ReserveLine(
                location_id=location_id,
                product_id=product_id,
                quantity=quantity,
                holder_kind=kind,
                holder_id=holder_id,
            )
            for kind, holder_id, location_id, product_id, quantity in cursor.fetchall()
        ]


def use_up(lines: Sequence[ReserveLine], *, reason: str, cause: UUID | None, now: datetime) -> None:
    """Consume held lines, as `read` gave them: on hand and reserved fall together. Two statements."""
    if lines:
        lock_balances((line.location_id, line.product_id) for line in lines)
        with connection.cursor() as cursor:
            cursor.execute(USE_UP, [*_columns(lines), now, reason, cause])


def give_back(lines: Sequence[ReserveLine], *, reason: str, cause: UUID | None, now: datetime) -> None:
    """Release held lines, as `read` gave them. Two statements."""
    if lines:
        lock_balances((line.location_id, line.product_id) for line in lines)
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK, [*_columns(lines), now, reason, cause, now, cause])
