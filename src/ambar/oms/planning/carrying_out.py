"""From plans to records: decisions, packages, transfers, reservations, quota. Inside the planner's transaction, which
holds the locks of the orders. Lock order: packages, transfers, balances, quota.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from ambar.oms.locations import store as locations
from ambar.oms.locations.domain.quota import fits
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import CreatedPackage, NewPackage, StateChange
from ambar.oms.planning import asking, attempts, store
from ambar.oms.planning.demand import Question
from ambar.oms.planning.domain.values import Order, Package, Plan
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.stock import store as stock
from ambar.oms.stock.domain.reservations import Key, ReserveLine, fitting
from ambar.oms.transfers import store as transfers
from ambar.oms.transfers.domain.changes import NewTransfer

HOLDER, TRANSFER_HOLDER = "package_item", "transfer_item"
COMMAND, SLUG = "PLANNING", "replanned"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question as it was put (`asked`) and what the planner answered. `stays`: what waits goes on waiting."""

    question: Question
    asked: Order
    plan: Plan
    stays: bool

    @property
    def outcome(self) -> str:
        if self.plan.hold is None:
            return "unchanged" if self.stays else "planned"
        return "pending" if self.plan.hold.pending else "hold"

    @property
    def carried_out(self) -> bool:
        return self.plan.hold is None and not self.stays

    @property
    def leaves_out_of_stock(self) -> bool:
        return self.stays or bool(self.plan.unplaced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What goes with a batch: the snapshots it was decided by, and `mark`, which notes what each order is now."""

    rules_hash: str
    view_hash: str
    mark: Callable[[Sequence[Answered]], None]
    now: datetime


def lock_replaced(questions: Iterable[Question]) -> dict[int, int]:
    """`{package: state}` of the packages the questions stand for, locked."""
    ids = [package_id for question in questions for package_id in question.replaces]
    return {package.id: package.state for package in packages.lock(ids).values()} if ids else {}


class Gone(Exception):
    """Stock or quota of some plans went to somebody else."""


def carry_out(
    answers: Sequence[Answered], papers: Papers, *, old_states: Mapping[int, int]
) -> list[Answered]:
    """Write what is still possible, an order whole or not at all; answers what was written.

    What is not: stock or quota went to somebody else since it was seen, so those orders stay in the queue.
    First everything is written that needs no lock others wait for; balances and quota are locked last, shortly before
    the commit. When some plan turns out to be impossible then, all is undone and written again under the locks, without it
    (`docs/decisions/0054-locks-last.md`).
    """
    carried = [answer for answer in answers if answer.carried_out]
    if carried and not any(answer.question.replaces for answer in answers):
        try:
            return _locks_last(answers, carried, papers)
        except Gone:
            pass
    gone = {answer.plan.order_id for answer in carried} - _still_possible(carried)
    final = [answer for answer in answers if answer.plan.order_id not in gone] if gone else list(answers)
    _take(*_write(final, papers, old_states), papers.now)
    return final


def _locks_last(answers: Sequence[Answered], carried: Sequence[Answered], papers: Papers) -> list[Answered]:
    final = list(answers)
    with transaction.atomic():
        lines, quota = _write(final, papers, {})
        connection.check_constraints()
        if not stock.take_all(lines, reason="planned", cause=None, now=papers.now):
            raise Gone
        orders = {answer.plan.order_id for answer in carried}
        if _within_quota(carried, orders) != orders:
            raise Gone
        locations.move_quota(quota)
    return final


def _write(
    final: Sequence[Answered], papers: Papers, old_states: Mapping[int, int]
) -> tuple[list[ReserveLine], dict[int, int]]:
    """Decisions, packages, transfers, what each order is now; answers the stock and quota they take."""
    decisions = store.add_decisions(
        [
            store.NewDecision(
                order_id=answer.plan.order_id,
                outcome=answer.outcome,
                scenario_id=answer.plan.scenario_id,
                packed=attempts.packed(asking.stored(answer.asked), answer.plan),
                repeats=answer.question.order.planned_at is not None
                or answer.question.order.planning_state != "new",
            )
            for answer in final
        ],
        rules_hash=papers.rules_hash,
        view_hash=papers.view_hash,
        now=papers.now,
    )
    done = [pair for pair in zip(final, decisions, strict=True) if pair[0].carried_out]
    _retire([answer for answer, _ in done], old_states, papers.now)
    taken = _make(done, papers.now)
    papers.mark(final)
    return taken


def _take(lines: Sequence[ReserveLine], quota: Mapping[int, int], now: datetime) -> None:
    if lines:
        total: dict[Key, Decimal] = {}
        for line in lines:
            key = (line.location_id, line.product_id)
            total[key] = total.get(key, ZERO) + line.quantity
        stock.take_locked(lines, total, reason="planned", cause=None, now=now)
    locations.move_quota(quota)


def own_parts(plan: Plan) -> Iterator[tuple[Package, tuple[tuple[int, Decimal], ...]]]:
    """Each package that takes stock with `(product, quantity)` per item from its own shelf; the rest comes by transfer."""
    brought: dict[tuple[int, int], Decimal] = {}
    for way in plan.transfers:
        for item, _, quantity in way.items:
            key = (way.destination_id, item)
            brought[key] = brought.get(key, ZERO) + quantity
    for package in plan.packages:
        if package.takes_stock:
            here = package.location_id
            yield (
                package,
                tuple(
                    (product, quantity - brought.get((here, item), ZERO) if brought else quantity)
                    for item, product, quantity in package.items
                ),
            )


def _wanted(plan: Plan, into: dict[Key, Decimal]) -> dict[Key, Decimal]:
    for package, parts in own_parts(plan):
        for product, quantity in parts:
            if quantity:
                key = (package.location_id, product)
                into[key] = into.get(key, ZERO) + quantity
    for way in plan.transfers:
        for _, product, quantity in way.items:
            key = (way.source_id, product)
            into[key] = into.get(key, ZERO) + quantity
    return into


def _still_possible(answers: Sequence[Answered]) -> set[int]:
    """The orders whose stock and guarded quota are still there, now under lock until the transaction ends."""
    groups: dict[int, dict[Key, Decimal]] = {}
    for answer in answers:
        _wanted(answer.plan, groups.setdefault(answer.plan.order_id, {}))
    available = stock.lock_balances(key for wanted in groups.values() for key in wanted)
    fit, _ = fitting(list(groups.items()), available)
    return _within_quota(answers, set(fit))


def _within_quota(answers: Sequence[Answered], orders: set[int]) -> set[int]:
    """Those of the orders whose guarded quota is still there, now under lock until the transaction ends."""
    guarded = {
        package.location_id for answer in answers for package in answer.plan.packages if package.guarded
    }
    if not guarded:
        return orders
    possible = set(orders)
    rows = locations.lock_quota(guarded)
    used = {location_id: row[0] for location_id, row in rows.items()}
    by_order: dict[int, list[Package]] = {}
    for answer in answers:
        by_order.setdefault(answer.plan.order_id, []).extend(
            package for package in answer.plan.packages if package.takes_stock and package.location_id in rows
        )
    for order_id, mine in by_order.items():
        if order_id not in possible:
            continue
        before = dict(used) if len(mine) > 1 else used
        for place, package in enumerate(mine):
            here = package.location_id
            if package.guarded and not fits(used=used[here], change=1, max_quota=rows[here][1]):
                possible.discard(order_id)
                if place:
                    used = before
                break
            used[here] += 1
    return possible


def _retire(answers: Sequence[Answered], old_states: Mapping[int, int], now: datetime) -> None:
    """The packages that stood for what has a home now are cancelled; the marketplace's item status is left alone."""
    packages.change_states(
        [
            StateChange(
                package_id=package_id,
                from_state=old_states[package_id],
                to_state=PackageStatus.CANCELLED,
                command_code=COMMAND,
                slug=SLUG,
                sync=False,
            )
            for answer in answers
            for package_id in answer.question.replaces
        ],
        now=now,
    )


def _make(done: Sequence[tuple[Answered, int]], now: datetime) -> tuple[list[ReserveLine], dict[int, int]]:
    """Make the packages and transfers; answers the stock and quota they take."""
    wanted = [(answer, package, decision) for answer, decision in done for package in answer.plan.packages]
    if not wanted:
        return [], {}
    created = packages.create(
        [
            NewPackage(
                order_id=answer.plan.order_id,
                location_id=package.location_id,
                state=package.state,
                items=package.items,
                decision_id=decision,
                lineage=answer.question.replaces,
            )
            for answer, package, decision in wanted
        ],
        now=now,
    )
    of_plan: dict[int, list[tuple[Package, CreatedPackage]]] = {}
    for (answer, package, _), made in zip(wanted, created, strict=True):
        if package.takes_stock:
            of_plan.setdefault(id(answer.plan), []).append((package, made))
    lines: list[ReserveLine] = []
    quota: dict[int, int] = {}
    for answer, _ in done:
        pairs = of_plan.get(id(answer.plan), [])
        for (package, parts), (_, made) in zip(own_parts(answer.plan), pairs, strict=True):
            quota[package.location_id] = quota.get(package.location_id, 0) + 1
            lines += [
                ReserveLine(
                    location_id=package.location_id,
                    product_id=product,
                    quantity=quantity,
                    holder_kind=HOLDER,
                    holder_id=item_id,
                )
                for (product, quantity), item_id in zip(parts, made.item_ids, strict=True)
                if quantity
            ]
    lines += _make_transfers(
        [(a.plan, of_plan.get(id(a.plan), [])) for a, _ in done if a.plan.transfers], now
    )
    return lines, quota


def _make_transfers(
    plans: Sequence[tuple[Plan, Sequence[tuple[Package, CreatedPackage]]]], now: datetime
) -> list[ReserveLine]:
    """Make the transfers of the plans; answers what they hold at their sources."""
    wanted = []
    for plan, pairs in plans:
        at = {package.location_id: (package, made) for package, made in pairs}
        for way in plan.transfers:
            package, made = at[way.destination_id]
            item_ids = {item[0]: item_id for item, item_id in zip(package.items, made.item_ids, strict=True)}
            wanted.append(
                NewTransfer(
                    order_id=plan.order_id,
                    package_id=made.id,
                    source_id=way.source_id,
                    destination_id=way.destination_id,
                    items=tuple(
                        (item_ids[item], item, product, quantity) for item, product, quantity in way.items
                    ),
                )
            )
    return [
        ReserveLine(
            location_id=transfer.source_id,
            product_id=product,
            quantity=quantity,
            holder_kind=TRANSFER_HOLDER,
            holder_id=item_id,
        )
        for transfer, made in zip(wanted, transfers.create(wanted, now=now), strict=True)
        for (_, _, product, quantity), item_id in zip(transfer.items, made.item_ids, strict=True)
    ]


def out_of_stock(written: Iterable[Answered]) -> dict[int, set[int]]:
    """`{order: the products some of which found no place}`."""
    short: dict[int, set[int]] = {}
    for answer in written:
        if answer.plan.hold is None and answer.leaves_out_of_stock:
            left = {item for item, _ in answer.plan.unplaced}
            products = {
                line.product_id for line in answer.asked.lines if answer.stays or line.item_id in left
            }
            short.setdefault(answer.plan.order_id, set()).update(products)
    return short
