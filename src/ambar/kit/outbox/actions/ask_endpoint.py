"""A person wants an ill or paused endpoint probed now."""

from __future__ import annotations

from datetime import datetime

from ambar.kit import work
from ambar.kit.outbox.models import EndpointHealth, EndpointTurn


def ask_endpoint(health_id: int, *, now: datetime) -> bool:
    """Has every worker probe it at once; False when it is well meanwhile.

    The time it has failed for begins anew, so that a paused one is tried as any other again; what it asked for with
    `Retry-After` is over.
    """
    found = EndpointHealth.objects.filter(pk=health_id)
    EndpointTurn.objects.filter(origin__in=found.values("origin")).update(not_before=None)
    asked = bool(
        found.update(asked_at=now, paused_at=None, failing_since=now, next_probe_at=now, modified_at=now)
    )
    work.wake("hooks")
    return asked
