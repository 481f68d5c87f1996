"""Setting what is on hand, as a feed or a count says it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from ambar.kit import work
from ambar.oms.stock import arrivals
from ambar.oms.stock.domain.reservations import Key, ReserveLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A feed's figure for a product at a location, 0 or more."""

    location_id: int
    product_id: int
    on_hand: Decimal
    unit: str = "quantity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """`changed`: rows whose figure changed. `short`: keys whose new figure lies below what is reserved, and by how
    much; there the reservations stand, nothing is available, and the gap stays on the balance."""

    changed: int
    short: dict[Key, Decimal]


ENSURE = """
INSERT INTO oms_stock_balance (location_id, product_id, on_hand, reserved, short, unit)
SELECT location_id, product_id, 0, 0, 0, unit
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS row (location_id, product_id, unit)
ORDER BY 1, 2 ON CONFLICT DO NOTHING
"""
SET = """
WITH row AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[])
        AS row (location_id, product_id, figure, unit)
), before AS (
    SELECT balance.*, row.figure, row.unit AS told
    FROM oms_stock_balance balance JOIN row USING (location_id, product_id)
    ORDER BY balance.location_id, balance.product_id FOR UPDATE OF balance
), after AS (
    UPDATE oms_stock_balance balance SET
        on_hand = greatest(before.figure, before.reserved),
        short = greatest(before.reserved - before.figure, 0),
        unit = before.told, counted_at = %s
    FROM before
    WHERE balance.location_id = before.location_id AND balance.product_id = before.product_id
    RETURNING balance.location_id, balance.product_id, trim_scale(balance.short) AS short,
        balance.on_hand - before.on_hand AS change
), noted AS (
    INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, reason, cause)
    SELECT %s::timestamptz, 'stock', location_id, product_id, change, '', %s::text, %s::uuid FROM after WHERE change <> 0
), arrived AS (
    INSERT INTO oms_stock_arrival (product_id, at)
    SELECT DISTINCT product_id, %s::timestamptz FROM after WHERE change > 0
)
SELECT location_id, product_id, short, change FROM after
"""


def set_on_hand(rows: Iterable[Counted], *, reason: str, cause: UUID | None, now: datetime) -> Applied:
    """Set the figures in one pass, creating balances; of several rows for one key the last counts.

    Never leaves less on hand than is reserved: the gap is answered in `short` and kept on the balance.
    """
    last = {(row.location_id, row.product_id): row for row in rows}
    ordered = [last[key] for key in sorted(last)]
    if not ordered:
        return Applied(changed=0, short={})
    locations, products = [row.location_id for row in ordered], [row.product_id for row in ordered]
    units = [row.unit for row in ordered]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ENSURE, [locations, products, units])
        cursor.execute(
            SET, [locations, products, [row.on_hand for row in ordered], units, now, now, reason, cause, now]
        )
        written = cursor.fetchall()
        if any(row[3] > 0 for row in written):
            work.wake(arrivals.LOOP)
    return Applied(
        changed=sum(1 for row in written if row[3] != 0),
        short={(row[0], row[1]): row[2] for row in written if row[2] > 0},
    )


WRITE_OFF = """
WITH line AS (
    SELECT location_id, product_id, sum(quantity) AS quantity
    FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) AS line (location_id, product_id, quantity) GROUP BY 1, 2
), lost AS (
    SELECT balance.location_id, balance.product_id, least(line.quantity, balance.on_hand - balance.reserved) AS quantity
    FROM oms_stock_balance balance JOIN line USING (location_id, product_id)
    ORDER BY 1, 2 FOR UPDATE OF balance
), after AS (
    UPDATE oms_stock_balance balance SET on_hand = balance.on_hand - lost.quantity FROM lost
    WHERE balance.location_id = lost.location_id AND balance.product_id = lost.product_id
)
INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, reason, cause)
SELECT %s::timestamptz, 'stock', location_id, product_id, -quantity, '', %s::text, %s::uuid FROM lost WHERE quantity > 0
"""


def write_off(lines: Sequence[ReserveLine], *, reason: str, cause: UUID | None, now: datetime) -> None:
    """Goods that were just given back (or restored) are not on the shelf after all: on hand falls, what others have
    reserved stays. What the last count already left out is not written off again."""
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(
                WRITE_OFF,
                [
                    [line.location_id for line in lines],
                    [line.product_id for line in lines],
                    [line.quantity for line in lines],
                    now,
                    reason,
                    cause,
                ],
            )
