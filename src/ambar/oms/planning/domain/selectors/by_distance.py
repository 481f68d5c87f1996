"""SELECT_BY_DISTANCE: nearest to the address first; a location or address without coordinates sorts last."""

from ambar.oms.planning.domain.selectors.shape import Selector, Situation, Value
from ambar.oms.planning.domain.values import Location

UNKNOWN = 1e9


def _value(situation: Situation) -> Value:
    def kilometres(location: Location) -> float:
        found = situation.distance(location)
        return UNKNOWN if found is None else found

    return kilometres


SELECT_BY_DISTANCE = Selector(name="SELECT_BY_DISTANCE", value=_value)
