"""Take a set of cancellation plans in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.seller_center.orders import announcing, plans_store
from ambar.seller_center.orders.domain import events
from ambar.seller_center.orders.domain.plans import IncomingPlan


def take_plans(incoming: Sequence[tuple[IncomingPlan, Mapping[str, Any]]], *, now: datetime) -> int:
    """Store `(plan, its payload)` pairs per seller; a plan whose order is unknown waits for it.

    How many wait. Source: "Cancellation plan services".
    """
    with transaction.atomic():
        told = plans_store.take(incoming, now=now)
        announcing.announce_plans(events.PLAN_CREATED, told.created, now=now)
        announcing.announce_plans(events.PLAN_UPDATED, told.updated, now=now)
    return told.waiting
