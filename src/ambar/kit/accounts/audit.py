"""The audit trail: written in the transaction of the act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .. import clock
from ..log import mask_secrets
from .models import AuditEntry
from .principal import Principal


def audit(
    principal: Principal | None,
    action: str,
    object_kind: str,
    object_id: int | None,
    detail: Mapping[str, Any] | None = None,
    *,
    now: datetime | None = None,
) -> None:
    """Records one act; secrets in `detail` are masked. `principal` None = the system itself."""
    AuditEntry.objects.create(
        at=now or clock.now(),
        user_id=principal.user_id if principal else None,
        username=principal.username if principal else "",
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        detail=mask_secrets(dict(detail or {})),
    )
