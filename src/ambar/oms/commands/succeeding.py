"""Packages that take the place of others: same order, location and state, and everything those held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.stock_effects import carry_over, held_keys
from ambar.oms.locations import store as locations
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import CreatedPackage, LockedPackage, NewPackage
from ambar.oms.states.domain.codes import counts_for_quota
from ambar.oms.stock import store as stock


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A package to come: `of` are those it takes the place of, `units` what of their items it gets."""

    of: tuple[LockedPackage, ...]
    units: Mapping[int, Decimal]


def succeed(batch: Batch, left: Sequence[LockedPackage], wanted: Sequence[Successor]) -> list[CreatedPackage]:
    """Make the successors and hand over what the packages `left` hold; these stay as they are, for the caller to cancel.

    The caller holds the locks of orders and packages. Answers in the order of `wanted`.
    """
    if not wanted:
        return []
    stock.lock_balances(held_keys(left))
    made = packages.create([_new(one) for one in wanted], now=batch.now)
    shares: dict[int, list[tuple[int, Decimal]]] = {}
    for one, created in zip(wanted, made, strict=True):
        item_of = dict(zip([row[0] for row in _lines(one)], created.item_ids, strict=True))
        for package in one.of:
            for item in package.items:
                if item.id in one.units:
                    share = (item_of[item.order_item_id], one.units[item.id])
                    shares.setdefault(item.id, []).append(share)
    carry_over(batch, left, shares)
    more = Counter(one.of[0].location_id for one in wanted if counts_for_quota(one.of[0].state))
    locations.lock_quota({package.location_id for package in left})
    locations.move_quota(more)
    return made


def _new(one: Successor) -> NewPackage:
    first = one.of[0]
    return NewPackage(
        order_id=first.order_id,
        location_id=first.location_id,
        state=first.state,
        items=tuple(_lines(one)),
        lineage=tuple(package.id for package in one.of),
    )


def _lines(one: Successor) -> list[tuple[int, int, Decimal]]:
    """(order item, product, units), an order item once."""
    total: dict[tuple[int, int], Decimal] = {}
    for package in one.of:
        for item in package.items:
            if item.id in one.units:
                key = (item.order_item_id, item.product_id)
                total[key] = total.get(key, Decimal(0)) + one.units[item.id]
    return [(order_item, product, units) for (order_item, product), units in total.items()]
