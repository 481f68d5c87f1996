"""Tell upstream what became of the order items (endpoint `order_item_bulk_update`).

Two steps, so that nothing is locked while upstream is asked: package changes become reports (newest status per item,
never backwards), then due reports are sent in one request for many orders. An answer that refuses is narrowed down to
the items at fault; those are set aside with the reason, the others go through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction

from ambar.kit import failpoints, turn
from ambar.oms.omnitron_client.gateways.client import Client, UpstreamFailed
from ambar.oms.orders.echo_store import Told
from ambar.oms.upstream import own_versions, status_store
from ambar.oms.upstream.domain import statuses
from ambar.oms.upstream.schemas import moment
from ambar.oms.upstream.status_store import Due, Part, Report, Settled

ENDPOINT = "order_item_bulk_update"
ITEM = "orderitem_set"
ORDERS = "orders"
PACKAGES = 500
ITEMS = 200
LONGEST_WAIT_SECONDS = 300.0
MOST_MISMATCHES = 8
REFUSING = frozenset({400, 404, 406, 409, 413, 422})


def note_changes(status_map: Mapping[int, int], *, now: datetime) -> int:
    """Turn package changes that are to be told into reports; returns how many order items were looked at."""
    with transaction.atomic():
        parts = status_store.collect_due(PACKAGES, now=now)
        grouped = [list(group) for _, group in groupby(parts, key=lambda part: part.order_item_id)]
        reports = [report for group in grouped if (report := _report(group, status_map)) is not None]
        status_store.write_reports(reports, now=now)
    return len(grouped)


def _report(parts: list[Part], status_map: Mapping[int, int]) -> Report | None:
    cancelled = parts[0].item_state == statuses.CANCELED
    code = statuses.CANCELED if cancelled else statuses.wanted([part.state for part in parts], status_map)
    if code is None:
        return None
    living = [part for part in parts if part.state not in statuses.GONE] or parts
    last = living[-1]
    return Report(
        order_id=last.order_id,
        order_number=last.order_number,
        order_item_id=last.order_item_id,
        upstream_item_id=last.upstream_item_id,
        package_id=last.package_id,
        wanted=code,
        fields={
            "tracking_number": last.tracking_number,
            "shipping_company": last.shipping_company,
            "invoice_number": last.invoice_number,
            "invoice_date": None if last.invoice_date is None else moment(last.invoice_date),
            "e_archive_url": last.invoice_url,
        },
    )


def send_due(client: Client, *, now: Callable[[], datetime]) -> int:
    """Send one batch of due reports; returns how many were settled or put off, 0 while another worker sends."""
    with turn.only_one("tell statuses") as mine:
        due = status_store.claim(ITEMS, now=now()) if mine else []
        if due:
            settled = _send(client, due, now)
            failpoints.reach("statuses_after_send")
            status_store.settle(settled, now=now())
    return len(due)


def _send(client: Client, due: Sequence[Due], now: Callable[[], datetime]) -> list[Settled]:
    body = {
        "orderitem_set": [
            {"id": one.upstream_item_id, "status": str(one.wanted), **one.fields} for one in due
        ]
    }
    try:
        answer = client.call(ENDPOINT, body=body, headers=own_versions.ASKED)
    except UpstreamFailed as failure:
        if failure.status not in REFUSING:
            return [_later(one, str(failure), now(), failure.retry_after) for one in due]
        if len(due) == 1:
            return [_refused(client, due[0], str(failure))]
        return [settled for half in _halves(due) for settled in _send(client, half, now)]
    answered = _by_item(answer)
    settled = [_read(one, answered, now()) for one in due]
    _follow(client, answer, settled, now())
    return settled


def _follow(client: Client, answer: Any, settled: Sequence[Settled], now: datetime) -> None:
    """Where orders are read from the system that was told, its answer says which versions need not be read."""
    source = client.source(ORDERS)
    if source != client.source(ENDPOINT) or any(one.state != "sent" or one.reason for one in settled):
        return
    told = [
        Told(
            item=one.due.upstream_item_id,
            wanted=one.due.wanted,
            tracking=one.due.fields.get("tracking_number"),
            invoice=one.due.fields.get("invoice_number"),
        )
        for one in settled
    ]
    own_versions.follow(answer, told, source=source, now=now)


def _refused(client: Client, due: Due, reason: str) -> Settled:
    """An item upstream will not take this status for: settled when it is there already or further, else set aside."""
    try:
        item = client.call(ITEM, pk=due.upstream_item_id)
    except UpstreamFailed:
        return Settled(due=due, state="set_aside", reason=reason)
    told = statuses.code(item.get("status")) if isinstance(item, dict) else None
    if told is not None and not statuses.may_follow(told, due.wanted):
        return Settled(due=due, state="sent", reason=f"upstream is already at {told}")
    return Settled(due=due, state="set_aside", reason=reason)


def _halves(due: Sequence[Due]) -> list[Sequence[Due]]:
    """Two parts, cut between two orders where there are two."""
    middle = len(due) // 2
    for place in (*range(middle, len(due)), *range(middle, 0, -1)):
        if due[place].order_id != due[place - 1].order_id:
            return [due[:place], due[place:]]
    return [due[:middle], due[middle:]]


def _by_item(answer: Any) -> dict[Any, dict[str, Any]] | None:
    """The rows of an answer by their item; `None` where it is no list: it says nothing but that all was taken."""
    rows = answer.get("orderitem_set", answer.get("results")) if isinstance(answer, dict) else answer
    if not isinstance(rows, list):
        return None
    return {_item(row): row for row in rows if isinstance(row, dict)}


def _item(row: dict[str, Any]) -> Any:
    key = row.get("id", row.get("pk"))
    return key if isinstance(key, int) else None


def _read(due: Due, answered: dict[Any, dict[str, Any]] | None, now: datetime) -> Settled:
    if answered is None:
        return Settled(due=due, state="sent")
    mine = answered.get(due.upstream_item_id)
    told = statuses.code(mine.get("status")) if mine else None
    if told == due.wanted:
        return Settled(due=due, state="sent")
    if told is not None and not statuses.may_follow(told, due.wanted):
        return Settled(due=due, state="sent", reason=f"upstream is already at {told}")
    reason = str(
        (mine or {}).get("error") or f"upstream answered {told if mine else 'nothing'} for this item"
    )
    if due.attempts >= MOST_MISMATCHES:
        return Settled(due=due, state="set_aside", reason=reason)
    return _later(due, reason, now, None)


def _later(due: Due, reason: str, now: datetime, retry_after: float | None) -> Settled:
    wait = max(retry_after or 0.0, min(2.0 ** min(due.attempts - 1, 10), LONGEST_WAIT_SECONDS))
    return Settled(due=due, state="pending", reason=reason, due_at=now + timedelta(seconds=wait))
