"""Note that somebody reached for a package of another location."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ambar.kit import accounts
from ambar.oms.packages.models import Package
from ambar.oms.packages.queries import location_bounds


def note_foreign(principal: Any, package_ids: Sequence[int], *, action: str, now: datetime) -> list[int]:
    """Write an audit entry for each package that exists but is not the caller's; the answer stays "not found"."""
    bounds = location_bounds(principal)
    possible = [package_id for package_id in package_ids if package_id < 2**63]
    if bounds is None or not possible:
        return []
    rows = Package.objects.filter(pk__in=possible).exclude(location_id__in=bounds)
    foreign = sorted(rows.values_list("pk", flat=True))
    for package_id in foreign:
        accounts.audit(principal, action, "package", package_id, {"answered": "not found"}, now=now)
    return foreign
