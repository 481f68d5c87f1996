"""Who is preferred among the locations a rule keeps. One selector, one file, one line here.

A selector answers for one order a value per location, lowest first; it may also drop locations.
Values of a rule's selectors are compared one after another; the last tie ends at the location id.
"""

from ambar.oms.planning.domain.selectors.by_cost import SELECT_BY_COST
from ambar.oms.planning.domain.selectors.by_distance import SELECT_BY_DISTANCE
from ambar.oms.planning.domain.selectors.by_exit_time import SELECT_BY_EXIT_TIME
from ambar.oms.planning.domain.selectors.by_fewest_packages import SELECT_BY_FEWEST_PACKAGES
from ambar.oms.planning.domain.selectors.by_priority import SELECT_BY_PRIORITY
from ambar.oms.planning.domain.selectors.by_quota import SELECT_BY_QUOTA
from ambar.oms.planning.domain.selectors.by_reliability import SELECT_BY_RELIABILITY
from ambar.oms.planning.domain.selectors.by_stock import SELECT_BY_STOCK
from ambar.oms.planning.domain.selectors.shape import Selector, Situation

SELECTORS: dict[str, Selector] = {
    selector.name: selector
    for selector in (
        SELECT_BY_QUOTA,
        SELECT_BY_PRIORITY,
        SELECT_BY_STOCK,
        SELECT_BY_DISTANCE,
        SELECT_BY_FEWEST_PACKAGES,
        SELECT_BY_COST,
        SELECT_BY_EXIT_TIME,
        SELECT_BY_RELIABILITY,
    )
}

__all__ = ["SELECTORS", "Selector", "Situation"]
