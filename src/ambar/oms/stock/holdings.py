"""What holders hold, for callers who hold the lock of the record behind the holder.

Under that lock nobody else changes the holding, so it is read once; only the balances are locked here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from ambar.kit import prepared, work
from ambar.oms.stock import arrivals
from ambar.oms.stock.domain.reservations import MoveLine, NotHeld, ReserveLine
from ambar.oms.stock.store import HOLDINGS, LOCKED_LINES, _columns, give_back_locked, lock_balances

RESTORE = """
WITH asked AS (
    SELECT location_id, product_id, sum(quantity) AS quantity, holder_kind, holder_id
    FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::bigint[])
        AS asked (location_id, product_id, quantity, holder_kind, holder_id)
    GROUP BY location_id, product_id, holder_kind, holder_id
), line AS (
    SELECT location_id, product_id, asked.holder_kind, asked.holder_id,
        least(asked.quantity, -sum(entry.quantity)) AS quantity
    FROM oms_stock_ledgerentry entry JOIN asked USING (holder_kind, holder_id, location_id, product_id)
    WHERE entry.kind IN ('consume', 'stock')
    GROUP BY location_id, product_id, asked.holder_kind, asked.holder_id, asked.quantity HAVING sum(entry.quantity) < 0
), total AS (
    SELECT location_id, product_id, sum(quantity) AS quantity FROM line GROUP BY 1, 2
), given AS (
    UPDATE oms_stock_balance balance SET
        on_hand = balance.on_hand + total.quantity - least(balance.short, total.quantity),
        short = balance.short - least(balance.short, total.quantity)
    FROM total JOIN oms_stock_balance before USING (location_id, product_id)
    WHERE balance.location_id = total.location_id AND balance.product_id = total.product_id
    RETURNING balance.location_id, balance.product_id, least(before.short, total.quantity) AS lost,
        total.quantity - least(before.short, total.quantity) AS free
), noted AS (
    INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, holder_id, reason, cause)
    SELECT %s::timestamptz, 'stock', location_id, product_id, quantity, holder_kind, holder_id, %s::text, %s::uuid FROM line
    UNION ALL
    SELECT %s::timestamptz, 'stock', location_id, product_id, -lost, '', NULL::bigint, 'short of the last count', %s::uuid FROM given WHERE lost > 0
), arrived AS (
    INSERT INTO oms_stock_arrival (product_id, at)
    SELECT DISTINCT product_id, %s::timestamptz FROM given WHERE free > 0
)
SELECT COALESCE((SELECT sum(quantity) FROM line), 0), EXISTS (SELECT FROM given WHERE free > 0)
"""
USE_UP_HELD = f"""{LOCKED_LINES}, used AS (
    UPDATE oms_stock_balance balance SET
        reserved = balance.reserved - locked.quantity, on_hand = balance.on_hand - locked.quantity
    FROM locked
    WHERE balance.location_id = locked.location_id AND balance.product_id = locked.product_id
)
INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, holder_id, reason, cause)
SELECT %s::timestamptz, 'consume', location_id, product_id, -quantity, holder_kind, holder_id, %s::text, %s::uuid FROM line
"""
ENSURE_ENDS = """
INSERT INTO oms_stock_balance (location_id, product_id, on_hand, reserved, short, unit)
SELECT location_id, product_id, 0, 0, 0,
    COALESCE((SELECT max(unit) FROM oms_stock_balance known WHERE known.product_id = row.product_id), 'quantity')
FROM unnest(%s::bigint[], %s::bigint[]) AS row (location_id, product_id)
ORDER BY 1, 2 ON CONFLICT DO NOTHING
"""
MOVED = """
WITH line AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::bigint[], %s::text[],
        %s::bigint[])
        AS line (from_location, to_location, product_id, quantity, from_kind, from_id, to_kind, to_id)
)"""
MOVE_GOODS = f"""{MOVED}, change AS (
    SELECT location_id, product_id, sum(quantity) AS quantity FROM (
        SELECT from_location AS location_id, product_id, -quantity AS quantity FROM line
        UNION ALL SELECT to_location, product_id, quantity FROM line
    ) ends GROUP BY 1, 2
), moved AS (
    UPDATE oms_stock_balance balance
    SET on_hand = balance.on_hand + change.quantity, reserved = balance.reserved + change.quantity
    FROM change WHERE balance.location_id = change.location_id AND balance.product_id = change.product_id
)
INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, holder_id, reason, cause)
SELECT %s::timestamptz, 'consume', from_location, product_id, -quantity, from_kind, from_id, %s::text, %s::uuid FROM line
UNION ALL
SELECT %s::timestamptz, 'stock', to_location, product_id, quantity, '', NULL::bigint, %s::text, %s::uuid FROM line
UNION ALL
SELECT %s::timestamptz, 'reserve', to_location, product_id, quantity, to_kind, to_id, %s::text, %s::uuid FROM line
"""
MOVE_RESERVATION = f"""{MOVED}
INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, holder_id, reason, cause)
SELECT %s::timestamptz, 'move', from_location, product_id, -quantity, from_kind, from_id, %s::text, %s::uuid FROM line
UNION ALL
SELECT %s::timestamptz, 'move', to_location, product_id, quantity, to_kind, to_id, %s::text, %s::uuid FROM line
"""


def read(holder_kind: str, holder_ids: Iterable[int]) -> list[ReserveLine]:
    """What each holder holds and where; holders of nothing are absent. One statement."""
    ids = list(holder_ids)
    if not ids:
        return []
    with prepared.cursor() as cursor:
        cursor.execute(HOLDINGS, [[holder_kind] * len(ids), prepared.numbers(ids)])
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
    """Consume held lines, as `read` gave them: on hand and reserved fall together. One statement, which locks
    the balances in key order before it changes them."""
    if lines:
        with prepared.cursor() as cursor:
            cursor.execute(USE_UP_HELD, [*_columns(lines), now, reason, cause])


def give_back(lines: Sequence[ReserveLine], *, reason: str, cause: UUID | None, now: datetime) -> None:
    """Release held lines, as `read` gave them. Two statements."""
    if lines:
        lock_balances((line.location_id, line.product_id) for line in lines)
        give_back_locked(lines, reason=reason, cause=cause, now=now)


def restore(lines: Sequence[ReserveLine], *, reason: str, cause: UUID | None, now: datetime) -> Decimal:
    """Undo what holders used up: it lies on hand again, unreserved. Answers how much came back.

    A line gives back at most what its holder consumed there and did not get back yet, so twice is a no-op. For a
    package refused after its stock was consumed (decision 0008). Joins the caller's transaction.
    """
    if not lines:
        return Decimal(0)
    lock_balances((line.location_id, line.product_id) for line in lines)
    with connection.cursor() as cursor:
        cursor.execute(RESTORE, [*_columns(lines), now, reason, cause, now, cause, now])
        restored, grown = cursor.fetchone()
    if grown:
        work.wake(arrivals.LOOP)
    return Decimal(restored)


def move_goods(lines: Sequence[MoveLine], *, reason: str, cause: UUID | None, now: datetime) -> None:
    """Goods leave the source and stay reserved at the destination for another holder (a transfer was delivered).

    On hand and reserved fall at the source and grow at the destination; nothing becomes available. Give all lines of
    a transaction in one call. Raises `NotHeld` when a holder has less at its source than shall be moved.
    """
    if not lines:
        return
    ends = sorted(
        {(place, line.product_id) for line in lines for place in (line.from_location, line.to_location)}
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ENSURE_ENDS, [[key[0] for key in ends], [key[1] for key in ends]])
        lock_balances(ends)
        _must_hold(lines)
        cursor.execute(MOVE_GOODS, [*_move_columns(lines), *[now, reason, cause] * 3])


def move_reservation(lines: Sequence[MoveLine], *, reason: str, cause: UUID | None, now: datetime) -> None:
    """Reservations, or parts of them, pass from one holder to another at the same location. Balances stay.

    Raises `NotHeld` when a holder has less there than shall be moved.
    """
    if not lines:
        return
    if any(line.from_location != line.to_location for line in lines):
        raise ValueError("a reservation moves within one location; goods move between two")
    with transaction.atomic(), connection.cursor() as cursor:
        lock_balances((line.from_location, line.product_id) for line in lines)
        _must_hold(lines)
        cursor.execute(MOVE_RESERVATION, [*_move_columns(lines), *[now, reason, cause] * 2])


def _must_hold(lines: Sequence[MoveLine]) -> None:
    held: dict[tuple[str, int, int, int], Decimal] = {}
    by_kind: dict[str, set[int]] = {}
    for line in lines:
        by_kind.setdefault(line.from_kind, set()).add(line.from_id)
    for kind, numbers in by_kind.items():
        for row in read(kind, sorted(numbers)):
            held[kind, row.holder_id, row.location_id, row.product_id] = row.quantity
    wanted: dict[tuple[str, int, int, int], Decimal] = {}
    for line in lines:
        if line.quantity <= 0:
            raise ValueError("a move takes more than nothing")
        key = (line.from_kind, line.from_id, line.from_location, line.product_id)
        wanted[key] = wanted.get(key, Decimal(0)) + line.quantity
    missing = [
        (*key, quantity, held.get(key, Decimal(0)))
        for key, quantity in sorted(wanted.items())
        if held.get(key, Decimal(0)) < quantity
    ]
    if missing:
        raise NotHeld(missing)


def _move_columns(lines: Sequence[MoveLine]) -> list[list[object]]:
    return [
        [line.from_location for line in lines],
        [line.to_location for line in lines],
        [line.product_id for line in lines],
        [line.quantity for line in lines],
        [line.from_kind for line in lines],
        [line.from_id for line in lines],
        [line.to_kind for line in lines],
        [line.to_id for line in lines],
    ]
