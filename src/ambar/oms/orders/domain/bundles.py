"""Bundles: a line that names another as its parent is a part of it; the parent, the head, is sold but never supplied.

Akinon Omnitron: order items carry `parent`; `docs/decisions/0033-cancellations.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from ambar.oms.orders.domain.incoming import IncomingItem

CENT = Decimal("0.01")
NOTHING = Decimal(0)


def loops(parents: Mapping[int, int | None]) -> bool:
    """Whether following `{line: parent}` from some line comes back to a line already passed."""
    for line in parents:
        passed = {line}
        above = parents[line]
        while above is not None and above in parents:
            if above in passed:
                return True
            passed.add(above)
            above = parents[above]
    return False


def arranged(items: Sequence[IncomingItem]) -> tuple[IncomingItem, ...]:
    """The lines with heads marked and the worth of parts told; the parents must not loop.

    A parent that is not among the lines makes its parts plain lines. When no part of a head has a price, the head's
    price is shared among them by their quantity, so that packages are worth what was paid; otherwise the head's price
    repeats theirs. Its discount is shared in the same way, by what the parts are worth, when no part has one. Either
    way the head itself adds nothing.
    """
    children = _children(items)
    if not children:
        return tuple(items)
    worth = {item.upstream_id: item.price for item in items}
    discount = {item.upstream_id: item.discount_amount for item in items}
    for head in sorted(children, key=lambda line: _depth(line, items), reverse=True):
        parts = [item for item in items if item.upstream_id in set(_leaves(head, children))]
        if worth[head] and not any(worth[part.upstream_id] for part in parts):
            worth.update(_shared(worth[head], parts, [part.quantity for part in parts]))
        if discount[head] and not any(discount[part.upstream_id] for part in parts):
            weights = [worth[part.upstream_id] for part in parts]
            if not any(weights):
                weights = [part.quantity for part in parts]
            discount.update(_shared(discount[head], parts, weights))
        worth[head] = NOTHING
    return tuple(
        replace(
            item,
            is_head=item.upstream_id in children,
            worth=None if worth[item.upstream_id] == item.price else worth[item.upstream_id],
            discount_amount=discount[item.upstream_id],
        )
        for item in items
    )


def _children(items: Iterable[IncomingItem]) -> dict[int, list[int]]:
    known = {item.upstream_id for item in items}
    found: dict[int, list[int]] = {}
    for item in items:
        if item.parent_upstream_id in known:
            found.setdefault(item.parent_upstream_id, []).append(item.upstream_id)
    return found


def _depth(line: int, items: Sequence[IncomingItem]) -> int:
    parents = {item.upstream_id: item.parent_upstream_id for item in items}
    depth, above = 0, parents[line]
    while above in parents:
        depth, above = depth + 1, parents[above]
    return depth


def _leaves(head: int, children: Mapping[int, Sequence[int]]) -> list[int]:
    """The lines below a head that are no heads themselves."""
    found = []
    for part in children[head]:
        found += _leaves(part, children) if part in children else [part]
    return found


def _shared(amount: Decimal, parts: Sequence[IncomingItem], weights: Sequence[Decimal]) -> dict[int, Decimal]:
    """`amount` by weight, in cents; the last part takes what rounding leaves."""
    total = sum(weights, NOTHING)
    shares = {
        part.upstream_id: (amount * weight / total).quantize(CENT, ROUND_HALF_UP)
        for part, weight in zip(parts, weights, strict=True)
    }
    last = parts[-1].upstream_id
    shares[last] += amount - sum(shares.values(), NOTHING)
    return shares
