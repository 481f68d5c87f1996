"""Change a seller's name, state, hook secret, or whether an OMS owns its orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ambar.kit import vault
from ambar.kit.refusals import NotFound
from ambar.seller_center.sellers import queries
from ambar.seller_center.sellers.models import Seller


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSeller:
    """`None` keeps a value; an empty `hook_secret` clears it."""

    seller_id: int
    name: str | None = None
    state: str | None = None
    oms_managed: bool | None = None
    hook_secret: str | None = None


def change_seller(command: ChangeSeller, *, now: datetime) -> Seller:
    """The seller as changed. Errors: `NotFound`."""
    with transaction.atomic():
        row = Seller.objects.select_for_update().filter(pk=command.seller_id).first()
        if row is None:
            raise NotFound()
        for name in ("name", "state", "oms_managed"):
            value = getattr(command, name)
            if value is not None:
                setattr(row, name, value)
        if command.hook_secret is not None:
            row.hook_secret_sealed = vault.seal(command.hook_secret) if command.hook_secret else None
        row.modified_at = now
        row.save()
    queries.hook_identity.forget()
    return row
