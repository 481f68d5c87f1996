"""What a claim asks PostgreSQL for: which hooks, how many rows of each, under which caps and which lease."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ambar.kit.outbox.deliveries import statements
from ambar.kit.outbox.deliveries.targets import Directory

HORIZON = 0.25
"""What is claimed for an endpoint with a rate cap can be sent within this part of a lease, by all processes together."""
Asked = tuple[int, int, int, datetime, bool]
"""Hook id, endpoint number, most rows, earliest due time to look at, whether the next one may come before its time."""


def question(
    asked: Sequence[Asked], directory: Directory, *, lease_seconds: float, worker: str
) -> tuple[str, dict[str, Any]]:
    """The statement that claims for `asked`, and its parameters."""
    hooks, endpoints, budgets, floors, early = (list(column) for column in zip(*asked, strict=True))
    asking = [directory.targets[hook].endpoint for hook in hooks]
    parameters = {
        "hooks": hooks,
        "endpoints": endpoints,
        "budgets": budgets,
        "floors": floors,
        "early": early,
        "origins": [endpoint.origin for endpoint in asking],
        "rates": [endpoint.rate for endpoint in asking],
        "known": [directory.targets[hook].known for hook in hooks],
        "capped": sorted({endpoint.origin for endpoint in asking if endpoint.rate}),
        "horizon": lease_seconds * HORIZON,
        "lease": lease_seconds,
        "worker": worker,
    }
    collapsing = [hook for hook in hooks if directory.targets[hook].collapse]
    if not collapsing:
        return statements.CLAIM, parameters
    return statements.CLAIM_COLLAPSING, {**parameters, "collapsing": collapsing}
