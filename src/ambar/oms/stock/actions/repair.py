"""Compare the ledger with balances, holders and quota, and mend exactly what was previewed."""

from datetime import datetime

from django.db import connection, transaction

from ambar.kit import ids, work
from ambar.oms.locations.store import lock_quota, move_quota
from ambar.oms.stock import arrivals, holdings, queries, registry
from ambar.oms.stock.domain.repairs import (
    BalanceDiffers,
    HolderGone,
    PlanChanged,
    QuotaDiffers,
    RepairPlan,
    of_kind,
)
from ambar.oms.stock.domain.reservations import ReserveLine
from ambar.oms.stock.store import give_back_locked, lock_balances

REASON = "repair"
HELD = """
SELECT holder_kind, holder_id, location_id, product_id, trim_scale(sum(quantity)) FROM oms_stock_ledgerentry
WHERE kind <> 'stock' AND holder_id IS NOT NULL AND holder_kind = ANY(%s) AND (%s::bigint[] IS NULL OR holder_id = ANY(%s))
GROUP BY 1, 2, 3, 4 HAVING sum(quantity) > 0 ORDER BY 1, 2, 3, 4
"""
SET_BALANCE = """
WITH ledger AS (
    SELECT location_id, product_id,
        COALESCE(sum(quantity) FILTER (WHERE kind IN ('stock', 'consume')), 0) AS on_hand,
        COALESCE(sum(quantity) FILTER (WHERE kind <> 'stock'), 0) AS reserved
    FROM unnest(%s::bigint[], %s::bigint[]) AS key (location_id, product_id)
    LEFT JOIN oms_stock_ledgerentry USING (location_id, product_id)
    GROUP BY 1, 2
), sound AS (
    SELECT location_id, product_id, greatest(reserved, 0) AS reserved,
        greatest(on_hand, reserved, 0) AS on_hand, greatest(on_hand, reserved, 0) - on_hand AS raised,
        greatest(reserved, 0) - reserved AS unreleased
    FROM ledger
), noted AS (
    INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, reason, cause)
    SELECT %s::timestamptz, 'stock', location_id, product_id, raised, '', %s::text, %s::uuid FROM sound WHERE raised <> 0
    UNION ALL
    SELECT %s::timestamptz, 'release', location_id, product_id, unreleased, '', %s::text, %s::uuid FROM sound
    WHERE unreleased <> 0
), written AS (
    UPDATE oms_stock_balance balance SET on_hand = sound.on_hand, reserved = sound.reserved,
        short = CASE WHEN sound.on_hand > sound.reserved THEN 0 ELSE balance.short END
    FROM sound WHERE balance.location_id = sound.location_id AND balance.product_id = sound.product_id
)
INSERT INTO oms_stock_arrival (product_id, at) SELECT DISTINCT product_id, %s::timestamptz FROM sound
"""


def preview() -> RepairPlan:
    """What is wrong now and what would mend it; reads only."""
    return RepairPlan(findings=(*_balances(), *_holders(lock=False), *_quota()))


def repair(plan_hash: str, *, now: datetime) -> RepairPlan:
    """Do exactly the plan of this hash, in one transaction. Raises `PlanChanged` when the books moved on meanwhile.

    Records behind holders are locked first, then balances, then quota, and everything is compared again under the locks.
    """
    plan = preview()
    if plan.hash != plan_hash:
        raise PlanChanged(plan=plan.hash)
    gone, differing = of_kind(plan.findings, HolderGone), of_kind(plan.findings, BalanceDiffers)
    with transaction.atomic():
        if gone and _holders(lock=True, holder_ids=sorted({one.holder_id for one in gone})) != gone:
            raise PlanChanged()
        _lock(gone, differing)
        _set_balances(differing, now=now)
        give_back_locked([_line(one) for one in gone], reason=REASON, cause=ids.uuid7(now), now=now)
        _set_quota(of_kind(plan.findings, QuotaDiffers))
        work.wake(arrivals.LOOP)
    return plan


def _lock(gone: list[HolderGone], differing: list[BalanceDiffers]) -> None:
    """Lock every balance that is touched, in key order, and compare the differing ones again."""
    keys = sorted({(one.location_id, one.product_id) for one in (*gone, *differing)})
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(holdings.ENSURE_ENDS, [[key[0] for key in keys], [key[1] for key in keys]])
    lock_balances(keys)
    if (
        differing
        and [one for one in _balances() if (one.location_id, one.product_id) in set(keys)] != differing
    ):
        raise PlanChanged()


def _line(one: HolderGone) -> ReserveLine:
    return ReserveLine(
        location_id=one.location_id,
        product_id=one.product_id,
        quantity=one.quantity,
        holder_kind=one.holder_kind,
        holder_id=one.holder_id,
    )


def _balances() -> list[BalanceDiffers]:
    return [
        BalanceDiffers(
            location_id=one.location_id,
            product_id=one.product_id,
            on_hand=one.on_hand,
            reserved=one.reserved,
            ledger_on_hand=one.ledger_on_hand,
            ledger_reserved=one.ledger_reserved,
        )
        for one in queries.check()
    ]


def _held(kinds: list[str], holder_ids: list[int] | None = None) -> list[HolderGone]:
    with connection.cursor() as cursor:
        cursor.execute(HELD, [kinds, holder_ids, holder_ids])
        return [
            HolderGone(
                holder_kind=row[0], holder_id=row[1], location_id=row[2], product_id=row[3], quantity=row[4]
            )
            for row in cursor.fetchall()
        ]


def _holders(*, lock: bool, holder_ids: list[int] | None = None) -> list[HolderGone]:
    """Holdings of holders that may not hold; read again after asking, so that work under way is not mistaken."""
    checks = registry.holder_checks()
    held = _held(list(checks), holder_ids)
    gone: set[tuple[str, int]] = set()
    for kind, living in checks.items():
        numbers = sorted({one.holder_id for one in held if one.holder_kind == kind})
        if numbers:
            gone |= {(kind, number) for number in set(numbers) - set(living(numbers, lock=lock))}
    if not gone:
        return []
    again = _held(list(checks), sorted({number for _, number in gone}))
    return [one for one in again if (one.holder_kind, one.holder_id) in gone]


def _quota() -> list[QuotaDiffers]:
    counted = registry.counted_quota()
    if counted is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT location_id, used FROM oms_locations_quotaused ORDER BY location_id")
        used = dict(cursor.fetchall())
    return [
        QuotaDiffers(location_id=place, used=used.get(place, 0), counted=counted.get(place, 0))
        for place in sorted({*used, *counted})
        if used.get(place, 0) != counted.get(place, 0)
    ]


def _set_balances(findings: list[BalanceDiffers], *, now: datetime) -> None:
    if not findings:
        return
    places, products = [one.location_id for one in findings], [one.product_id for one in findings]
    cause = ids.uuid7(now)
    with connection.cursor() as cursor:
        cursor.execute(SET_BALANCE, [places, products, now, REASON, cause, now, REASON, cause, now])


def _set_quota(findings: list[QuotaDiffers]) -> None:
    if not findings:
        return
    used = lock_quota(one.location_id for one in findings)
    if any(used[one.location_id][0] != one.used for one in findings):
        raise PlanChanged()
    move_quota({one.location_id: one.counted - one.used for one in findings})
