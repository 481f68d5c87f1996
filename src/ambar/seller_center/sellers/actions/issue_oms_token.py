"""Give a seller's OMS the token it works with."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from ambar.kit import accounts
from ambar.kit.refusals import NotFound
from ambar.seller_center.sellers.models import Seller


def issue_oms_token(seller_id: int, *, name: str, now: datetime) -> str:
    """The clear token, shown once; from then on the seller counts as managed by an OMS.

    The token belongs to the seller's OMS user, which is bound to the seller, so it sees that seller's rows only.
    Errors: `NotFound`. Source: "Integrating OMS with Seller Center", `auth.token` of each endpoint.
    """
    with transaction.atomic():
        seller = Seller.objects.select_for_update().filter(pk=seller_id).first()
        if seller is None:
            raise NotFound()
        user = accounts.ensure_user(
            f"oms:{seller.supplier_code}", secrets.token_urlsafe(32), ["oms"], {"seller_id": seller.pk}
        )
        token = accounts.issue_token(user, name=name)
        seller.oms_managed = True
        seller.modified_at = now
        seller.save(update_fields=["oms_managed", "modified_at"])
    return token
