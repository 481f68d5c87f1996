"""What of an order is still to be supplied, cut into the questions the planner is asked.

A new order is one question: all of it. Of an order that has packages, what nobody was asked for yet or was refused
(Needs Rescheduling) is one question, and each Out of Stock package one of its own, for it moves whole unless its scenario
says otherwise. `docs/decisions/0026-planning-again.md`
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import connection

from ambar.oms.orders.domain.claimed import ClaimedLine, ClaimedOrder
from ambar.oms.states.domain.codes import PackageStatus

NO_SUPPLY = (PackageStatus.CANCELLED, PackageStatus.NEEDS_RESCHEDULING, PackageStatus.OUT_OF_STOCK)
"""States in which a package does not supply its items."""

STANDING = """
SELECT package.order_id, package.id, package.state, item.order_item_id, item.quantity
FROM oms_packages_package package JOIN oms_packages_packageitem item ON item.package_id = package.id
WHERE package.order_id = ANY(%s) AND package.state <> %s
ORDER BY package.order_id, package.id, item.id
"""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Lines of a claimed order with their open quantities. `replaces`: packages that stand for them until they have a
    home; `waits`: they are one Out of Stock package, which stays when no home is found.
    """

    order: ClaimedOrder
    lines: tuple[ClaimedLine, ...]
    replaces: tuple[int, ...] = ()
    waits: bool = False


@dataclass(slots=True)
class Standing:
    """What packages of an order say: `supplied` by living ones, and the items of those that wait for a home."""

    supplied: dict[int, Decimal]
    refused: dict[int, dict[int, Decimal]]
    out_of_stock: dict[int, dict[int, Decimal]]


def standing(order_ids: Collection[int]) -> dict[int, Standing]:
    """The packages of these orders that are not cancelled; one statement."""
    found = {order_id: Standing({}, {}, {}) for order_id in order_ids}
    if not found:
        return found
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [list(found), int(PackageStatus.CANCELLED)])
        for order_id, package_id, state, item_id, quantity in cursor.fetchall():
            of_order = found[order_id]
            if state == PackageStatus.NEEDS_RESCHEDULING:
                of_order.refused.setdefault(package_id, {})[item_id] = quantity
            elif state == PackageStatus.OUT_OF_STOCK:
                of_order.out_of_stock.setdefault(package_id, {})[item_id] = quantity
            else:
                of_order.supplied[item_id] = of_order.supplied.get(item_id, ZERO) + quantity
    return found


def questions(claimed: Iterable[ClaimedOrder], stands: Mapping[int, Standing]) -> list[Question]:
    """The questions of each order, in the order given; an order with nothing open has none."""
    return [question for order in claimed for question in _of_order(order, stands.get(order.id))]


def _of_order(order: ClaimedOrder, stands: Standing | None) -> list[Question]:
    if stands is None:
        return [Question(order=order, lines=order.lines)]
    left = {line.id: line.quantity - stands.supplied.get(line.id, ZERO) for line in order.lines}
    waiting = []
    for package_id, items in stands.out_of_stock.items():
        lines = _take(order.lines, left, items)
        if lines:
            waiting.append(Question(order=order, lines=lines, replaces=(package_id,), waits=True))
    refused = tuple(
        package_id
        for package_id, items in stands.refused.items()
        if any(left.get(item_id, ZERO) > 0 for item_id in items)
    )
    rest = _take(order.lines, left, left)
    if rest:
        return [Question(order=order, lines=rest, replaces=refused), *waiting]
    return waiting


def _take(
    lines: Sequence[ClaimedLine], left: dict[int, Decimal], items: Mapping[int, Decimal]
) -> tuple[ClaimedLine, ...]:
    """The lines of `items` with as much of each as is still open, which is open no longer."""
    taken = []
    for line in lines:
        quantity = min(left[line.id], items.get(line.id, ZERO))
        if quantity > 0:
            left[line.id] -= quantity
            taken.append(line if quantity == line.quantity else replace(line, quantity=quantity))
    return tuple(taken)
