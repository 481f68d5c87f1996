"""Create or change one product."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid
from ambar.omnitron.catalogue.models import Product


def change_product(product: Product, changes: dict[str, Any], *, now: datetime) -> Product:
    """Sets the given fields and saves.

    :raises Invalid: an unknown parent, or a SKU that is taken.
    """
    for name, value in changes.items():
        if name == "parent":
            if value is not None and not Product.objects.filter(pk=value).exclude(pk=product.pk).exists():
                raise Invalid(fields={"parent": [f'Invalid pk "{value}" - object does not exist.']})
            product.parent_id = value
        else:
            setattr(product, name, value)
    product.created_at = product.created_at or now
    product.modified_at = now
    try:
        with transaction.atomic():
            product.save()
    except IntegrityError as error:
        raise Invalid(fields={"sku": ["product with this sku already exists."]}) from error
    return product
