"""SELECT_BY_PRIORITY: the location's own priority, lowest number first."""

from collections.abc import Sequence
from typing import Any

from ambar.oms.planning.domain.selectors.shape import Selector, Situation
from ambar.oms.planning.domain.values import Location


def _value(situation: Situation, places: Sequence[Location]) -> list[Any]:
    return [place.priority for place in places]


SELECT_BY_PRIORITY = Selector(name="SELECT_BY_PRIORITY", value=_value)
