"""SELECT_BY_COST: cheapest to ship by the cost table (parcel, weight, zone); a zone without a row sorts last.

A location alone is valued with all of the rule's lines in one package; sets of locations are compared by an exact search
(`docs/decisions/0023-exact-search.md`). Amounts are integers of 10^-10 of the currency, so that nothing is rounded.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ambar.oms.planning.domain.selectors.shape import Selector, Situation
from ambar.oms.planning.domain.values import Line, Location
from ambar.oms.scenarios.domain.rules import CostRow

MONEY = 10_000
GRAMS = 1_000
PARCEL = GRAMS * 1_000
UNKNOWN = 4 * 10**18


def rate(row: CostRow | None) -> tuple[int, int]:
    """`(a parcel, a gram x thousandth of a unit)` in 10^-10 of the currency; no row is dearer than anything known."""
    if row is None:
        return UNKNOWN, 0
    return int(row.parcel * MONEY) * PARCEL, int(row.per_kg * MONEY)


def grams(line: Line) -> int:
    """Grams per unit; an unknown weight counts as none."""
    return 0 if line.weight is None else int(line.weight * GRAMS)


def load(lines: Sequence[Line], counts: Mapping[int, int]) -> int:
    """Grams x thousandths of a unit of `{line: thousandths}`."""
    return sum(grams(lines[index]) * count for index, count in counts.items())


def _value(situation: Situation, places: Sequence[Location]) -> list[Any]:
    rates, heavy = situation.rates(), load(situation.lines, situation.wanted)
    opened = situation.opened
    by_row = {id(row): rate(row) for row in rates.values()}
    values = []
    for place in places:
        parcel, per_gram = by_row[id(rates[place.id])]
        values.append(min(UNKNOWN, (0 if place.id in opened else parcel) + per_gram * heavy))
    return values


def _shown(value: Any) -> str | None:
    return None if value >= UNKNOWN else money(value)


def money(value: int) -> str:
    """An amount as it is written: two decimals, or four where needed."""
    amount = (Decimal(value) / (MONEY * PARCEL)).quantize(Decimal("0.0001"))
    short = amount.quantize(Decimal("0.01"))
    return str(short if short == amount else amount)


SELECT_BY_COST = Selector(name="SELECT_BY_COST", value=_value, shown=_shown, of_sets=True)
