"""SELECT_BY_STOCK: the fullest first, counting the products the rule may place."""

from collections.abc import Sequence
from typing import Any

from ambar.oms.planning.domain.amounts import said
from ambar.oms.planning.domain.selectors.shape import Selector, Situation
from ambar.oms.planning.domain.values import Location


def _value(situation: Situation, places: Sequence[Location]) -> list[Any]:
    columns = [[column.get(place.id, 0) for place in places] for column in situation.columns.values()]
    return [-sum(figures) for figures in zip(*columns, strict=True)]


SELECT_BY_STOCK = Selector(name="SELECT_BY_STOCK", value=_value, shown=lambda value: said(-value))
