"""Start copying the address dictionaries in the background."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from ambar.kit import work
from ambar.kit.refusals import Conflict
from ambar.seller_center.places.models import CopyRun

STALE = timedelta(minutes=30)
"""A run that never ended is taken for dead after this long."""


def start_copy(*, now: datetime) -> int:
    """The id of the started run. Errors: `Conflict` when one is under way."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sc_places_copy'))")
        if CopyRun.objects.filter(status="WORKING", started_at__gt=now - STALE).exists():
            raise Conflict("The address dictionaries are being copied already.", code="places_copy_running")
        run = CopyRun.objects.create(status="WORKING", started_at=now)
        work.defer("copy_places", run_id=run.pk)
    return run.pk
