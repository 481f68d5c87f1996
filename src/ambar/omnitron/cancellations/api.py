"""Endpoints of cancellation plans. Source: Akinon Omnitron, "Order Cancellation", "Cancellation Plan"."""

from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.omnitron import filters, wire
from ambar.omnitron.cancellations import queries, schemas
from ambar.omnitron.cancellations.actions.answer_plan import answer_plan
from ambar.omnitron.cancellations.actions.cancel_order import CancelOrder, cancel_order
from ambar.omnitron.cancellations.models import STATUSES, CancellationPlan, CancellationReason
from ambar.omnitron.channels.queries import channel_or_404

router = rest.Router()

FILTERS = rest.Filters(
    {
        "plan_type": rest.choice_in("plan_type", ("cancel", "refund")),
        "status": rest.choice_in("status", STATUSES),
        "cancellation_plan_status": rest.choice_in("status", STATUSES),
        "order": filters.keys("order_id"),
        "order_id": filters.keys("order_id"),
        "order_number": filters.exact("order__number"),
        "channel_id__in": filters.keys("order__channel_id"),
        "created_by": filters.exact("created_by"),
        "modified_by": filters.exact("modified_by"),
        **filters.common(),
    }
)


def _plans(channel_id: int | None) -> Any:
    rows = CancellationPlan.objects.select_related("order")
    return rows if channel_id is None else rows.filter(order__channel_id=channel_or_404(channel_id).pk)


def _listed(request: Any, channel_id: int | None) -> Any:
    return rest.page(
        request,
        _plans(channel_id),
        queries.plans_json,
        filters=FILTERS,
        max_limit=wire.MAX_LIMIT,
        sort={**filters.SORT, "status": "status"},
    )


def _read(pk: int, channel_id: int | None) -> Any:
    row = _plans(channel_id).filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return queries.plans_json([row])[0]


def _cancel(request: Any, pk: int, channel_id: int | None, body: schemas.CancelIn) -> Any:
    if body.order is not None and body.order != pk:
        raise Invalid(fields={"order": ["This is not the order of the address."]})
    values = body.model_dump(exclude={"order"})
    values["cancel_items"] = tuple(values["cancel_items"])
    command = CancelOrder(order_id=pk, channel_id=channel_id, username=request.principal.username, **values)
    made = queries.plans_json(cancel_order(command, now=clock.now()))
    if len(made) == 1:
        return rest.Raw(201, made[0])
    return rest.Raw(201, {**made[0], "plans": made})


@router.post("/orders/{int:pk}/cancel/")
@rest.needs("cancellations:write")
@rest.idempotent
def cancel(request: Any, pk: int, body: schemas.CancelIn) -> Any:
    """Makes a plan; items of several suppliers make one each, the first answered with all of them under `plans`."""
    return _cancel(request, pk, None, body)


@router.post("/channel/{int:channel_id}/orders/{int:pk}/cancel/")
@rest.needs("cancellations:write")
@rest.idempotent
def cancel_in_channel(request: Any, channel_id: int, pk: int, body: schemas.CancelIn) -> Any:
    """Makes a cancellation plan for an order of this channel, as `orders/{pk}/cancel/` does."""
    return _cancel(request, pk, channel_or_404(channel_id).pk, body)


@router.get("/cancellation_plans/")
@rest.needs("cancellations:read")
def cancellation_plans(request: Any) -> Any:
    """Cancellation plans by page, with the order and the rows that are to be cancelled."""
    return _listed(request, None)


@router.get("/cancellation_plans/statuses/")
@rest.needs("cancellations:read")
def cancellation_plan_statuses(request: Any) -> Any:
    """The statuses a plan can have, as `{value, label}`."""
    return rest.Raw(200, [{"value": status, "label": status.capitalize()} for status in STATUSES])


@router.get("/cancellation_plans/{int:pk}/")
@rest.needs("cancellations:read")
def cancellation_plan(request: Any, pk: int) -> Any:
    """One cancellation plan with its rows."""
    return _read(pk, None)


@router.patch("/cancellation_plans/{int:pk}/")
@rest.needs("cancellations:write")
def patch_cancellation_plan(request: Any, pk: int, body: schemas.PlanPatch) -> Any:
    """The answer: can or cannot be cancelled, and when it is done."""
    plan = answer_plan(
        pk, status=body.status, reason=body.reason, username=request.principal.username, now=clock.now()
    )
    return queries.plans_json([plan])[0]


@router.get("/channel/{int:channel_id}/cancellation_plans/")
@rest.needs("cancellations:read")
def channel_cancellation_plans(request: Any, channel_id: int) -> Any:
    """Cancellation plans of this channel's orders by page."""
    return _listed(request, channel_id)


@router.get("/channel/{int:channel_id}/cancellation_plans/{int:pk}/")
@rest.needs("cancellations:read")
def channel_cancellation_plan(request: Any, channel_id: int, pk: int) -> Any:
    """One cancellation plan; 404 when its order belongs to another channel."""
    return _read(pk, channel_id)


REASON_FILTERS = rest.Filters({"is_active": filters.boolean("is_active"), **filters.common()})


def _reasons(request: Any) -> Any:
    return rest.page(
        request,
        CancellationReason.objects.all(),
        lambda rows: [queries.reason_json(row) for row in rows],
        filters=REASON_FILTERS,
        max_limit=wire.MAX_LIMIT,
        sort=filters.SORT,
    )


@router.get("/cancellation_reasons/")
@rest.needs("cancellations:read")
def cancellation_reasons(request: Any) -> Any:
    """Cancellation reasons by page; filter `is_active`."""
    return _reasons(request)


@router.get("/channel/{int:channel_id}/cancellation_reasons/")
@rest.needs("cancellations:read")
def channel_cancellation_reasons(request: Any, channel_id: int) -> Any:
    """Cancellation reasons by page; filter `is_active`; 404 for an unknown channel. The same rows in every channel."""
    channel_or_404(channel_id)
    return _reasons(request)


@router.post("/cancellation_reasons/")
@rest.needs("cancellations:write")
def create_cancellation_reason(request: Any, body: schemas.ReasonIn) -> Any:
    """Adds a reason: 201. A subject that is taken is refused with 400."""
    now = clock.now()
    try:
        with transaction.atomic():
            row = CancellationReason.objects.create(**body.model_dump(), created_at=now, modified_at=now)
    except IntegrityError as error:
        raise Invalid(
            fields={"subject": ["cancellation reason with this subject already exists."]}
        ) from error
    return rest.Raw(201, queries.reason_json(row))
