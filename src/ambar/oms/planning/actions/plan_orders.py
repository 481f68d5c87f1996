"""Plan the orders that wait for it: one read, one pure pass, one write for the whole batch."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction

from ambar.kit import failpoints
from ambar.oms.orders import store as orders
from ambar.oms.orders.domain.claimed import ClaimedOrder
from ambar.oms.planning import asking, demand, seeing, store
from ambar.oms.planning.carrying_out import Answered, Papers, carry_out, lock_replaced, out_of_stock
from ambar.oms.planning.configured import out_of_stock_wait
from ambar.oms.planning.demand import Question
from ambar.oms.planning.domain.engine import plan_all
from ambar.oms.planning.domain.values import Order, Plan, View
from ambar.oms.planning.seeing import FLOOR_ZONE
from ambar.oms.scenarios.domain.rules import Rules
from ambar.oms.scenarios.queries import rules_snapshot
from ambar.oms.stock.actions.ask_engines import ask_engines
from ambar.oms.stock.engines import StaleOrUnknown, engine_locations, unknown_locations

ASK_AGAIN = timedelta(seconds=60)
NOWHERE: frozenset[int] = frozenset()
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a batch saw before it planned."""

    places: seeing.Places
    view: View
    product_ids: set[int]


@dataclass(slots=True)
class Attempt:
    """The ids claimed by a batch, kept outside its transaction for when it fails."""

    ids: list[int] = field(default_factory=list)


def plan_orders(*, limit: int, now: datetime) -> int:
    """Plan up to `limit` waiting orders; answers how many were looked at, 0 when none wait.

    An order is planned by one worker only; one that fails is put on hold with the reason and does not stop the others.
    Orders whose stock or quota went to somebody else in the meantime stay in the queue and are planned anew, and so do
    those whose outside stock figures are too old: these are asked for first, outside of any transaction.
    Raises only when the database is away.
    """
    attempt = Attempt()
    try:
        if engine_locations():
            ask_engines(orders.products_to_plan(limit, now), now=now)
        with _uncollected():
            return _plan_batch(limit, attempt, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.warning("planning batch failed, planning one by one", orders=attempt.ids, error=_said(error))
        return _one_by_one(len(attempt.ids), now)


@contextmanager
def _uncollected() -> Iterator[None]:
    """A batch makes hundreds of thousands of small objects and no cycle among them: to look for cycles meanwhile took an
    eighth of its time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


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
        stands = demand.standing([order.id for order in claimed if order.planned_at is not None])
        questions = demand.questions(claimed, stands)
        old_states = lock_replaced(questions)
        _, rules = rules_snapshot()
        seen = _look({line.product_id for question in questions for line in question.lines}, rules, now)
        answers = _answers(questions, seen, rules, now)
        store.keep_snapshots(rules, seen.places, now=now)
        papers = Papers(
            rules_hash=rules.hash,
            view_hash=seen.places.hash,
            mark=lambda written: _mark(claimed, questions, written, now),
            now=now,
        )
        written = carry_out(answers, papers, old_states=old_states)
        failpoints.reach("plan_before_commit")
    failpoints.reach("plan_after_commit")
    _look_again(answers, written, seen, now)
    return len(claimed)


def _look(product_ids: set[int], rules: Rules, now: datetime) -> Sight:
    known = seeing.places()
    return Sight(places=known, view=seeing.view(known, product_ids, rules, now=now), product_ids=product_ids)


def _look_again(answers: Sequence[Answered], written: Sequence[Answered], seen: Sight, now: datetime) -> None:
    """After the commit: who came away short though there is more by now, or though an order that was not written in the
    end had taken it, is planned again at once. Stock that arrives later is told by its arrival.
    """
    short = out_of_stock(written)
    if not short:
        return
    products = {product for mine in short.values() for product in mine}
    kept = {answer.plan.order_id for answer in written}
    more = {
        line.product_id for a in answers if a.plan.order_id not in kept for line in a.asked.lines
    } & products
    for product, column in seeing.stock(products).items():
        before = seen.view.thousandths.get(product, {})
        if any(have > before.get(location, 0) for location, have in column.items()):
            more.add(product)
    if more:
        orders.make_due([order_id for order_id, mine in short.items() if mine & more], now)


def _answers(questions: Sequence[Question], seen: Sight, rules: Rules, now: datetime) -> list[Answered]:
    """Every question answered, but for the orders that wait for figures of an outside stock service."""
    channels = seeing.channels({question.order.channel_id for question in questions})
    products = seeing.products(seen.product_ids) if seeing.asks_products(rules) else {}
    excluded = store.excluded(
        [line.id for q in questions if q.order.planned_at is not None for line in q.lines]
    )
    figures = unknown_locations(seen.product_ids, now=now)
    waiting, unknown = _in_the_dark(questions, figures)
    view = seen.view
    if figures.missing:
        view = replace(view, thousandths=seeing.known(view.thousandths, figures.missing))
    groups: dict[frozenset[int], list[tuple[Question, Order]]] = {}
    for question in questions:
        if question.order.id in waiting:
            continue
        asked = asking.read_order(
            question.order,
            question.lines,
            known=seen.places,
            channels=channels,
            products=products,
            excluded=excluded,
        )
        groups.setdefault(unknown.get(question.order.id, NOWHERE), []).append((question, asked))
    return [
        answer
        for places, group in groups.items()
        for answer in _planned(group, rules, replace(view, unknown=places), now)
    ]


def _in_the_dark(
    questions: Sequence[Question], figures: StaleOrUnknown
) -> tuple[set[int], dict[int, frozenset[int]]]:
    """The orders whose outside figures are to be asked for first, and for others the locations that do not answer."""
    if not figures.missing:
        return set(), {}
    stale = {product for _, product in figures.stale}
    missing: dict[int, set[int]] = {}
    for location, product in figures.missing:
        missing.setdefault(product, set()).add(location)
    waiting = set()
    unknown: dict[int, frozenset[int]] = {}
    for question in questions:
        for line in question.lines:
            if line.product_id in stale:
                waiting.add(question.order.id)
            elif line.product_id in missing:
                places = unknown.get(question.order.id, NOWHERE)
                unknown[question.order.id] = places | missing[line.product_id]
    return waiting, unknown


def _planned(
    group: Sequence[tuple[Question, Order]], rules: Rules, seen: View, now: datetime
) -> list[Answered]:
    """The answers of one pass; a package that waits gives back what its plan would have taken when it stays."""
    answers: list[Answered] = []

    def keep(plan: Plan) -> bool:
        question, order = group[len(answers)]
        stays = question.waits and plan.hold is None and _stays(plan, rules)
        answers.append(Answered(question=question, asked=order, plan=plan, stays=stays))
        return not stays

    for plan in plan_all([order for _, order in group], rules, seen, now.astimezone(FLOOR_ZONE), keep=keep):
        if plan.hold is not None:
            keep(plan)
    return answers


def _stays(plan: Plan, rules: Rules) -> bool:
    """Whether an Out of Stock package goes on waiting: it moves whole, or not at all; in part if its scenario says so."""
    if not plan.unplaced:
        return False
    scenario = None if plan.scenario_id is None else rules.scenario(plan.scenario_id)
    in_part = scenario is not None and scenario.replan_in_part
    return not in_part or all(not package.takes_stock for package in plan.packages)


def _mark(
    claimed: Sequence[ClaimedOrder], questions: Sequence[Question], written: Iterable[Answered], now: datetime
) -> None:
    """What each order is now; one with an answer that could not be written stays in the queue."""
    asked = {question.order.id for question in questions}
    by_order: dict[int, list[Answered]] = {order.id: [] for order in claimed if order.id not in asked}
    for answer in written:
        by_order.setdefault(answer.plan.order_id, []).append(answer)
    done: dict[str, list[int]] = {"planned": [], "out_of_stock": []}
    waiting: dict[str, dict[int, str]] = {"hold": {}, "pending": {}}
    for order_id, answers in by_order.items():
        holds = [answer.plan.hold for answer in answers if answer.plan.hold is not None]
        if holds:
            final = next((hold for hold in holds if not hold.pending), holds[0])
            waiting["pending" if final.pending else "hold"][order_id] = final.message
        else:
            short = any(answer.leaves_out_of_stock for answer in answers)
            done["out_of_stock" if short else "planned"].append(order_id)
    if done["planned"]:
        orders.mark_planned(done["planned"], now)
    if done["out_of_stock"]:
        orders.mark_out_of_stock(done["out_of_stock"], due_at=now + out_of_stock_wait(), now=now)
    if waiting["hold"]:
        orders.mark_hold(waiting["hold"], now)
    if waiting["pending"]:
        orders.mark_pending(waiting["pending"], due_at=now + ASK_AGAIN, now=now)
