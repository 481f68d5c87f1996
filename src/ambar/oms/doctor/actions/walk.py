"""Walk a synthetic order through: offered, taken, planned, reported back; and leave no trace of it.

Everything on this side happens in one transaction that is rolled back, so nothing else ever sees it; the events it
raised are sent to the Seller Center afterwards as tests, which it applies and rolls back likewise. Only ever on demand.
Source: `docs/decisions/0047-the-walk.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from django.db import DatabaseError, transaction
from django.db.models import F

from ambar.kit import clock
from ambar.kit.outbox.models import Delivery, Event, Hook
from ambar.oms.catalogue.models import Product
from ambar.oms.doctor.actions.checks.package_hooks import wanted
from ambar.oms.doctor.actions.record import record
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.gateways.ping import Parcel, ping
from ambar.oms.doctor.gateways.probe import PROBLEMS
from ambar.oms.doctor.visit import Visit
from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.stock.models import Balance
from ambar.oms.upstream import configured, known
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.domain import verdicts
from ambar.oms.upstream.models import NotTaken, Quarantined

log = structlog.get_logger("ambar.doctor")
STEP = 5
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TAKEN = (verdicts.CREATED, verdicts.UPDATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One event of the walk: its type, the hooks it would have gone to, and its payload where there is one."""

    type: str
    payload: dict[str, Any]
    hook_ids: tuple[int, ...]


def walk(*, now: datetime) -> list[Finding]:
    """The findings of step 5, up to where it stopped; they are remembered."""
    visit = Visit(now=now)
    found = _walked(visit)
    record(found, steps=[STEP], asked_by="walk", started_at=now, finished_at=clock.now())
    return found


def _walked(visit: Visit) -> list[Finding]:
    told = visit.seller_center() if visit.settings else None
    if told is None or not told.get("synthetic_orders"):
        return [_found("walk.offer", "walk_not_possible")]
    sku = _product()
    if sku is None:
        return [_found("walk.offer", "walk_no_product")]
    offer, order = _offered(visit, sku)
    if order is None:
        return [offer]
    try:
        here, events = _rehearsed(order, sku, visit.now)
    except DatabaseError as error:
        log.warning("walk_failed", error=type(error).__name__)
        here, events = [_found("walk.take", "walk_failed", reason=type(error).__name__)], []
    finally:
        known.forget()
    reported = _reported(visit, events) if events else []
    return [offer, *here, *reported, _trace(order)]


def _found(name: str, code: str, took_ms: int | None = None, **figures: object) -> Finding:
    return Finding(step=STEP, name=name, code=code, figures=figures, took_ms=took_ms)


def _product() -> str | None:
    """The SKU most of is free to promise, else any."""
    free = (
        Balance.objects.filter(location__is_active=True, on_hand__gt=F("reserved"))
        .order_by((F("reserved") - F("on_hand")).asc(), "product_id")
        .values_list("product__sku", flat=True)
        .first()
    )
    return free or Product.objects.filter(is_active=True).order_by("id").values_list("sku", flat=True).first()


def _offered(visit: Visit, sku: str) -> tuple[Finding, dict[str, Any] | None]:
    home = visit.home()
    assert home is not None
    answer = visit.probe.ask(
        "POST", f"{home.base_url.rstrip('/')}/doctor/order/", home.token, body={"sku": sku}
    )
    order = answer.payload.get("order") if answer.good and isinstance(answer.payload, dict) else None
    if not isinstance(order, dict):
        en, tr = PROBLEMS.get(answer.problem, (f"it answered {answer.status}", f"{answer.status} yanıtladı"))
        return _found("walk.offer", "walk_not_offered", reason=en, reason_tr=tr), None
    number = order.get("number")
    return _found("walk.offer", "walk_offered", answer.took_ms, number=number, sku=sku), order


def _rehearsed(order: dict[str, Any], sku: str, now: datetime) -> tuple[list[Finding], list[_Told]]:
    """Take and plan the order, read what came of it, and roll everything back."""
    with transaction.atomic():
        try:
            return _on_this_side(order, sku, now)
        finally:
            transaction.set_rollback(True)


def _on_this_side(order: dict[str, Any], sku: str, now: datetime) -> tuple[list[Finding], list[_Told]]:
    (verdict,) = take_orders(
        [order], source=configured.order_source(), configured=configured.current(), now=now
    )
    if verdict.outcome == verdicts.FILTERED:
        return [_found("walk.take", "walk_filtered", rule=verdict.rule)], []
    if verdict.outcome not in TAKEN:
        return [_found("walk.take", "walk_quarantined", reason=verdict.reason or verdict.outcome)], []
    found = [_found("walk.take", "walk_taken")]
    # It goes before every order that waits, and the planner is asked for one: no other is touched.
    Order.objects.filter(pk=verdict.order_id).update(planning_state="pending", due_at=LONG_AGO)
    plan_orders(limit=1, now=now)
    planned = Order.objects.get(pk=verdict.order_id)
    packages = list(Package.objects.filter(order_id=planned.pk).select_related("location").order_by("id"))
    if not packages:
        return [
            *found,
            _found("walk.plan", "walk_held", reason=planned.hold_reason or planned.planning_state),
        ], []
    if planned.planning_state == "out_of_stock":
        found.append(_found("walk.plan", "walk_out_of_stock", sku=sku))
    else:
        where = ", ".join(sorted({package.location.name for package in packages}))
        found.append(_found("walk.plan", "walk_planned", count=len(packages), locations=where))
    return found, _raised([package.pk for package in packages])


def _raised(package_ids: list[int]) -> list[_Told]:
    rows = Event.objects.filter(kind="package", aggregate_id__in=package_ids).order_by("id")
    hooks: dict[int, list[int]] = {row.pk: [] for row in rows}
    for event_id, hook_id in Delivery.objects.filter(event_id__in=hooks).values_list("event_id", "hook_id"):
        hooks[event_id].append(hook_id)
    return [
        _Told(
            type=row.type,
            payload=orjson.loads(row.payload) if hooks[row.pk] else {},
            hook_ids=tuple(hooks[row.pk]),
        )
        for row in rows
    ]


def _reported(visit: Visit, events: list[_Told]) -> list[Finding]:
    """Send the events as tests along their own hooks; those to others than the Seller Center are not sent."""
    targets = wanted(visit)
    mine = Hook.objects.filter(pk__in={pk for told in events for pk in told.hook_ids})
    there = {hook.pk: hook for hook in mine if hook.target_url == targets.get(hook.event_type)}
    parcels = [
        Parcel(hook=there[pk], event=told.type, payload={**told.payload, "test": True})
        for told in events
        for pk in told.hook_ids
        if pk in there
    ]
    unsent = sorted(
        {told.type for told in events if told.type in targets} - {parcel.event for parcel in parcels}
    )
    if unsent:
        return [_found("walk.report", "walk_no_event", event=unsent[0])]
    for parcel, outcome in zip(parcels, ping(parcels, now=visit.now), strict=True):
        if outcome.cause != "arrives":
            reason = outcome.body or outcome.problem or str(outcome.status)
            return [_found("walk.report", "walk_not_reported", event=parcel.event, reason=reason[:300])]
    return [_found("walk.report", "walk_reported", count=len(parcels))]


def _trace(order: dict[str, Any]) -> Finding:
    """Whether anything of the order is left here."""
    number, upstream_id = order.get("number"), order.get("pk")
    left = {
        "orders": Order.objects.filter(number=number),
        "packages": Package.objects.filter(order_number=number),
        "quarantine": Quarantined.objects.filter(upstream_id=upstream_id),
        "filtered": NotTaken.objects.filter(upstream_id=upstream_id),
    }
    where = [name for name, rows in left.items() if rows.exists()]
    if where:
        return _found("walk.trace", "walk_trace", where=", ".join(where), number=number)
    return _found("walk.trace", "walk_no_trace")
