"""Background entry points of upstream: the pull loop, the status loop and the inbox of pushed events."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from ambar.kit import clock, health, work
from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.omnitron_client.gateways import client as upstream_client
from ambar.oms.orders.intake_store import CANCELLING
from ambar.oms.upstream import configured
from ambar.oms.upstream.actions.answer_plans import answer_plans
from ambar.oms.upstream.actions.pull import Puller
from ambar.oms.upstream.actions.release_known import Release
from ambar.oms.upstream.actions.sync_statuses import note_changes, send_due
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.actions.take_plans import take_plans
from ambar.oms.upstream.domain import verdicts

log = structlog.get_logger("ambar.upstream")

BUSY_SECONDS = 0.15
"""Pause between two polls while orders keep coming; each asks again for the last moments, so it is not shorter."""
WAITED_SECONDS = 0.03
"""The same where upstream holds its answer back until there is something: then a poll is never in vain."""
LOOK_SECONDS = 0.03
PLANS_SECONDS = 0.5
RELEASE_SECONDS = 5.0
TELL_SECONDS = 2.0
"""Pause after statuses were told: what a floor does to a package within it is told in one go, as its newest status. Each
report makes a new version of the order there, which comes back here with the next pull."""
MOST_REPORTS = 50
DECIDED = 100
NEW = (verdicts.CREATED, verdicts.UPDATED)


def _take_orders(records: Sequence[Any], source: str, now: datetime) -> int:
    settings = configured.current()
    found = take_orders(records, source=source, configured=settings, now=now, beyond=_latest(settings, now))
    return sum(verdict.outcome in NEW for verdict in found)


def _latest(settings: configured.Configured, now: datetime) -> datetime:
    """The latest time a version can have that was stamped by a clock which goes right."""
    return now + timedelta(seconds=settings.overlap_seconds)


def _take_plans(records: Sequence[Any], source: str, now: datetime) -> int:
    take_plans(records, source=source, now=now, beyond=_latest(configured.current(), now))
    return len(records)


class PullLoop:
    """Pulls one stream: again at once while pages bring something, then ever more rarely up to `poll_seconds`."""

    def __init__(self, puller: Puller) -> None:
        self._puller = puller
        self._pause = 0.0
        self._due = 0.0

    def drain(self) -> int:
        """One round; 0 when nothing was new, it is not time yet, or nothing is configured."""
        settings = configured.current()
        if not settings.supplier_code or time.monotonic() < self._due:
            return 0
        taken, asked, failed = 0, 0.0, False
        try:
            client = upstream_client.current()
            taken = (
                self._puller.pull(
                    client, supplier_code=settings.supplier_code, overlap_seconds=settings.overlap_seconds
                )
                or 0
            )
        except upstream_client.NotConfigured:
            pass
        except upstream_client.UpstreamFailed as failure:
            log.warning("pull_failed", endpoint=self._puller.endpoint, reason=str(failure))
            self._pause, asked, failed = settings.poll_seconds, failure.retry_after or 0.0, True
        if taken:
            self._pause = BUSY_SECONDS
        elif not failed:
            self._pause = min(max(self._pause * 2, BUSY_SECONDS), settings.poll_seconds)
        if self._puller.waited_for and not failed:
            self._pause = WAITED_SECONDS
        self._due = time.monotonic() + max(self._pause, asked)
        return 0


def _sync() -> int:
    noted = note_changes(configured.current().status_map, now=clock.now())
    try:
        client = upstream_client.current()
    except upstream_client.NotConfigured:
        return noted
    sent = 0
    for _ in range(MOST_REPORTS):
        now_sent = send_due(client, now=clock.now)
        sent += now_sent
        if not now_sent:
            break
    return noted + sent


def _cancel() -> int:
    decided = decide_cancellations(limit=DECIDED, now=clock.now())
    try:
        client = upstream_client.current()
    except upstream_client.NotConfigured:
        return decided
    return decided + answer_plans(client, now=clock.now)


def _oldest_report_seconds() -> float:
    from django.db.models import Min

    from ambar.oms.upstream.models import StatusSync

    oldest = StatusSync.objects.filter(state="pending").aggregate(at=Min("modified_at"))["at"]
    return 0.0 if oldest is None else (clock.now() - oldest).total_seconds()


def _open_quarantine() -> float:
    from ambar.oms.upstream.models import Quarantined

    return float(Quarantined.objects.filter(closed_at__isnull=True).count())


def _apply_order_events(rows: Sequence[Any]) -> None:
    for source in sorted({row.source for row in rows}):
        mine = [row for row in rows if row.source == source]
        records = [row.payload for row in mine]
        take_orders(records, source=source, configured=configured.of_pushes(source), now=clock.now())


def _apply_plan_events(rows: Sequence[Any]) -> None:
    for source in sorted({row.source for row in rows}):
        take_plans([row.payload for row in rows if row.source == source], source=source, now=clock.now())


_release = Release()


def _let_go() -> int:
    _release.look(configured.order_source(), configured=configured.current(), now=clock.now())
    return 0


ORDER_EVENTS = ("order.created", "order.updated")
PLAN_EVENTS = ("cancellation_plan.created", "cancellation_plan.updated")


def register() -> None:
    """Tell the worker of the loops of this room."""
    from ambar.kit.outbox import inbox

    work.loop("intake", PullLoop(Puller("orders", _take_orders)).drain, idle_seconds=LOOK_SECONDS)
    work.loop(
        "intake_plans", PullLoop(Puller("cancellation_plans", _take_plans)).drain, idle_seconds=PLANS_SECONDS
    )
    work.loop(CANCELLING, _cancel, idle_seconds=1.0)
    work.loop("quarantine_release", _let_go, idle_seconds=RELEASE_SECONDS)
    work.loop("status_sync", _sync, idle_seconds=1.0, busy_seconds=TELL_SECONDS)
    inbox.loop("inbox_orders", list(ORDER_EVENTS), _apply_order_events)
    inbox.loop("inbox_plans", list(PLAN_EVENTS), _apply_plan_events)
    health.gauge("status_reports_oldest_seconds", _oldest_report_seconds)
    health.gauge("intake_quarantine_open", _open_quarantine)
