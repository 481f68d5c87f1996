"""Ask for items of an order to be cancelled (before shipping) or refunded (after)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.omnitron.cancellations.actions.announce_plans import announce_plans
from ambar.omnitron.cancellations.domain import plans
from ambar.omnitron.cancellations.models import (
    CancellationPlan,
    CancellationPlanOrderItem,
    CancellationReason,
)
from ambar.omnitron.orders import store as orders
from ambar.omnitron.orders.actions.change_items import change_items
from ambar.omnitron.orders.models import Order, OrderItem


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    order_id: int
    channel_id: int | None = None
    is_all: bool = False
    cancel_items: tuple[int, ...] = ()
    reasons: dict[int, int | None] = field(default_factory=dict)
    forced_refund_amount: Decimal | None = None
    is_cargo_refund: bool = False
    refund_invoice_number: str | None = None
    ibans: dict[int, str | None] = field(default_factory=dict)
    holder_names: dict[int, str | None] = field(default_factory=dict)
    username: str = ""


def cancel_order(command: CancelOrder, *, now: datetime) -> list[CancellationPlan]:
    """Makes the plans, one per supplier among the items, and records `cancellation_plan.created` for each.

    :raises NotFound: no such order (in that channel).
    :raises Invalid: unknown items or reasons, or shipped and unshipped ones mixed.
    :raises plans.ItemNotCancellable: an item has ended or is in an open plan.
    """
    with transaction.atomic():
        orders.lock_orders(orders=[command.order_id])
        scope = {} if command.channel_id is None else {"channel_id": command.channel_id}
        if not Order.objects.filter(pk=command.order_id, **scope).exists():
            raise NotFound()
        _check_reasons(command)
        items = {item.pk: item for item in OrderItem.objects.filter(order_id=command.order_id).order_by("id")}
        open_items = set(
            CancellationPlanOrderItem.objects.filter(order_item__in=items, is_open=True).values_list(
                "order_item_id", flat=True
            )
        )
        drafts = plans.draft(
            [_candidate(item, item.pk in open_items) for item in items.values()],
            wanted=command.cancel_items,
            is_all=command.is_all,
        )
        if command.forced_refund_amount is not None and len(drafts) > 1:
            raise Invalid(
                fields={"forced_refund_amount": ["The items have several suppliers; cancel them one by one."]}
            )
        made = [_make(command, draft, items, now) for draft in drafts]
        change_items(
            {key: plans.item_change("cancel", "waiting") for draft in drafts for key in draft.items}, now=now
        )
        announce_plans("cancellation_plan.created", [plan.pk for plan in made], now=now)
    return list(
        CancellationPlan.objects.select_related("order")
        .filter(pk__in=[row.pk for row in made])
        .order_by("id")
    )


def _candidate(item: OrderItem, in_open_plan: bool) -> plans.Candidate:
    supplier = str(item.extra_field.get("supplier_code") or "")
    return plans.Candidate(id=item.pk, status=item.status, supplier=supplier, in_open_plan=in_open_plan)


def _check_reasons(command: CancelOrder) -> None:
    wanted = {key for key in command.reasons.values() if key is not None}
    known = set(CancellationReason.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - known:
        missing = sorted(wanted - known)
        raise Invalid(fields={"reasons": [f'Invalid pk "{key}" - object does not exist.' for key in missing]})


def _make(
    command: CancelOrder, draft: plans.Draft, items: dict[int, OrderItem], now: datetime
) -> CancellationPlan:
    plan = CancellationPlan.objects.create(
        order_id=command.order_id,
        plan_type=draft.plan_type,
        is_all=command.is_all,
        is_cargo_refund=command.is_cargo_refund,
        forced_refund_amount=command.forced_refund_amount,
        refund_invoice_number=command.refund_invoice_number,
        created_by=command.username,
        modified_by=command.username,
        sequence=1,
        created_at=now,
        modified_at=now,
    )
    CancellationPlanOrderItem.objects.bulk_create(
        CancellationPlanOrderItem(
            plan=plan,
            order_item_id=key,
            reason_id=command.reasons.get(key),
            refund_amount=max(items[key].price - items[key].discount_amount, Decimal(0)),
            iban=command.ibans.get(key),
            holder_name=command.holder_names.get(key),
        )
        for key in draft.items
    )
    return plan
