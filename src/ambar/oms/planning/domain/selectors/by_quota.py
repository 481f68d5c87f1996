"""SELECT_BY_QUOTA: drops locations without free quota (no `max_quota` = none), then the most free first.

A location that already gets a package of this order needs no further quota. Source: "Akinon OMS: Capacity Feature".
"""

from ambar.oms.planning.domain.selectors.shape import Reason, Selector, Situation, Value
from ambar.oms.planning.domain.values import Location


def _drop(situation: Situation, location: Location) -> Reason | None:
    if location.id in situation.opened:
        return None
    used = situation.shelf.used.get(location.id, 0)
    if location.max_quota is None or used >= location.max_quota:
        return ["quota", used, location.max_quota]
    return None


def _value(situation: Situation) -> Value:
    used = situation.shelf.used
    return lambda location: used.get(location.id, 0) - (location.max_quota or 0)


SELECT_BY_QUOTA = Selector(name="SELECT_BY_QUOTA", value=_value, drop=_drop)
