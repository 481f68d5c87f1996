"""Sending a package as it stands now to one hook, because a person asks for it."""

from __future__ import annotations

from django.db import connection, transaction

from ambar.kit import clock
from ambar.oms.packages.store import record_events


def publish(package_id: int, type_: str, hook_id: int) -> bool:
    """Record an event of a package as it stands now for one hook; False when there is no such package."""
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_packages_package SET sequence = sequence + 1 WHERE id = %s RETURNING id", [package_id]
        )
        found = cursor.fetchone() is not None
        if found:
            record_events({package_id: (type_,)}, now=now, hook_id=hook_id)
    return found
