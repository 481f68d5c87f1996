"""Events of orders and cancellation plans, in the transaction that changed them, each with the whole record.

Nothing is made while nobody listens: an OMS that polls costs nothing here. A record's events are counted by the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ambar.kit import ids, outbox
from ambar.seller_center.orders import queries
from ambar.seller_center.orders.domain import events
from ambar.seller_center.orders.models import CancellationPlan
from ambar.seller_center.sellers.isolation import scope_of


def announce_orders(type_: str, order_ids: Iterable[int], *, now: datetime) -> None:
    """`order.created` or `order.updated` of each order; the caller holds their rows."""
    wanted = sorted(set(order_ids))
    if not wanted or not outbox.wanted(type_):
        return
    rows = list(queries.orders().filter(pk__in=wanted).order_by("id"))
    shown = zip(rows, queries.orders_json(rows), strict=True)
    _record(type_, events.ORDER, {row.pk: (row.seller_id, shape) for row, shape in shown}, now)


def announce_plans(type_: str, plan_ids: Iterable[int], *, now: datetime) -> None:
    """`cancellation_plan.created` or `cancellation_plan.updated` of each plan; the caller holds their rows."""
    wanted = sorted(set(plan_ids))
    if not wanted or not outbox.wanted(type_):
        return
    rows = list(CancellationPlan.objects.select_related("order__seller").filter(pk__in=wanted).order_by("id"))
    shown = zip(rows, queries.plans_json(rows), strict=True)
    _record(type_, events.PLAN, {row.pk: (row.seller_id, shape) for row, shape in shown}, now)


def _record(
    type_: str, kind: str, shapes: Mapping[int, tuple[int, Mapping[str, Any]]], now: datetime
) -> None:
    outbox.record(
        [
            outbox.Event(
                uuid=ids.uuid7(now), type=type_, kind=kind, aggregate_id=pk, sequence=None, payload=shape,
                scopes=scope_of(seller_id),
            )
            for pk, (seller_id, shape) in shapes.items()
        ],
        now=now,
    )  # fmt: skip
