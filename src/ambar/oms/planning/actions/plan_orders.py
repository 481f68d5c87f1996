"""Plan the orders that wait for it: one read, one pure pass, one write for the whole batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
import structlog
from django.db import InterfaceError, OperationalError, transaction

from ambar.oms.locations import store as locations
from ambar.oms.locations.domain.quota import fits
from ambar.oms.orders import store as orders
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import NewPackage
from ambar.oms.planning import asking, store
from ambar.oms.planning.domain.engine import plan_all
from ambar.oms.planning.domain.values import Order, Plan
from ambar.oms.scenarios.domain.rules import Rules
from ambar.oms.scenarios.queries import rules_snapshot
from ambar.oms.stock import store as stock
from ambar.oms.stock.domain.reservations import Key, ReserveLine, demand, fitting

FLOOR_ZONE = ZoneInfo("Europe/Istanbul")
ASK_AGAIN = timedelta(seconds=60)
HOLDER = "package_item"
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Attempt:
    """The ids claimed by a batch, kept outside its transaction for when it fails."""

    ids: list[int] = field(default_factory=list)


def plan_orders(*, limit: int, now: datetime) -> int:
    """Plan up to `limit` waiting orders; answers how many were looked at, 0 when none wait.

    An order is planned by one worker only; one that fails is put on hold with the reason and does not stop the others.
    Orders whose stock or quota went to somebody else in the meantime stay in the queue and are planned anew.
    Raises only when the database is away.
    """
    attempt = Attempt()
    try:
        return _plan_batch(limit, attempt, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.warning("planning batch failed, planning one by one", orders=attempt.ids, error=_said(error))
        return _one_by_one(len(attempt.ids), now)


def _one_by_one(count: int, now: datetime) -> int:
    done = 0
    for _ in range(count):
        attempt = Attempt()
        try:
            done += _plan_batch(1, attempt, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.error("order could not be planned", orders=attempt.ids, error=_said(error))
            orders.mark_hold(dict.fromkeys(attempt.ids, f"Planning failed: {_said(error)}"), now)
            done += len(attempt.ids)
    return done


def _said(error: Exception) -> str:
    """The error without the row it was about, which holds personal data."""
    first = str(error).partition("\n")[0][:500]
    return f"{type(error).__name__}: {first}"


def _plan_batch(limit: int, attempt: Attempt, now: datetime) -> int:
    with transaction.atomic():
        claimed = orders.claim_new(limit, now)
        attempt.ids = [order.id for order in claimed]
        if not claimed:
            return 0
        _, rules = rules_snapshot()
        known = store.places()
        product_ids = {line.product_id for order in claimed for line in order.lines}
        asked = asking.read_orders(
            claimed,
            known=known,
            channels=store.channels({order.channel_id for order in claimed}),
            products=store.products(product_ids) if _asks_products(rules) else {},
        )
        seen = store.view(known, product_ids)
        plans = list(plan_all(asked, rules, seen, now.astimezone(FLOOR_ZONE)))
        store.keep_snapshots(rules, known, now=now)
        _write(asked, plans, rules_hash=rules.hash, view_hash=seen.hash, now=now)
    return len(claimed)


def _asks_products(rules: Rules) -> bool:
    return any(rule.product_mode != "all" for scenario in rules.scenarios for rule in scenario.rules)


def _write(
    asked: Sequence[Order], plans: Sequence[Plan], *, rules_hash: str, view_hash: str, now: datetime
) -> None:
    taken = _still_possible([plan for plan in plans if plan.hold is None])
    by_id = {order.id: order for order in asked}
    final = [plan for plan in plans if plan.hold is not None or plan.order_id in taken]
    decisions = store.add_decisions(
        [
            store.NewDecision(
                order_id=plan.order_id,
                outcome=_outcome(plan),
                scenario_id=plan.scenario_id,
                asked=asking.stored(by_id[plan.order_id]),
                record=orjson.dumps(plan.record),
            )
            for plan in final
        ],
        rules_hash=rules_hash,
        view_hash=view_hash,
        now=now,
    )
    planned = [plan for plan in final if plan.hold is None]
    _make_packages(planned, decisions, now)
    if planned:
        orders.mark_planned([plan.order_id for plan in planned], now)
    held = {plan.order_id: plan.hold for plan in final if plan.hold is not None}
    waiting = {order_id: hold.message for order_id, hold in held.items() if not hold.pending}
    if waiting:
        orders.mark_hold(waiting, now)
    pending = {order_id: hold.message for order_id, hold in held.items() if hold.pending}
    if pending:
        orders.mark_pending(pending, due_at=now + ASK_AGAIN, now=now)


def _outcome(plan: Plan) -> str:
    if plan.hold is None:
        return "planned"
    return "pending" if plan.hold.pending else "hold"


def _wanted(plan: Plan) -> dict[Key, Decimal]:
    return demand(
        ((package.location_id, product_id), quantity)
        for package in plan.packages
        if package.takes_stock
        for _, product_id, quantity in package.items
    )


def _still_possible(plans: Sequence[Plan]) -> set[int]:
    """The orders whose stock and guarded quota are still there, now under lock until the transaction ends."""
    groups = [(plan, _wanted(plan)) for plan in plans]
    available = stock.lock_balances(key for _, wanted in groups for key in wanted)
    fit, _ = fitting([(plan.order_id, wanted) for plan, wanted in groups], available)
    possible = set(fit)
    guarded = {package.location_id for plan in plans for package in plan.packages if package.guarded}
    if not guarded:
        return possible
    rows = locations.lock_quota(guarded)
    used = {location_id: row[0] for location_id, row in rows.items()}
    for plan in plans:
        if plan.order_id not in possible:
            continue
        mine = [package for package in plan.packages if package.takes_stock and package.location_id in rows]
        if all(
            fits(used=used[package.location_id], change=1, max_quota=rows[package.location_id][1])
            for package in mine
            if package.guarded
        ):
            for package in mine:
                used[package.location_id] += 1
        else:
            possible.discard(plan.order_id)
    return possible


def _make_packages(plans: Iterable[Plan], decisions: dict[int, int], now: datetime) -> None:
    wanted = [(plan.order_id, package) for plan in plans for package in plan.packages]
    if not wanted:
        return
    created = packages.create(
        [
            NewPackage(
                order_id=order_id,
                location_id=package.location_id,
                state=package.state,
                items=package.items,
                decision_id=decisions[order_id],
            )
            for order_id, package in wanted
        ],
        now=now,
    )
    lines: list[ReserveLine] = []
    quota: dict[int, int] = {}
    for (_, package), made in zip(wanted, created, strict=True):
        if not package.takes_stock:
            continue
        quota[package.location_id] = quota.get(package.location_id, 0) + 1
        lines += [
            ReserveLine(
                location_id=package.location_id,
                product_id=product_id,
                quantity=quantity,
                holder_kind=HOLDER,
                holder_id=item_id,
            )
            for (_, product_id, quantity), item_id in zip(package.items, made.item_ids, strict=True)
        ]
    if lines:
        total = demand(((line.location_id, line.product_id), line.quantity) for line in lines)
        stock.take_locked(lines, total, reason="planned", cause=None, now=now)
    locations.move_quota(quota)
