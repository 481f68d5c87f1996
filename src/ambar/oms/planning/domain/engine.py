"""The planning function, used by the live planner, the dry run, replay and the tests alike. Pure.

Source: "Akinon OMS: Scenarios"; the decision record is this project's own (`docs/decisions/`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ambar.oms.planning.domain import recording
from ambar.oms.planning.domain.matching import choose_scenario
from ambar.oms.planning.domain.placing import OrderPlan
from ambar.oms.planning.domain.shelf import Shelf
from ambar.oms.planning.domain.standing import ground_of
from ambar.oms.planning.domain.values import Hold, Order, Plan, View
from ambar.oms.scenarios.domain.rules import Rules


def plan(order: Order, rules: Rules, view: View, now: datetime, seed: int = 0) -> Plan:
    """Plan one order against one view; the same arguments give the same plan. `now` is the time on the wall of the
    locations; `seed` is kept for selectors that draw.
    """
    return next(plan_all([order], rules, view, now, seed))


def plan_all(
    orders: Iterable[Order],
    rules: Rules,
    view: View,
    now: datetime,
    seed: int = 0,
    *,
    keep: Callable[[Plan], bool] = lambda plan: True,
) -> Iterator[Plan]:
    """Plan orders one after another; each sees the stock and quota the earlier ones left. A failure of one order
    becomes its hold (`planning_failed`) and takes nothing; nor does a plan that `keep` says will not be carried out.
    """
    desk = Desk(rules, view, now)
    for order in orders:
        desk.shelf.begin()
        try:
            planned = desk.plan(order)
        except Exception as error:
            planned = held(order, Hold(code="planning_failed", message=f"{type(error).__name__}: {error}"))
        if planned.hold is not None or not keep(planned):
            desk.shelf.undo()
        yield planned


def held(
    order: Order, hold: Hold, record: Mapping[str, Any] | None = None, scenario: int | None = None
) -> Plan:
    """The outcome of an order that is not planned."""
    return Plan(
        order_id=order.id,
        packages=(),
        transfers=(),
        unplaced=(),
        hold=hold,
        scenario_id=scenario,
        record={"v": recording.VERSION, **(record or {}), "hold": [hold.code, hold.message]},
    )


class Desk:
    """One pass over one view: the shelf, and what is known of the ground."""

    __slots__ = ("ground", "hand_overs", "now", "rules", "shelf", "view")

    def __init__(self, rules: Rules, view: View, now: datetime) -> None:
        self.rules, self.view, self.now = rules, view, now
        self.shelf = Shelf(view)
        self.ground = ground_of(rules, view.locations)
        self.hand_overs: dict[int, str] = {}

    def plan(self, order: Order) -> Plan:
        if not order.lines:
            return held(order, Hold(code="no_lines", message="The order has no line to plan."))
        scenario, refused = choose_scenario(order, self.rules.scenarios)
        if scenario is None:
            return held(order, _no_scenario(order, refused), {"asked": refused})
        planned = OrderPlan(self, order, scenario, refused).run()
        if isinstance(planned, Plan):
            return planned
        hold, record = planned
        return held(order, hold, record, scenario.id)


def _no_scenario(order: Order, refused: list[list[Any]]) -> Hold:
    if not refused:
        return Hold(code="no_scenario", message="No distribution scenario is active.")
    channel = order.properties.get("channel") or order.properties.get("channel_id")
    reasons = "; ".join(
        f"scenario {scenario_id}: {criterion} does not match" for scenario_id, criterion in refused
    )
    return Hold(
        code="no_scenario", message=f"No distribution scenario matches (channel {channel}): {reasons}."
    )
