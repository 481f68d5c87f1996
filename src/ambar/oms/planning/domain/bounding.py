"""Below what no set of places can cost: prices per unit of what is needed, raised until they no longer help.

With a price on every need, a place is worth what it gives less what it costs. All needs at their prices, plus the places
that lose by it, is a bound for every set (Lagrangian relaxation); what a single place adds to it, taken or left out, is known too.
Prices are searched with floats, the bound they give is reckoned in whole numbers: it is exact whatever the prices are.
Source: `docs/decisions/0023-exact-search.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ambar.oms.planning.domain.covering import Condition

ROUNDS = 60
PATIENCE = 4
Rows = list[list[tuple[int, float, float]]]


@dataclass(slots=True, kw_only=True)
class Bound:
    """`least` is what any set costs; `taking[i]` and `leaving[i]` what it costs more with, or without, place i."""

    least: int
    taking: list[int]
    leaving: list[int]


def nothing(count: int) -> Bound:
    """The bound where nothing has a price."""
    return Bound(least=0, taking=[0] * count, leaving=[0] * count)


def bound(
    parcels: Sequence[int],
    conditions: Sequence[Condition],
    dearer: Sequence[Sequence[int] | None],
    known: int,
    grain: int,
) -> Bound:
    """`parcels` per place; `dearer[condition][place]` per unit of amount, None for nothing. `known` is what a way costs that
    is known already: the search for prices ends when less than `grain` is left below it.
    """
    rows: Rows = [[] for _ in parcels]
    for at, (one, extra) in enumerate(zip(conditions, dearer, strict=True)):
        for place, amount in enumerate(one.amounts):
            if amount:
                share = min(amount, one.need) / one.need
                rows[place].append((at, share, float(extra[place] * one.need) if extra else 0.0))
    prices = _raised([float(parcel) for parcel in parcels], rows, len(conditions), float(known), float(grain))
    whole = [max(0, int(price / one.need)) for price, one in zip(prices, conditions, strict=True)]
    return _exact(parcels, conditions, dearer, whole)


def _raised(parcels: list[float], rows: Rows, count: int, known: float, grain: float) -> list[float]:
    prices = _first(parcels, rows, count)
    best, found = 0.0, prices
    step, idle = 1.0, 0
    for _ in range(ROUNDS):
        least = sum(prices)
        slack = [1.0] * count
        for parcel, row in zip(parcels, rows, strict=True):
            worth = parcel
            for at, share, extra in row:
                above = prices[at] - extra
                if above > 0.0:
                    worth -= share * above
            if worth < 0:
                least += worth
                for at, share, extra in row:
                    if prices[at] > extra:
                        slack[at] -= share
        if least > best:
            best, found, idle = least, prices, 0
            if known - least < grain:
                break
        else:
            idle += 1
            if idle == PATIENCE:
                step, idle, prices = step / 2, 0, found
        square = sum(one * one for one in slack)
        if square < 1e-9 or step < 0.02:
            break
        move = step * max(known - least, grain / 8) / square
        prices = [max(0.0, price + move * one) for price, one in zip(prices, slack, strict=True)]
    return found


def _first(parcels: list[float], rows: Rows, count: int) -> list[float]:
    """What a need costs at the place that gives most for its parcel."""
    prices = [float("inf")] * count
    for parcel, row in zip(parcels, rows, strict=True):
        total = sum(share for _, share, _ in row)
        for at, _, extra in row:
            prices[at] = min(prices[at], parcel / total + extra)
    return [0.0 if price == float("inf") else price for price in prices]


def _exact(
    parcels: Sequence[int],
    conditions: Sequence[Condition],
    dearer: Sequence[Sequence[int] | None],
    prices: Sequence[int],
) -> Bound:
    least = sum(price * one.need for price, one in zip(prices, conditions, strict=True))
    worth = list(parcels)
    for price, one, extra in zip(prices, conditions, dearer, strict=True):
        need = one.need
        for place, amount in enumerate(one.amounts):
            if amount:
                gain = price - extra[place] if extra else price
                if gain > 0:
                    worth[place] -= gain * (amount if amount < need else need)
    return Bound(
        least=least + sum(one for one in worth if one < 0),
        taking=[max(0, one) for one in worth],
        leaving=[max(0, -one) for one in worth],
    )
