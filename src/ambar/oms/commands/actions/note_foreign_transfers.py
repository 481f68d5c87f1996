"""Note that somebody reached for a transfer between other locations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ambar.kit import accounts
from ambar.oms.packages.queries import location_bounds
from ambar.oms.transfers.models import Transfer


def note_foreign_transfers(
    principal: Any, transfer_ids: Sequence[int], *, action: str, now: datetime
) -> list[int]:
    """Write an audit entry for each transfer that exists but is not the caller's; the answer stays "not found"."""
    bounds = location_bounds(principal)
    possible = [transfer_id for transfer_id in transfer_ids if transfer_id < 2**63]
    if bounds is None or not possible:
        return []
    rows = Transfer.objects.filter(pk__in=possible).exclude(source_id__in=bounds)
    foreign = sorted(rows.exclude(destination_id__in=bounds).values_list("pk", flat=True))
    for transfer_id in foreign:
        accounts.audit(principal, action, "transfer", transfer_id, {"answered": "not found"}, now=now)
    return foreign
