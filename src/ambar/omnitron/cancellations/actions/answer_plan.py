"""Answer a cancellation plan: confirmed, completed or rejected."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from ambar.kit.refusals import NotFound
from ambar.omnitron.cancellations.actions.announce_plans import announce_plans
from ambar.omnitron.cancellations.domain import plans
from ambar.omnitron.cancellations.models import CancellationPlan
from ambar.omnitron.orders import store as orders
from ambar.omnitron.orders.actions.change_items import change_items
from ambar.omnitron.orders.models import Order


def answer_plan(key: int, *, status: str, reason: str, username: str, now: datetime) -> CancellationPlan:
    """Moves the plan and its items; a repeat of the present status changes nothing.

    Completed: the items are canceled or refunded, as the plan's type says, and the order's refund amount grows.
    Records `cancellation_plan.updated` and `order.updated`.

    :raises NotFound: no such plan.
    :raises plans.PlanStatusBackwards: the plan can't go there.
    """
    with transaction.atomic():
        order_id = CancellationPlan.objects.filter(pk=key).values_list("order_id", flat=True).first()
        if order_id is None:
            raise NotFound()
        orders.lock_orders(orders=[order_id])
        plan = CancellationPlan.objects.select_for_update().get(pk=key)
        if plans.check_move(plan.status, status):
            _move(plan, status, reason, username, now)
    return CancellationPlan.objects.select_related("order").get(pk=key)


def _move(plan: CancellationPlan, status: str, reason: str, username: str, now: datetime) -> None:
    plan.status, plan.reason, plan.modified_by = status, reason, username
    plan.sequence += 1
    plan.modified_at = max(now, plan.modified_at + timedelta(microseconds=1))
    plan.save()
    items = list(plan.items.all())
    if not plans.NEXT[status]:
        plan.items.update(is_open=False)
    if status == "completed":
        amount = plan.forced_refund_amount
        if amount is None:
            amount = sum((item.refund_amount for item in items), Decimal(0))
        Order.objects.filter(pk=plan.order_id).update(refund_amount=F("refund_amount") + amount)
    change_items({item.order_item_id: plans.item_change(plan.plan_type, status) for item in items}, now=now)
    announce_plans("cancellation_plan.updated", [plan.pk], now=now)
