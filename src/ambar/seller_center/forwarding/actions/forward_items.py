"""Tell the commerce hub about changed order items, in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from ambar.kit import failpoints, http, turn
from ambar.kit.outbox import CALLER_HEADER
from ambar.seller_center.forwarding import store
from ambar.seller_center.forwarding.domain import answers
from ambar.seller_center.omnitron_link import queries
from ambar.seller_center.omnitron_link.gateway import OmnitronClient, OmnitronRefused, OmnitronUnavailable
from ambar.seller_center.orders.store import keep_stamps

CALLER = {CALLER_HEADER: "seller-center"}
"""Who we are to the hub's hooks: what its answer said need not be told to us again (decision 96)."""
BATCH = 500
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=10)


def wait(attempts: int, error: Exception) -> timedelta:
    """How long to wait after so many failed attempts: doubling, up to ten minutes, or as long as the hub asked."""
    asked = timedelta(seconds=getattr(error, "retry_after", None) or 0.0)
    return max(asked, min(FIRST_WAIT * 2 ** min(attempts - 1, 12), LONGEST_WAIT))


def forward_items(*, clock: Callable[[], datetime]) -> int:
    """Send one batch of due items; how many rows were settled (told or put off).

    The hub takes a batch as a whole, so a refused batch is halved until the refused item stands alone: it is parked
    with the reason, the others pass. Source: "Order bulk status update".
    """
    with turn.only_one("forward items") as mine:
        return _forward(clock) if mine else 0


def _forward(clock: Callable[[], datetime]) -> int:
    claims = store.claim("item", limit=BATCH, now=clock())
    if not claims:
        return 0
    connection = queries.connection()
    if connection is None:
        store.later(
            claims, due_at=clock() + LONGEST_WAIT, reason="the connection to the commerce hub is not set"
        )
        return len(claims)
    try:
        with OmnitronClient(connection) as client:
            _send(client, claims, clock)
    except (OmnitronUnavailable, http.guard.AddressRefused) as error:
        due = clock() + wait(max(c.attempts for c in claims), error)
        store.later(claims, due_at=due, reason=str(error))
    return len(claims)


def _send(client: OmnitronClient, claims: Sequence[store.Claim], clock: Callable[[], datetime]) -> None:
    rows = store.items([claim.record_id for claim in claims])
    known = [claim for claim in claims if claim.record_id in rows]
    store.done([claim for claim in claims if claim.record_id not in rows], now=clock())
    if not known:
        return
    body = {"orderitem_set": [rows[claim.record_id] for claim in known]}
    try:
        answer = client.request("PATCH", "order_items/bulk_status_update/", json=body, headers=CALLER)
    except OmnitronRefused as error:
        if len(known) == 1:
            store.later(known, due_at=None, reason=str(error))
            return
        middle = len(known) // 2
        _send(client, known[:middle], clock)
        _send(client, known[middle:], clock)
        return
    failpoints.reach("forward_after_send")
    with transaction.atomic():
        keep_stamps(answers.stamps(answer))
        store.done(known, now=clock())
