"""Tell the commerce hub how a cancellation plan was answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ambar.kit import http, turn
from ambar.seller_center.forwarding import store
from ambar.seller_center.forwarding.actions.forward_items import LONGEST_WAIT, wait
from ambar.seller_center.omnitron_link import queries
from ambar.seller_center.omnitron_link.gateway import OmnitronClient, OmnitronRefused, OmnitronUnavailable

BATCH = 50


def forward_plans(*, clock: Callable[[], datetime]) -> int:
    """Send due answers, one call each; how many rows were settled. A refused one is parked with the reason."""
    with turn.only_one("forward plans") as mine:
        return _forward(clock) if mine else 0


def _forward(clock: Callable[[], datetime]) -> int:
    claims = store.claim("plan", limit=BATCH, now=clock())
    if not claims:
        return 0
    connection = queries.connection()
    if connection is None:
        store.later(
            claims, due_at=clock() + LONGEST_WAIT, reason="the connection to the commerce hub is not set"
        )
        return len(claims)
    answers = store.plan_answers([claim.record_id for claim in claims])
    with OmnitronClient(connection) as client:
        for claim in claims:
            if claim.record_id not in answers:
                store.done([claim], now=clock())
                continue
            upstream_id, body = answers[claim.record_id]
            try:
                client.request("PATCH", f"cancellation_plans/{upstream_id}/", json=body)
                store.done([claim], now=clock())
            except OmnitronRefused as error:
                store.later([claim], due_at=None, reason=str(error))
            except (OmnitronUnavailable, http.guard.AddressRefused) as error:
                store.later([claim], due_at=clock() + wait(claim.attempts, error), reason=str(error))
    return len(claims)
