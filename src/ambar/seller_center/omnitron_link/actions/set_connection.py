"""Set where the commerce hub is and as whom we call it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ambar.kit import vault
from ambar.seller_center.omnitron_link import queries
from ambar.seller_center.omnitron_link.models import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConnection:
    """Secrets: `None` keeps the stored one, an empty string clears it. Times in milliseconds."""

    base_url: str
    username: str = ""
    password: str | None = None
    token: str | None = None
    hook_secret: str | None = None
    channel_id: int | None = None
    catalog_id: int | None = None
    failed_cancellation_reason_id: int | None = None
    read_ms: int = 6000
    connect_ms: int = 6000


def set_connection(command: SetConnection, *, now: datetime) -> None:
    """Write the one settings row, sealing what is secret.

    Source: Seller Center settings of "Launch your marketplace" (OMNITRON_CHANNEL_ID, OMNITRON_CATALOG_ID, ...).
    """
    with transaction.atomic():
        row = Connection.objects.select_for_update().filter(pk=1).first() or Connection(id=1)
        for name in (
            "base_url",
            "username",
            "channel_id",
            "catalog_id",
            "failed_cancellation_reason_id",
            "read_ms",
            "connect_ms",
        ):
            setattr(row, name, getattr(command, name))
        for name in ("password", "token", "hook_secret"):
            clear = getattr(command, name)
            if clear is not None:
                setattr(row, f"{name}_sealed", vault.seal(clear) if clear else None)
        row.modified_at = now
        row.save()
    queries.hook_secrets.forget()
