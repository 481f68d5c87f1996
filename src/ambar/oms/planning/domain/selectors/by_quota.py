"""SELECT_BY_QUOTA: drops locations without free quota (no `max_quota` = none), then the most free first.

A location that already gets a package of this order needs no further quota. Source: "Akinon OMS: Capacity Feature".
"""

from collections.abc import Sequence
from typing import Any

from ambar.oms.planning.domain.selectors.shape import Reason, Selector, Situation
from ambar.oms.planning.domain.values import Location


def _drop(situation: Situation, places: Sequence[Location]) -> list[Reason | None] | None:
    overdrawn = _value(situation, places)
    if max(overdrawn, default=-1) < 0:
        return None
    used, opened = situation.shelf.used.get, situation.opened
    return [
        None if over < 0 or place.id in opened else ["quota", used(place.id, 0), place.max_quota]
        for place, over in zip(places, overdrawn, strict=True)
    ]


def _value(situation: Situation, places: Sequence[Location]) -> list[Any]:
    overdrawn = situation.shelf.overdrawn
    return [overdrawn[place.id] for place in places]


SELECT_BY_QUOTA = Selector(name="SELECT_BY_QUOTA", value=_value, drop=_drop, shown=lambda value: -value)
