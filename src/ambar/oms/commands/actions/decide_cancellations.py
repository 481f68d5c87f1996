"""Decide what is to be cancelled: plans of upstream become requests, requests take units off or ask the location."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

import structlog
from django.db import InterfaceError, OperationalError, transaction

from ambar.kit import turn
from ambar.kit.ids import uuid7
from ambar.oms.commands.cancelling import Act, Off, take_off
from ambar.oms.commands.cancelling_off import call_off
from ambar.oms.orders import cancelled_units
from ambar.oms.orders import cancelling_store as store
from ambar.oms.orders.domain import wishes
from ambar.oms.orders.domain.cancelling import Asked, Found, Outcome, Place, decided
from ambar.oms.orders.domain.wishes import Ordered
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.packages.taking_off import living_packages
from ambar.oms.states.domain.codes import PackageStatus

CODE = "CANCELLATION"
SLUG = "cancellation-requested"
PATIENCE = timedelta(minutes=10)
"""How long a plan may name items that are not here yet."""
NOTHING = Decimal(0)
LEFT_OUT = "Left out by a newer version of the plan."
log = structlog.get_logger(__name__)


def decide_cancellations(*, limit: int, now: datetime) -> int:
    """Decide what is due of up to `limit` orders; answers how many were looked at, 0 while another worker decides.

    An order that fails is looked at again later and does not stop the others. Raises only when the database is away.
    """
    with turn.only_one("decide cancellations") as mine:
        order_ids = store.due_orders(limit, now=now) if mine else []
        try:
            _decide(order_ids, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.warning("deciding cancellations failed, one by one", error=type(error).__name__)
            for order_id in order_ids:
                _alone(order_id, now)
    return len(order_ids)


def _alone(order_id: int, now: datetime) -> None:
    try:
        _decide([order_id], now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.error(
            "cancellation could not be decided",
            order=order_id,
            error=f"{type(error).__name__}: {error}"[:500],
        )
        store.put_off(order_id, now=now)


def _decide(order_ids: Sequence[int], now: datetime) -> None:
    if not order_ids:
        return
    with transaction.atomic():
        store.lock_orders(order_ids)
        _follow_plans(store.due_plans(order_ids, now=now), now)
        due = store.waiting(order_ids, now=now)
        if due:
            locked = packages.lock(living_packages(order_ids))
            _carry_out(due, _outcomes(due, _places(order_ids, locked)), locked, now)


def _follow_plans(plans: Sequence[store.DuePlan], now: datetime) -> None:
    """New plans become requests; those upstream gave up are called off; newer versions of the others are followed."""
    items = store.ordered(sorted({plan.order_id for plan in plans}))
    settled: dict[int, tuple[str, str, str]] = {}
    later: dict[int, tuple[str, str, str]] = {}
    wanted: dict[int, list[wishes.Wish]] = {}
    given_up = [plan.id for plan in plans if plan.status == "rejected" and plan.state == "waiting"]
    for plan in plans:
        settled[plan.id] = ("withdrawn" if plan.status == "rejected" else "waiting", "", "")
        if plan.status != "rejected" and plan.state == "open":
            try:
                wanted[plan.id] = wishes.expanded(
                    [_row(item) for item in plan.items], items[plan.order_id].values()
                )
            except wishes.UnknownItems as missing:
                patient = now - plan.created_at < PATIENCE
                settled[plan.id] = ("refused", "rejected", str(missing))
                if patient:
                    later[plan.id] = ("open", "", str(missing))
            except wishes.TooMany as too_many:
                settled[plan.id] = ("refused", "rejected", str(too_many))
    rows = _asked([plan for plan in plans if plan.id in wanted], wanted, now)
    rows += _follow_versions(
        [p for p in plans if p.status != "rejected" and p.state == "waiting"], items, now
    )
    store.set_plans(settled, now=now)
    store.set_plans(later, due_at=now + store.LOOK_AGAIN, now=now)
    store.add_requests(rows, origin="plan", now=now)
    _complete([plan_id for plan_id, (state, _, _) in settled.items() if state == "waiting"], now)
    if given_up:
        call_off(given_up, [], status="withdrawn", answer="Withdrawn upstream.", act=_act(now))


def _asked(
    plans: Sequence[store.DuePlan], wanted: Mapping[int, Sequence[wishes.Wish]], now: datetime
) -> list[tuple[int | None, int, str, wishes.Wish]]:
    """The wishes of open plans that are new. What was refused and is asked again is decided anew; what a plan does not
    name any more is no wish."""
    new: list[tuple[int | None, int, str, wishes.Wish]] = []
    again: dict[int, wishes.Wish] = {}
    left_out: list[int] = []
    before = store.asking([plan.id for plan in plans])
    for plan in plans:
        mine = {request.order_item_id: request.id for request in before if request.plan_id == plan.id}
        asked = {wish.item_id: wish for wish in wanted[plan.id]}
        new += [(plan.id, plan.order_id, plan.plan_type, wish) for i, wish in asked.items() if i not in mine]
        again |= {pk: asked[i] for i, pk in mine.items() if i in asked}
        left_out += [pk for i, pk in mine.items() if i not in asked]
    if left_out:
        store.close_requests(left_out, [], "withdrawn", LEFT_OUT, now=now)
    store.reopen(again, now=now)
    return new


def _follow_versions(
    plans: Sequence[store.DuePlan], items: Mapping[int, Mapping[int, Ordered]], now: datetime
) -> list[tuple[int | None, int, str, wishes.Wish]]:
    """What newer versions of plans that are being carried out ask for besides; what they ask for no more is called off,
    and what they ask for in another quantity is called off and decided anew. A version that can't be read changes nothing.
    """
    more: list[tuple[int | None, int, str, wishes.Wish]] = []
    gone: list[int] = []
    anew: dict[int, wishes.Wish] = {}
    standing = store.asking([plan.id for plan in plans])
    for plan in plans:
        mine = {request.order_item_id: request for request in standing if request.plan_id == plan.id}
        known = [
            replace(item, withdrawn=item.withdrawn - (mine[item.id].claimed if item.id in mine else NOTHING))
            for item in items[plan.order_id].values()
        ]
        try:
            wanted = {
                wish.item_id: wish for wish in wishes.expanded([_row(item) for item in plan.items], known)
            }
        except (wishes.UnknownItems, wishes.TooMany) as error:
            log.warning(
                "a newer version of a cancellation plan is left aside", plan=plan.id, error=str(error)
            )
            continue
        more += [
            (plan.id, plan.order_id, plan.plan_type, wish) for i, wish in wanted.items() if i not in mine
        ]
        gone += [r.id for i, r in mine.items() if i not in wanted and r.status != "withdrawn"]
        anew |= {
            mine[i].id: wish
            for i, wish in wanted.items()
            if i in mine and (mine[i].quantity != wish.quantity or mine[i].status == "withdrawn")
        }
    if gone or anew:
        call_off([], [*gone, *anew], status="withdrawn", answer=LEFT_OUT, act=_act(now))
        store.reopen(anew, now=now)
    return more


def _row(item: Mapping[str, object]) -> wishes.Row:
    quantity = item.get("quantity")
    return wishes.Row(
        order_item=int(str(item["order_item"])),
        quantity=None if quantity is None else Decimal(str(quantity)),
        reason=str(item.get("reason") or ""),
    )


def _act(now: datetime) -> Act:
    return Act(command_code=CODE, slug=SLUG, cause=uuid7(now), now=now)


def _places(order_ids: Sequence[int], locked: Mapping[int, LockedPackage]) -> list[Place]:
    """Where the units of the orders' items are, in no package first, without what other requests have claimed."""
    claimed = store.claimed(order_ids)
    unpacked = store.uncancelled(order_ids)
    places = []
    for package in locked.values():
        for item in package.items:
            unpacked[item.order_item_id] = unpacked.get(item.order_item_id, NOTHING) - item.quantity
            places.append(
                Place(
                    order_item=item.order_item_id,
                    package_item=item.id,
                    package=package.id,
                    state=package.state,
                    quantity=item.quantity - claimed.get(item.id, NOTHING),
                )
            )
    loose = [
        Place(order_item=item, package_item=None, package=None, state=None, quantity=quantity)
        for item, quantity in sorted(unpacked.items())
        if quantity > 0
    ]
    return loose + [place for place in places if place.quantity > 0]


def _outcomes(due: Sequence[store.Waiting], places: list[Place]) -> list[tuple[list[store.Waiting], Outcome]]:
    """Requests of one plan are decided together; each other one by itself."""

    def together(request: store.Waiting) -> tuple[bool, int]:
        return (request.plan_id is None, request.plan_id or request.id)

    found = []
    for _, group in groupby(sorted(due, key=together), together):
        requests = list(group)
        outcome, places = decided([_wish_of(request) for request in requests], places)
        found.append((requests, outcome))
    return found


def _wish_of(request: store.Waiting) -> Asked:
    return Asked(
        request=request.id,
        order_item=request.order_item_id,
        quantity=request.open,
        refund=request.refund,
        settled_upstream=request.origin == "order_version" or request.plan_status == "completed",
    )


def _carry_out(
    due: Sequence[store.Waiting],
    outcomes: Sequence[tuple[list[store.Waiting], Outcome]],
    locked: Mapping[int, LockedPackage],
    now: datetime,
) -> None:
    act = _act(now)
    found = [one for _, outcome in outcomes for one in outcome.found]
    _write_parts(found, locked, act)
    done: dict[int, tuple[str, Decimal, str]] = {}
    not_yet: dict[int, tuple[str, Decimal, str]] = {}
    refused: dict[int, tuple[str, str, str]] = {}
    for requests, outcome in outcomes:
        for request in requests:
            asked = sum(
                (f.quantity for f in outcome.found if f.request == request.id and f.how == "ask"), NOTHING
            )
            if outcome.refusal:
                done[request.id] = ("rejected", NOTHING, outcome.refusal)
                if request.plan_id is not None:
                    refused[request.plan_id] = ("refused", "rejected", outcome.refusal)
            elif outcome.not_yet:
                not_yet[request.id] = ("waiting", request.open, "Waiting for the goods to come back.")
            elif asked:
                done[request.id] = ("waiting_approval", asked, "Waiting for the location.")
            else:
                done[request.id] = ("completed", NOTHING, "")
    store.set_requests(done, now=now)
    store.set_requests(not_yet, due_at=now + store.LOOK_AGAIN, now=now)
    store.set_plans(refused, now=now)
    ask = sorted({f.place.package for f in found if f.how == "ask" and f.place.package is not None})
    moves = {
        i: int(PackageStatus.CANCELLATION_WAITING) for i in ask if locked[i].state == PackageStatus.PACKED
    }
    take_off([_off(one) for one in found if one.how == "off"], locked, act, moves=moves)
    _refund(due, found, now)
    _complete([request.plan_id for request in due if request.plan_id is not None], now)


def _off(found: Found) -> Off:
    place = found.place
    return Off(
        order_item=place.order_item,
        quantity=found.quantity,
        package=place.package,
        package_item=place.package_item,
    )


def _write_parts(found: Sequence[Found], locked: Mapping[int, LockedPackage], act: Act) -> None:
    store.add_parts(
        [
            store.NewPart(
                request=one.request,
                package_item=one.place.package_item,
                package=one.place.package,
                location=None if one.place.package is None else locked[one.place.package].location_id,
                quantity=one.quantity,
                status="waiting" if one.how == "ask" else "taken",
                cause=act.cause if one.how == "off" else None,
            )
            for one in found
        ],
        now=act.now,
    )


def _refund(due: Sequence[store.Waiting], found: Sequence[Found], now: datetime) -> None:
    back: dict[int, Decimal] = {}
    for one in found:
        if one.how == "back":
            back[one.place.order_item] = back.get(one.place.order_item, NOTHING) + one.quantity
    cancelled_units.mark_refunded(back, now=now)


def _complete(plan_ids: Sequence[int], now: datetime) -> None:
    """Plans whose requests are all completed are answered so."""
    store.set_plans(dict.fromkeys(store.completed_plans(plan_ids), ("done", "completed", "")), now=now)
