"""Background work of the outbox: the delivery engine and the purge of what is done."""

from __future__ import annotations

import os
import threading

from ambar.kit import clock, health, work
from ambar.kit.outbox import purge, queries
from ambar.kit.outbox.actions import replay_events


def _deliver(stop: threading.Event) -> None:
    from ambar.kit.outbox.deliveries.process import run

    run(stop)


work.thread("deliveries", _deliver)


def _replay() -> int:
    return replay_events.run_slice(now=clock.now)


work.loop(replay_events.LOOP, _replay, idle_seconds=1.0)


@work.job("outbox_purge", every=3600)
def outbox_purge() -> None:
    """Removes delivered and applied rows older than `AMBAR_OUTBOX_KEEP_DAYS` (84, as the public library)."""
    purge.purge(now=clock.now(), keep_days=int(os.environ.get("AMBAR_OUTBOX_KEEP_DAYS", "84")))


health.gauge("outbox_pending", queries.pending)
health.gauge("outbox_oldest_due_seconds", queries.oldest_due_seconds)
health.gauge("outbox_parked", queries.parked)
health.gauge("outbox_paused_endpoints", queries.paused_endpoints)
health.gauge("inbox_waiting", queries.inbox_waiting)
health.gauge("inbox_parked", queries.inbox_parked)


def _lag() -> tuple[bool, object]:
    # A receiver that is down must not take this system out of service: shown, never red.
    return True, {
        "oldest_due_seconds": round(queries.oldest_due_seconds(), 1),
        "parked": int(queries.parked()),
        "paused_endpoints": int(queries.paused_endpoints()),
    }


health.readiness("deliveries", _lag)
