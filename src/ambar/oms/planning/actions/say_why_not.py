"""Work out, when somebody reads a decision, what would have made another location win."""

from collections.abc import Iterable

from ambar.oms.planning.domain.counterfactual import Counterfactual, counterfactuals
from ambar.oms.planning.domain.engine import plan
from ambar.oms.planning.models import Decision
from ambar.oms.planning.remembering import Snapshots


def counterfactuals_of(rows: Iterable[Decision]) -> dict[int, list[Counterfactual]]:
    """`{decision: the smallest single change for each runner-up}`; decisions of people, and those whose snapshots are
    gone, are absent.
    """
    asked = [row for row in rows if row.outcome != "manual"]
    snapshots = Snapshots()
    snapshots.load(asked)
    found = {}
    for row in asked:
        try:
            world = snapshots.world(row)
        except (KeyError, ValueError):
            continue
        made = plan(world.order, world.rules, world.view, world.now)
        found[row.pk] = counterfactuals(world.order, world.rules, world.view, world.now, plan=made)
    return found
