"""Delete a denial reason."""

from __future__ import annotations

from ambar.kit.refusals import NotFound
from ambar.oms.packages.models import PackageDenialReason


def delete_denial_reason(reason_id: int) -> None:
    """Delete it; the log of past refusals keeps its title. Raises `NotFound`. Akinon OMS: Package denial reasons."""
    deleted, _ = PackageDenialReason.objects.filter(pk=reason_id).delete()
    if not deleted:
        raise NotFound("Denial reason not found.")
