"""Take a set of products into the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid
from ambar.seller_center.catalogue import store


def save_products(products: Sequence[store.ProductRow], *, now: datetime) -> dict[str, int]:
    """SKU → id. Errors: `Invalid` when an `upstream_id` already belongs to another SKU (nothing is stored)."""
    try:
        with transaction.atomic():
            return store.upsert(products, now=now)
    except IntegrityError as error:
        message = "an upstream_id belongs to another SKU already; nothing was stored."
        raise Invalid(fields={"products": [message]}) from error
