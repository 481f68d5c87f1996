"""What a newer version of an order says against the lines known here.

A line counts all units ever ordered; what upstream takes back is cancelled, never forgotten. Units cancelled here that
upstream leaves out of a later version are no new wish, only its echo (`docs/decisions/0033-cancellations.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from ambar.oms.orders.domain.incoming import IncomingItem

NEWER_SQL = "({given} > {held} OR ({held} > %(beyond)s::timestamptz AND {given} <= %(beyond)s::timestamptz))"
"""Whether a version replaces the one held, by their times. `beyond` is null for what upstream said some time; for what it
holds at this moment it is the latest time its clock can show: a version held with a later one was stamped by a clock that
ran ahead, and is no measure (decision 102)."""
CENT = Decimal("0.01")
NOTHING = Decimal(0)
CANCELED = 100
REFUNDED = 600
TAKEN_BACK = frozenset({CANCELED, REFUNDED})
ASIDE = frozenset({50, 425, *TAKEN_BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLine:
    """A line as it is kept. `told`: the quantity upstream last spoke of; `withdrawn`: units cancelled or to be."""

    id: int
    upstream_id: int
    quantity: Decimal
    told: Decimal
    withdrawn: Decimal
    state: int
    is_head: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line to write: `item` with all units ever ordered and the price of them; `told` None = all of them."""

    item: IncomingItem
    told: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Units of a known line that upstream does not want any more; `refund`: it gave the money back after shipping."""

    item_id: int
    quantity: Decimal
    refund: bool = False


@dataclass(slots=True)
class Difference:
    """`grown`: something is to be supplied that was not before. `gone`: known lines the version leaves out.

    `told` tells people, line by line, what changed.
    """

    lines: list[Line] = field(default_factory=list)
    grown: bool = False
    taken_back: list[TakenBack] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    told: list[dict[str, str | int]] = field(default_factory=list)


def compared(known: Mapping[int, KnownLine], items: Sequence[IncomingItem]) -> Difference:
    """What to do about a newer version; `known` by upstream id. A new order compares against nothing known."""
    found = Difference()
    for item in items:
        line = known.get(item.upstream_id)
        if line is None:
            found.lines.append(Line(item=item))
            if item.state not in ASIDE and not item.is_head:
                found.grown = True
                _tell(found, item.upstream_id, NOTHING, item.quantity)
        else:
            _one(found, line, item)
    named = {item.upstream_id for item in items}
    for upstream_id, line in known.items():
        if upstream_id not in named and line.told:
            found.gone.append(line.id)
            _tell(found, upstream_id, line.told, NOTHING)
            _less(found, line, NOTHING, refund=False)
    return found


def _one(found: Difference, line: KnownLine, item: IncomingItem) -> None:
    told = NOTHING if item.state in TAKEN_BACK else item.quantity
    if item.is_head or line.is_head:
        quantity = item.quantity
        if item.is_head and not line.is_head:
            _less(found, line, NOTHING, refund=False)
        found.grown = found.grown or (line.is_head and not item.is_head and item.state not in ASIDE)
    else:
        quantity = line.quantity + max(told - line.told, NOTHING)
        if told != line.told:
            _tell(found, item.upstream_id, line.told, told)
        if told < line.told:
            _less(found, line, told, refund=item.state == REFUNDED)
        freed = line.state in ASIDE and item.state not in ASIDE
        found.grown = found.grown or told > line.told or freed
    scale = quantity / item.quantity
    found.lines.append(
        Line(
            item=replace(
                item,
                quantity=quantity,
                price=_scaled(item.price, scale),
                discount_amount=_scaled(item.discount_amount, scale),
                worth=None if item.worth is None else _scaled(item.worth, scale),
            ),
            told=None if told == quantity else told,
        )
    )


def _scaled(amount: Decimal, scale: Decimal) -> Decimal:
    return amount if scale == 1 else (amount * scale).quantize(CENT, ROUND_HALF_UP)


def _less(found: Difference, line: KnownLine, told: Decimal, *, refund: bool) -> None:
    """Upstream speaks of fewer units; those already withdrawn here that it had not left out yet are its echo."""
    echo = max(line.withdrawn - (line.quantity - line.told), NOTHING)
    wanted = line.told - told - echo
    if wanted > 0 and not line.is_head:
        found.taken_back.append(TakenBack(item_id=line.id, quantity=wanted, refund=refund))


def _tell(found: Difference, upstream_id: int, before: Decimal, after: Decimal) -> None:
    found.told.append(
        {"order_item": upstream_id, "before": f"{before.normalize():f}", "after": f"{after.normalize():f}"}
    )
