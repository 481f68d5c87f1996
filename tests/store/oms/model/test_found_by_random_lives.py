"""What random lives have found, told as behaviour."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.orders import cancellation_store, intake_store
from ambar.oms.orders.domain.incoming import IncomingCancellationPlan, IncomingPlanItem
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.packages.models import PackageItem
from ambar.oms.planning.actions.plan_orders import plan_orders
from tests.worlds import oms_books as books
from tests.worlds.oms_planning import make_scenario
from tests.worlds.oms_records import T0, build, incoming

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("whole", [False, True], ids=["one line", "the whole order"])
def test_units_ordered_anew_on_a_cancelled_line_are_planned(whole):
    """They stayed unplanned: the line was Cancelled for good, and the planner found nothing of it to plan."""
    world = build()
    make_scenario(world.locations["WH1"])
    order = incoming(world, lines=(("SKU-A", 3), ("SKU-B", 2)))
    intake_store.upsert([order], now=T0)
    plan_orders(limit=10, now=T0)
    cancelled = order.items if whole else order.items[:1]
    plan = IncomingCancellationPlan(
        source=order.source, upstream_id=1, order_upstream_id=order.upstream_id, plan_type="cancel", status="waiting",
        upstream_modified_at=T0, items=tuple(IncomingPlanItem(order_item=i.upstream_id, reason="") for i in cancelled),
    )  # fmt: skip
    cancellation_store.upsert_cancellation_plans([plan], now=T0)
    decide_cancellations(limit=10, now=T0)
    line = OrderItem.objects.order_by("id").first()
    assert line is not None and (line.state, line.cancelled_quantity) == (100, 3)
    more = replace(order.items[0], quantity=Decimal(5), price=Decimal("500.00"))
    newer = replace(order, items=(more, *order.items[1:]), upstream_modified_at=T0 + SECOND)
    intake_store.upsert([newer], now=T0 + SECOND)
    line.refresh_from_db()
    assert (line.state, line.quantity, line.cancelled_quantity) == (400, 5, 3)
    assert (Order.objects.get().state, Order.objects.get().planning_state) == (400, "new")
    plan_orders(limit=10, now=T0 + 2 * SECOND)
    living = PackageItem.objects.filter(order_item=line).exclude(package__state=900)
    assert [item.quantity for item in living if item.quantity] == [2]
    assert Order.objects.get().planning_state == "planned"
    assert books.wrong(every_unit=True) == {}


def test_a_newer_version_that_repeats_a_cancelled_line_brings_nothing_back():
    world = build()
    make_scenario(world.locations["WH1"])
    order = incoming(world, lines=(("SKU-A", 3), ("SKU-B", 2)))
    intake_store.upsert([order], now=T0)
    plan_orders(limit=10, now=T0)
    item = IncomingPlanItem(order_item=order.items[0].upstream_id, reason="")
    plan = IncomingCancellationPlan(
        source=order.source, upstream_id=1, order_upstream_id=order.upstream_id, plan_type="cancel", status="waiting",
        upstream_modified_at=T0, items=(item,),
    )  # fmt: skip
    cancellation_store.upsert_cancellation_plans([plan], now=T0)
    decide_cancellations(limit=10, now=T0)
    intake_store.upsert([replace(order, upstream_modified_at=T0 + SECOND)], now=T0 + SECOND)
    plan_orders(limit=10, now=T0 + 2 * SECOND)
    line = OrderItem.objects.order_by("id").first()
    assert line is not None and (line.state, line.quantity, line.cancelled_quantity) == (100, 3, 3)
    assert books.wrong(every_unit=True) == {}
