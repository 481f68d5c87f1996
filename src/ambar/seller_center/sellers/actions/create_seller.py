"""Take a new seller into the marketplace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid
from ambar.seller_center.sellers.models import Seller


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSeller:
    supplier_code: str
    name: str
    oms_managed: bool = False


def create_seller(command: CreateSeller, *, now: datetime) -> Seller:
    """A new active seller. Errors: `Invalid` when the supplier code is taken."""
    try:
        with transaction.atomic():
            return Seller.objects.create(
                supplier_code=command.supplier_code,
                name=command.name,
                oms_managed=command.oms_managed,
                created_at=now,
                modified_at=now,
            )
    except IntegrityError as error:
        taken = "seller with this supplier code already exists."
        raise Invalid(fields={"supplier_code": [taken]}) from error
