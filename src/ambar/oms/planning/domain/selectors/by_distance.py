"""SELECT_BY_DISTANCE: nearest to the address first; a location or address without coordinates sorts last."""

from collections.abc import Sequence
from typing import Any

from ambar.oms.planning.domain.selectors.shape import Selector, Situation
from ambar.oms.planning.domain.values import Location

UNKNOWN = 1e9


def _value(situation: Situation, places: Sequence[Location]) -> list[Any]:
    known = situation.distances
    return [UNKNOWN if (far := known[place.id]) is None else far for place in places]


def _shown(value: Any) -> Any:
    return None if value >= UNKNOWN else value


SELECT_BY_DISTANCE = Selector(name="SELECT_BY_DISTANCE", value=_value, shown=_shown)
