"""The closing statement of a day: what was offered, taken, told and applied, and that nothing is missing or there twice.

From this side's figures; the Seller Center is asked for its own about the very same events, and where it can't tell, that is
said. Days are UTC. Source: `docs/decisions/0045-closing-statement.md`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from uuid import UUID

from ambar.kit.refusals import Invalid
from ambar.oms.handover import figures
from ambar.oms.handover.actions import reconcile
from ambar.oms.handover.actions.look import packages_apart
from ambar.oms.handover.figures import held
from ambar.oms.handover.gateways import seller_center
from ambar.oms.handover.gateways.seller_center import Silent, Unknowable
from ambar.oms.handover.models import Reconciliation, Statement
from ambar.oms.upstream import configured

__all__ = ["close_yesterday", "compared", "draw_up", "held"]

LONGEST_COMPARING = timedelta(minutes=10)


def close_yesterday(*, now: Callable[[], datetime]) -> Statement:
    """Compare (nothing is repaired), then draw yesterday's statement up: what the nightly job does."""
    compared(now=now)
    return draw_up((now() - timedelta(days=1)).astimezone(UTC).date(), now=now())


def compared(*, now: Callable[[], datetime]) -> Reconciliation:
    """A fresh comparison, carried to its preview by this process or a worker."""
    row = reconcile.start(apply=False, user_id=None, now=now())
    end = now() + LONGEST_COMPARING
    while row.state in Reconciliation.OPEN and now() < end:
        if not reconcile.run_step(now=now, reconciliation_id=row.pk):
            time.sleep(0.1)  # a worker is at it
        row.refresh_from_db()
    return row


def draw_up(day: date | None, *, now: datetime) -> Statement:
    """Draw the statement of a day up and keep it, in place of an earlier one; `None` is today. Errors: `Invalid`."""
    today = now.astimezone(UTC).date()
    wanted = day or today
    if wanted > today:
        raise Invalid(fields={"date": ["This day has not begun."]})
    begin = datetime.combine(wanted, clock_time(), UTC)
    end = begin + timedelta(days=1)
    low, high = first_uuid(begin), first_uuid(end)
    ours, theirs = _both(low, high)
    differences = figures.differences()
    missing, forgotten = _missing(ours, theirs, differences, lambda: _unproven(low, high))
    body = {
        "orders": figures.orders_in(configured.order_source(), begin, end),
        "events": ours,
        "seller_center": theirs,
        "differences": differences,
        "missing": missing,
        "forgotten": forgotten,
        "applied_twice": theirs.get("applied_twice"),
        "repaired": figures.repaired(begin, end),
        "unknown": _unknown(theirs, differences),
    }
    row, _ = Statement.objects.update_or_create(
        day=wanted,
        defaults={"body": body, "is_final": wanted < today, "modified_at": now},
        create_defaults={
            "body": body, "is_final": wanted < today, "created_at": now, "modified_at": now,
        },
    )  # fmt: skip
    return row


def first_uuid(moment: datetime) -> UUID:
    """The least identity an event recorded at this moment may have: identities begin with their milliseconds."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _both(low: UUID, high: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides' figures about the events of these identities; of the other side's, or why there are none.

    Ours are read first: what is delivered between the two must not look lost.
    """
    ours = None
    try:
        with seller_center.connected() as center:
            ours = figures.events_out(low, high, center.base_url)
            return ours, {"known": True, **_read(center.summary(low, high))}
    except (Unknowable, Silent) as problem:
        return ours or figures.events_out(low, high, ""), {"known": False, "why": str(problem)}


def _read(summary: dict[str, Any]) -> dict[str, Any]:
    window, offered = summary.get("window"), summary.get("orders")
    if not isinstance(window, dict):
        raise Unknowable("The Seller Center tells no figures of single days.")
    names = ("received", "applied", "late", "waiting", "parked", "applied_twice")
    return {
        "orders_offered": offered.get("offered") if isinstance(offered, dict) else None,
        **{name: window.get(name) if isinstance(window.get(name), int) else None for name in names},
    }


def _missing(
    ours: dict[str, Any],
    theirs: dict[str, Any],
    differences: dict[str, Any],
    unproven: Callable[[], int | None],
) -> tuple[int | None, int | None]:
    """Events that were delivered and are not there, and records that differ; and those the other side has no trace of though
    their packages stand there as told. Each None when it can't be known. Source: `docs/decisions/0117-forgotten-events.md`."""
    known = [differences["open"]] if differences["known"] else []
    forgotten = None
    if theirs["known"] and theirs.get("received") is not None:
        lost = max(0, ours["delivered"] - theirs["received"])
        doubtful = unproven() if lost else 0
        gone = lost if doubtful is None else min(lost, doubtful)
        known.append(gone)
        forgotten = lost - gone
    return (sum(known) if known else None), forgotten


def _unproven(low: UUID, high: UUID) -> int | None:
    """How many of the delivered events are not sure to have their effect there at this moment; None: nothing is proven."""
    try:
        with seller_center.connected() as center:
            apart = packages_apart(center, configured.order_source())
            return None if apart is None else figures.unproven(low, high, center.base_url, apart)
    except (Unknowable, Silent):
        return None


def _unknown(theirs: dict[str, Any], differences: dict[str, Any]) -> list[str]:
    found = [] if theirs["known"] else [f"Whether events were applied, or applied twice: {theirs['why']}"]
    if not differences["known"]:
        found.append(f"Whether both sides hold the same: {differences['why']}")
    elif not differences["fields"]:
        found.append(f"Whether the fields of packages are the same: {Reconciliation.FIELDS_UNKNOWN}")
    if differences.get("order_fields") is False:
        found.append(f"Whether the fields of orders are the same: {Reconciliation.ORDERS_UNKNOWN}")
    elif differences.get("order_statuses") is False:
        found.append(f"Whether the statuses of orders are the same: {Reconciliation.STATUSES_UNKNOWN}")
    return found
