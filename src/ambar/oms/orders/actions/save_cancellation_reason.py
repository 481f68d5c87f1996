"""Add or change a cancellation reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.orders.models import CancellationReason


def save_cancellation_reason(
    values: Mapping[str, Any], *, reason_id: int | None = None, now: datetime
) -> CancellationReason:
    """Create (`reason_id` None) or change a reason. Raises `Invalid` for a title or remote id in use, `NotFound`."""
    if reason_id is None:
        reason = CancellationReason(created_at=now)
    else:
        found = CancellationReason.objects.filter(pk=reason_id).first()
        if found is None:
            raise NotFound("Cancellation reason not found.")
        reason = found
    for field, value in values.items():
        setattr(reason, field, value)
    reason.modified_at = now
    try:
        with transaction.atomic():
            reason.save()
    except IntegrityError as error:
        field = "remote_id" if "remote_id" in str(error) else "title"
        raise Invalid(fields={field: ["A cancellation reason with this value exists already."]}) from error
    return reason
