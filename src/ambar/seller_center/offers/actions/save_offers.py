"""Take a seller's offers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.seller_center.offers import store
from ambar.seller_center.sellers.models import Seller


def save_offers(seller_id: int, offers: Sequence[store.OfferRow], *, now: datetime) -> int:
    """How many were stored. Errors: `NotFound` (seller), `Invalid` naming SKUs without a product (nothing stored)."""
    with transaction.atomic():
        if not Seller.objects.filter(pk=seller_id).exists():
            raise NotFound()
        unknown = store.unknown_skus(row.sku for row in offers)
        if unknown:
            raise Invalid(fields={"sku": [f"Unknown SKU: {sku}" for sku in unknown[:50]]})
        return store.upsert(seller_id, offers, now=now)
