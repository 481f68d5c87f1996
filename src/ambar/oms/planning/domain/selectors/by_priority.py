"""SELECT_BY_PRIORITY: the location's own priority, lowest number first."""

from ambar.oms.planning.domain.selectors.shape import Selector, Situation, Value


def _value(situation: Situation) -> Value:
    return lambda location: location.priority


SELECT_BY_PRIORITY = Selector(name="SELECT_BY_PRIORITY", value=_value)
