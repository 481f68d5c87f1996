"""Intake over HTTP: orders pushed one by one or in hundreds, hooks of upstream, quarantine, status reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import Count, Max, Min
from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.outbox import inbox
from ambar.kit.refusals import Invalid, NotFound
from ambar.kit.rest.filters import read_boolean
from ambar.oms.omnitron_client.asking import upstream
from ambar.oms.upstream import configured, jobs, status_store
from ambar.oms.upstream.actions import redrive as redriving
from ambar.oms.upstream.actions.pull_reasons import pull_reasons
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.aliases_api import router as aliases_router
from ambar.oms.upstream.models import NotTaken, Quarantined, StatusSync, Watermark
from ambar.oms.upstream.schemas import Discard, Redrive
from ambar.oms.upstream.verdict_rows import summed

router = rest.Router()
router.add_router("", aliases_router)
MOST = 500

_QUARANTINE_FILTERS = rest.Filters(
    {
        "kind": rest.exact("kind"),
        "cause": rest.exact("cause"),
        "number": rest.exact("number"),
        "source": rest.exact("source"),
        "omnitron_id": rest.id_list("upstream_id__in"),
        "id__in": rest.id_list("id__in"),
        "open": lambda rows, values: rows.filter(closed_at__isnull=read_boolean(values[-1])),
    }
)
_NOT_TAKEN_FILTERS = rest.Filters(
    {
        "rule": rest.exact("rule"),
        "number": rest.exact("number"),
        "omnitron_id": rest.id_list("upstream_id__in"),
    }
)
_SYNC_FILTERS = rest.Filters(
    {
        "state": rest.choice_in("state", ("pending", "sent", "set_aside")),
        "order_id": rest.id_list("order_id__in"),
        "order_number": rest.exact("order_number"),
        "status": rest.choice_in("wanted", read=int),
    }
)


@router.post("/intake/orders/")
@rest.needs("intake:write")
@rest.idempotent
def push_orders(request: HttpRequest) -> Any:
    """Offer one detailed order (an object) or up to 500 (an array, or `{"orders": [...]}`).

    Answers 200 with a verdict per order: created, updated, unchanged, filtered (with the rule) or quarantined (with
    the reason). Idempotent by (source, id) and guarded by `modified_date`: repeating a request is safe. With an
    `Idempotency-Key` a repeat gets the first answer again instead of "unchanged".
    """
    body = rest.loads(request.body)
    records = body.get("orders") if isinstance(body, dict) and "orders" in body else body
    if isinstance(records, dict):
        records = [records]
    if not isinstance(records, list) or not records:
        raise Invalid(fields={"orders": ["One order or a list of orders is required."]})
    if len(records) > MOST:
        raise Invalid(fields={"orders": [f"At most {MOST} orders in one request; {len(records)} were sent."]})
    source = configured.order_source()
    verdicts = take_orders(records, source=source, configured=configured.of_pushes(source), now=clock.now())
    return summed(verdicts)


def _receive(request: HttpRequest, types: tuple[str, ...]) -> Any:
    envelope = inbox.verify(request, secrets=configured.current().hook_secrets)
    if envelope.type not in types:
        raise Invalid(
            fields={"event.type": [f'"{envelope.type}" is not taken here; taken: {", ".join(types)}.']}
        )
    new, _ = inbox.store_one(configured.order_source(), envelope, now=clock.now())
    return rest.Raw(202 if new else 200, {"uuid": envelope.uuid.hex, "status": "stored" if new else "known"})


@router.post("/orders-webhook/")
@rest.needs("intake:write")
def receive_order_event(request: HttpRequest) -> Any:
    """Hook receiver of `order.created` and `order.updated`: 202 stored, 200 known already."""
    return _receive(request, jobs.ORDER_EVENTS)


@router.post("/cancellation_plan/")
@rest.needs("intake:write")
def receive_plan_event(request: HttpRequest) -> Any:
    """Hook receiver of `cancellation_plan.created` and `.updated` (Akinon OMS: Cancellation Plan Services)."""
    return _receive(request, jobs.PLAN_EVENTS)


def _quarantined(row: Quarantined, *, whole: bool = False) -> dict[str, Any]:
    shown = {
        "id": row.pk,
        "source": row.source,
        "omnitron_id": row.upstream_id,
        "number": row.number,
        "kind": row.kind,
        "cause": row.cause,
        "reason": row.reason,
        "detail": row.detail,
        "times": row.times,
        "created_date": row.created_at,
        "modified_date": row.modified_at,
        "closed_date": row.closed_at,
        "outcome": row.outcome,
    }
    return {**shown, "payload": row.payload} if whole else shown


@router.get("/intake/quarantine/")
@rest.needs("intake:read")
def list_quarantine(request: HttpRequest) -> Any:
    """What could not be taken; filter `open=true` for what still waits."""
    return rest.page(
        request,
        Quarantined.objects.defer("payload"),
        lambda rows: [_quarantined(row) for row in rows],
        filters=_QUARANTINE_FILTERS,
        sort={"id": "id", "created_date": "created_at", "modified_date": "modified_at"},
    )


@router.get("/intake/quarantine/causes/")
@rest.needs("intake:read")
def list_causes(request: HttpRequest) -> Any:
    """The causes of open quarantine, the most frequent first, with what an alias would have to teach."""
    rest.refuse_unknown(request)
    groups = (
        Quarantined.objects.filter(closed_at__isnull=True)
        .values("cause", "kind")
        .annotate(count=Count("id"), first=Min("created_at"), last=Max("modified_at"), example=Min("id"))
        .order_by("-count", "cause")[:1000]
    )
    groups = list(groups)
    examples = Quarantined.objects.defer("payload").in_bulk([group["example"] for group in groups])
    return {
        "causes": [
            {
                "cause": group["cause"],
                "kind": group["kind"],
                "count": group["count"],
                "reason": examples[group["example"]].reason,
                "detail": examples[group["example"]].detail,
                "example": group["example"],
                "first_date": group["first"],
                "last_date": group["last"],
            }
            for group in groups
            if group["example"] in examples
        ]
    }


@router.post("/intake/quarantine/redrive/")
@rest.needs("intake:write")
def redrive_quarantine(request: HttpRequest, body: Redrive) -> Any:
    """Offer quarantined orders again, oldest first; `preview` only tells what would happen.

    `rename`, with ids only: an order that has another number here is this one, and gets the number it comes with.
    """
    if (body.ids is None) == (body.cause is None):
        raise Invalid(fields={"ids": ["Give either ids or a cause."]})
    if body.rename and body.ids is None:
        raise Invalid(fields={"rename": ["Each order that gets another number is named by its id."]})
    verdicts = redriving.redrive(
        ids=body.ids,
        cause=body.cause,
        configured=configured.current(),
        now=clock.now(),
        preview=body.preview,
        renames=body.rename,
    )
    if body.rename and not body.preview:
        detail = {"ids": body.ids, "rename": True}
        accounts.audit(request.principal, "quarantine.redriven", "quarantine", None, detail)
    return summed(verdicts)


@router.get("/intake/quarantine/{int:row_id}/")
@rest.needs("intake:read")
def get_quarantined(request: HttpRequest, row_id: int) -> Any:
    """One quarantined order with the record as it came."""
    row = Quarantined.objects.filter(pk=row_id).first()
    if row is None:
        raise NotFound("Quarantined order not found.")
    return _quarantined(row, whole=True)


@router.post("/intake/quarantine/{int:row_id}/discard/")
@rest.needs("intake:write")
def discard_quarantined(request: HttpRequest, row_id: int, body: Discard) -> Any:
    """Give a quarantined order up, with a reason that stays on record."""
    now = clock.now()
    changed = Quarantined.objects.filter(pk=row_id, closed_at__isnull=True).update(
        closed_at=now, modified_at=now, outcome="discarded", detail={"discarded": body.reason}
    )
    if not changed:
        raise NotFound("No open quarantined order has this id.")
    accounts.audit(request.principal, "quarantine.discarded", "quarantined", row_id, {"reason": body.reason})
    return rest.Raw(204)


@router.get("/intake/filtered/")
@rest.needs("intake:read")
def list_filtered(request: HttpRequest) -> Any:
    """Orders a filtering rule refused, each with the rule."""
    return rest.page(
        request,
        NotTaken.objects.all(),
        lambda rows: [
            {
                "id": row.pk,
                "source": row.source,
                "omnitron_id": row.upstream_id,
                "number": row.number,
                "rule": row.rule,
                "created_date": row.created_at,
                "modified_date": row.modified_at,
            }
            for row in rows
        ],
        filters=_NOT_TAKEN_FILTERS,
        sort={"id": "id", "modified_date": "modified_at"},
    )


@router.get("/intake/filtered/rules/")
@rest.needs("intake:read")
def count_filtered(request: HttpRequest) -> Any:
    """How many orders each rule refused."""
    rest.refuse_unknown(request)
    return {
        "rules": list(NotTaken.objects.values("rule").annotate(count=Count("id")).order_by("-count", "rule"))
    }


@router.get("/intake/status/")
@rest.needs("intake:read")
def get_status(request: HttpRequest) -> Any:
    """How far each stream has been read, and what waits."""
    rest.refuse_unknown(request)
    return {
        "streams": [
            {
                "source": row.source,
                "stream": row.stream,
                "read_until_date": row.at,
                "polled_date": row.polled_at,
                "succeeded_date": row.succeeded_at,
                "taken": row.taken,
                "error": row.error,
            }
            for row in Watermark.objects.order_by("source", "stream")
        ],
        "quarantined": Quarantined.objects.filter(closed_at__isnull=True).count(),
        "filtered": NotTaken.objects.count(),
        "reports": dict(StatusSync.objects.values_list("state").annotate(Count("id"))),
    }


@router.get("/intake/status-sync/")
@rest.needs("intake:read")
def list_reports(request: HttpRequest) -> Any:
    """Item statuses told upstream: what was wanted, what was accepted, what went wrong."""
    return rest.page(
        request,
        StatusSync.objects.all(),
        lambda rows: [
            {
                "id": row.pk,
                "order_id": row.order_id,
                "order_number": row.order_number,
                "order_item_omnitron_id": row.upstream_item_id,
                "package_id": row.package_id,
                "wanted": str(row.wanted),
                "sent": None if row.sent is None else str(row.sent),
                "state": row.state,
                "reason": row.reason,
                "attempts": row.attempts,
                "due_date": row.due_at,
                "sent_date": row.sent_at,
                "modified_date": row.modified_at,
            }
            for row in rows
        ],
        filters=_SYNC_FILTERS,
        sort={"id": "id", "modified_date": "modified_at"},
        default_sort="-id",
    )


@router.post("/intake/status-sync/{int:report_id}/retry/")
@rest.needs("intake:write")
def retry_report(request: HttpRequest, report_id: int) -> Any:
    """Send a report again that was set aside."""
    if not status_store.again([report_id], now=clock.now()):
        raise NotFound("No report that was set aside has this id.")
    return rest.Raw(204)


@router.get("/cancellation-reasons/pull_from_omnitron/")
@rest.needs("intake:write")
def pull_cancellation_reasons(request: HttpRequest) -> Any:
    """Take the reasons of upstream: how many are new, changed, the same, and which were refused; 406 while it is silent."""
    with upstream() as client:
        pulled = pull_reasons(client, now=clock.now())
    accounts.audit(request.principal, "cancellation_reason.pulled", "cancellation_reason", 0, asdict(pulled))
    return asdict(pulled)
