"""Stock is taken here and nowhere else: guarded statements on sets, rows locked in (location, product) order.

Global lock order: orders, packages, balances, quota. Every function joins the caller's transaction.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from ambar.kit import prepared
from ambar.kit.prepared import numbers, words
from ambar.oms.stock import arrivals
from ambar.oms.stock.domain.reservations import (
    Held,
    Key,
    Missing,
    NotEnoughStock,
    ReserveLine,
    demand,
    fitting,
    shortages,
)

LINES = """
WITH line AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::bigint[])
        AS line (location_id, product_id, quantity, holder_kind, holder_id)
), total AS (
    SELECT location_id, product_id, sum(quantity) AS quantity FROM line GROUP BY 1, 2
)"""
"""Beginning of a statement about reservation lines (`_columns`): `line`, and `total` of each balance."""
LOCKED_LINES = f"""{LINES}, locked AS MATERIALIZED (
    SELECT balance.location_id, balance.product_id, total.quantity
    FROM oms_stock_balance balance JOIN total USING (location_id, product_id)
    ORDER BY balance.location_id, balance.product_id FOR UPDATE OF balance
)"""
"""The same with `locked`, the balances in the global order."""
LOCK = """
SELECT balance.location_id, balance.product_id, trim_scale(balance.on_hand - balance.reserved)
FROM oms_stock_balance balance
JOIN unnest(%s::bigint[], %s::bigint[]) AS wanted (location_id, product_id) USING (location_id, product_id)
ORDER BY balance.location_id, balance.product_id FOR UPDATE OF balance
"""
TAKE = """
WITH taken AS (
    UPDATE oms_stock_balance balance SET reserved = balance.reserved + wanted.quantity
    FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) AS wanted (location_id, product_id, quantity)
    WHERE balance.location_id = wanted.location_id AND balance.product_id = wanted.product_id
      AND balance.on_hand - balance.reserved >= wanted.quantity
    RETURNING 1
), noted AS (
    INSERT INTO oms_stock_ledgerentry
        (at, kind, location_id, product_id, quantity, holder_kind, holder_id, reason, cause)
    SELECT %s::timestamptz, 'reserve', line.*, %s::text, %s::uuid
    FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::bigint[]) AS line
)
SELECT count(*) FROM taken
"""
TAKE_ALL = f"""{LOCKED_LINES}, taken AS (
    UPDATE oms_stock_balance balance SET reserved = balance.reserved + locked.quantity
    FROM locked
    WHERE balance.location_id = locked.location_id AND balance.product_id = locked.product_id
      AND balance.on_hand - balance.reserved >= locked.quantity
    RETURNING 1
), noted AS (
    INSERT INTO oms_stock_ledgerentry
        (at, kind, location_id, product_id, quantity, holder_kind, holder_id, reason, cause)
    SELECT %s::timestamptz, 'reserve', line.*, %s::text, %s::uuid FROM line
)
SELECT (SELECT count(*) FROM taken) = (SELECT count(*) FROM total)
"""
HOLDINGS = """
SELECT entry.holder_kind, entry.holder_id, entry.location_id, entry.product_id, trim_scale(sum(entry.quantity))
FROM oms_stock_ledgerentry entry
JOIN unnest(%s::text[], %s::bigint[]) AS holder (holder_kind, holder_id) USING (holder_kind, holder_id)
WHERE entry.kind <> 'stock'
GROUP BY 1, 2, 3, 4 HAVING sum(entry.quantity) > 0
ORDER BY 3, 4, 1, 2
"""
GIVE_BACK = f"""{LINES}, given AS (
    UPDATE oms_stock_balance balance SET
        reserved = balance.reserved - total.quantity,
        on_hand = balance.on_hand - least(balance.short, total.quantity),
        short = balance.short - least(balance.short, total.quantity)
    FROM total JOIN oms_stock_balance before USING (location_id, product_id)
    WHERE balance.location_id = total.location_id AND balance.product_id = total.product_id
    RETURNING balance.location_id, balance.product_id, least(before.short, total.quantity) AS lost,
        total.quantity - least(before.short, total.quantity) AS free
), noted AS (
    INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, holder_id, reason, cause)
    SELECT %s::timestamptz, 'release', location_id, product_id, -quantity, holder_kind, holder_id, %s::text, %s::uuid FROM line
    UNION ALL
    SELECT %s::timestamptz, 'stock', location_id, product_id, -lost, '', NULL::bigint, 'short of the last count', %s::uuid FROM given WHERE lost > 0
), arrived AS (
    INSERT INTO oms_stock_arrival (product_id, at)
    SELECT DISTINCT product_id, %s::timestamptz FROM given WHERE free > 0 RETURNING 1
)
SELECT pg_notify(%s, %s) WHERE EXISTS (SELECT FROM arrived)
"""
USE_UP = """
WITH line AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::bigint[])
        AS line (location_id, product_id, quantity, holder_kind, holder_id)
), total AS (
    SELECT location_id, product_id, sum(quantity) AS quantity FROM line GROUP BY 1, 2
), used AS (
    UPDATE oms_stock_balance balance SET
        reserved = balance.reserved - total.quantity, on_hand = balance.on_hand - total.quantity
    FROM total
    WHERE balance.location_id = total.location_id AND balance.product_id = total.product_id
)
INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, holder_id, reason, cause)
SELECT %s::timestamptz, 'consume', location_id, product_id, -quantity, holder_kind, holder_id, %s::text, %s::uuid FROM line
"""


def lock_balances(keys: Iterable[Key]) -> dict[Key, Decimal]:
    """`{(location, product): available}` under lock until the transaction ends; a key without a row is absent."""
    ordered = sorted(set(keys))
    if not ordered:
        return {}
    with prepared.cursor() as cursor:
        cursor.execute(LOCK, [numbers(key[0] for key in ordered), numbers(key[1] for key in ordered)])
        return {(location_id, product_id): free for location_id, product_id, free in cursor.fetchall()}


def reserve(lines: Sequence[ReserveLine], *, reason: str, cause: UUID | None, now: datetime) -> None:
    """Take stock for all lines or none. Lines of one (location, product) are added up first.

    Raises `NotEnoughStock` naming every location and product that could not give enough.
    """
    if not lines:
        return
    wanted = demand(((line.location_id, line.product_id), line.quantity) for line in lines)
    with transaction.atomic():
        missing = shortages(wanted, lock_balances(wanted))
        if missing:
            raise NotEnoughStock(missing)
        take_locked(lines, wanted, reason=reason, cause=cause, now=now)


def reserve_by_group(
    groups: Mapping[Hashable, Sequence[ReserveLine]], *, reason: str, cause: UUID | None, now: datetime
) -> dict[Hashable, list[Missing]]:
    """Take stock group by group in the given order, each whole or not at all; answers why each refused one was."""
    wanted = {
        group: demand(((line.location_id, line.product_id), line.quantity) for line in lines)
        for group, lines in groups.items()
    }
    with transaction.atomic():
        available = lock_balances(key for keys in wanted.values() for key in keys)
        taken, refused = fitting(list(wanted.items()), available)
        lines = [line for group in taken for line in groups[group]]
        if lines:
            total = demand(((line.location_id, line.product_id), line.quantity) for line in lines)
            take_locked(lines, total, reason=reason, cause=cause, now=now)
    return refused


def take_locked(
    lines: Sequence[ReserveLine],
    wanted: Mapping[Key, Decimal],
    *,
    reason: str,
    cause: UUID | None,
    now: datetime,
) -> None:
    """Write reservations whose balances the caller locked (`lock_balances`) and found sufficient; still guarded."""
    ordered = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            TAKE,
            [
                numbers(key[0] for key in ordered),
                numbers(key[1] for key in ordered),
                numbers(wanted[key] for key in ordered),
                now,
                reason,
                cause,
                *_columns(lines),
            ],
        )
        if cursor.fetchone()[0] != len(ordered):
            raise NotEnoughStock(shortages(wanted, lock_balances(ordered)))


def take_all(lines: Sequence[ReserveLine], *, reason: str, cause: UUID | None, now: datetime) -> bool:
    """Lock the balances of the lines in key order and take from them, in one statement; False when one had too little.

    After a False the caller rolls back to a savepoint of its own: the rest was taken and noted. Raises `ValueError` for a
    kind of holder that is no plain word.
    """
    if not lines:
        return True
    with connection.cursor() as cursor:
        columns = _columns(lines)
        columns[3] = words(line.holder_kind for line in lines)
        cursor.execute(TAKE_ALL, [*columns, now, reason, cause])
        return bool(cursor.fetchone()[0])


def release(
    holders: Iterable[Held], *, reason: str, cause: UUID | None, now: datetime
) -> dict[tuple[str, int], Decimal]:
    """Give back what the holders hold (or the part named); answers what each gave back. Doing it twice is a no-op."""
    with transaction.atomic():
        lines = _lines_of(holders)
        give_back_locked(lines, reason=reason, cause=cause, now=now)
    return _per_holder(lines)


def give_back_locked(lines: Sequence[ReserveLine], *, reason: str, cause: UUID | None, now: datetime) -> None:
    """Release lines that their holders hold and whose balances the caller locked; notes what became available."""
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(
                GIVE_BACK, [*_columns(lines), now, reason, cause, now, cause, now, *arrivals.SIGNAL]
            )


def consume(
    holders: Iterable[Held], *, reason: str, cause: UUID | None, now: datetime
) -> dict[tuple[str, int], Decimal]:
    """Use up what the holders hold: on hand and reserved fall together; answers what each used. Twice is a no-op."""
    with transaction.atomic():
        lines = _lines_of(holders)
        if lines:
            with connection.cursor() as cursor:
                cursor.execute(USE_UP, [*_columns(lines), now, reason, cause])
    return _per_holder(lines)


def _lines_of(holders: Iterable[Held]) -> list[ReserveLine]:
    """What the holders hold, read again after their balances are locked, cut to the quantities asked for."""
    asked = {(held.holder_kind, held.holder_id): held.quantity for held in holders}
    if not asked:
        return []
    arguments = [[kind for kind, _ in asked], [number for _, number in asked]]
    with connection.cursor() as cursor:
        cursor.execute(HOLDINGS, arguments)
        lock_balances((row[2], row[3]) for row in cursor.fetchall())
        cursor.execute(HOLDINGS, arguments)
        rows = cursor.fetchall()
    lines = []
    for kind, number, location_id, product_id, held in rows:
        limit = asked[kind, number]
        quantity = held if limit is None else min(held, limit)
        if limit is not None:
            asked[kind, number] = limit - quantity
        if quantity > 0:
            lines.append(
                ReserveLine(
                    location_id=location_id,
                    product_id=product_id,
                    quantity=quantity,
                    holder_kind=kind,
                    holder_id=number,
                )
            )
    return lines


def _columns(lines: Sequence[ReserveLine]) -> list[object]:
    return [
        numbers(line.location_id for line in lines),
        numbers(line.product_id for line in lines),
        numbers(line.quantity for line in lines),
        [line.holder_kind for line in lines],
        numbers(line.holder_id for line in lines),
    ]


def _per_holder(lines: Iterable[ReserveLine]) -> dict[tuple[str, int], Decimal]:
    total: dict[tuple[str, int], Decimal] = {}
    for line in lines:
        key = (line.holder_kind, line.holder_id)
        total[key] = total.get(key, Decimal(0)) + line.quantity
    return total
