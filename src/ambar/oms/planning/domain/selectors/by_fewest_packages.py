"""SELECT_BY_FEWEST_PACKAGES: as few packages as can be; locations alone: those that hold most lines whole first.

Sets of locations are compared by an exact search (`docs/decisions/0023-exact-search.md`); the selectors after this one
decide among sets of the same number.
"""

from collections.abc import Sequence
from typing import Any

from ambar.oms.planning.domain.selectors.shape import Selector, Situation
from ambar.oms.planning.domain.values import Location


def _value(situation: Situation, places: Sequence[Location]) -> list[Any]:
    """How many of the rule's lines the location can't give whole."""
    ids = [place.id for place in places]
    missing = [0] * len(ids)
    columns, lines = situation.columns, situation.lines
    for index, count in situation.wanted.items():
        have, shut = columns[lines[index].product_id].get, lines[index].excluded
        for position, location in enumerate(ids):
            if have(location, 0) < count or location in shut:
                missing[position] += 1
    return missing


SELECT_BY_FEWEST_PACKAGES = Selector(name="SELECT_BY_FEWEST_PACKAGES", value=_value, of_sets=True)
