"""Add or change a denial reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.packages.models import PackageDenialReason


def save_denial_reason(
    values: Mapping[str, Any], *, reason_id: int | None = None, now: datetime
) -> PackageDenialReason:
    """Create (`reason_id` None) or change a reason. Raises `Invalid` for a title in use, `NotFound` for an unknown id."""
    if reason_id is None:
        reason = PackageDenialReason(created_at=now)
    else:
        found = PackageDenialReason.objects.filter(pk=reason_id).first()
        if found is None:
            raise NotFound("Denial reason not found.")
        reason = found
    for field, value in values.items():
        setattr(reason, field, value)
    reason.modified_at = now
    try:
        with transaction.atomic():
            reason.save()
    except IntegrityError as error:
        raise Invalid(fields={"title": ["A denial reason with this title exists already."]}) from error
    return reason
