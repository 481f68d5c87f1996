"""SELECT_BY_RELIABILITY: fewest refusals per package lately first; below twenty packages a location counts as faultless.

The value is refusals per thousand packages, so that a hair's breadth does not decide.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ambar.oms.planning.domain.selectors.shape import Selector, Situation
from ambar.oms.planning.domain.values import Location

ENOUGH = 20


def refusals(history: Mapping[int, tuple[int, int]], location_id: int) -> int:
    """Refused per thousand packages; 0 below `ENOUGH` packages."""
    refused, packages = history.get(location_id, (0, 0))
    return 0 if packages < ENOUGH else round(1000 * refused / packages)


def _value(situation: Situation, places: Sequence[Location]) -> list[Any]:
    history = situation.reliability
    return [refusals(history, place.id) for place in places]


SELECT_BY_RELIABILITY = Selector(name="SELECT_BY_RELIABILITY", value=_value)
