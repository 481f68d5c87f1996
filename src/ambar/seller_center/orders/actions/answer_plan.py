"""A seller's OMS answers a cancellation plan: it can or cannot be cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.seller_center.orders import announcing, store
from ambar.seller_center.orders.domain import events, plans
from ambar.seller_center.orders.models import CancellationPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPlan:
    plan_id: int
    status: str
    reason: str = ""


def answer_plan(command: AnswerPlan, *, now: datetime) -> CancellationPlan:
    """The plan as answered; the answer is forwarded to the hub. A repeat changes nothing.

    Errors: `NotFound`, `Invalid` for a status that does not follow the present one.
    """
    with transaction.atomic():
        row = CancellationPlan.objects.select_for_update().filter(pk=command.plan_id).first()
        if row is None:
            raise NotFound()
        if command.status not in plans.STATUSES:
            raise Invalid(fields={"status": [f"One of {', '.join(plans.STATUSES)} is required."]})
        if not plans.may_move(row.status, command.status):
            raise Invalid(fields={"status": [f"The plan may not go from {row.status} to {command.status}."]})
        if row.status == command.status and row.reason == command.reason:
            return row
        row.status, row.reason = command.status, command.reason
        row.modified_at = max(now, row.modified_at + timedelta(microseconds=1))
        row.save(update_fields=["status", "reason", "modified_at"])
        store.forward("plan", [row.pk], now=now)
        announcing.announce_plans(events.PLAN_UPDATED, [row.pk], now=now)
    return row
