"""Let a person of a seller sign in."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ambar.kit import accounts
from ambar.kit.accounts.models import User
from ambar.kit.refusals import Invalid, NotFound
from ambar.seller_center.sellers.models import Seller


def create_user(seller_id: int, *, username: str, password: str) -> Any:
    """A user with the role seller, bound to the seller. Errors: `NotFound`, `Invalid` when the name is taken."""
    with transaction.atomic():
        if not Seller.objects.select_for_update().filter(pk=seller_id).exists():
            raise NotFound()
        if User.objects.filter(username=username).exists():
            raise Invalid(fields={"username": ["user with this username already exists."]})
        return accounts.ensure_user(username, password, ["seller"], {"seller_id": seller_id})
