"""Note that somebody reached for a record of another location."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ambar.kit import accounts
from ambar.oms.commands.kinds import Kind
from ambar.oms.packages.queries import location_bounds


def note_foreign(kind: Kind, principal: Any, ids: Sequence[int], *, now: datetime) -> list[int]:
    """Write an audit entry for each record that exists but is not the caller's; the answer stays "not found"."""
    bounds = location_bounds(principal)
    possible = [record_id for record_id in ids if record_id < 2**63]
    if bounds is None or not possible:
        return []
    foreign = kind.foreign(possible, bounds)
    for record_id in foreign:
        action = f"{kind.name}.command.foreign"
        accounts.audit(principal, action, kind.name, record_id, {"answered": "not found"}, now=now)
    return foreign
