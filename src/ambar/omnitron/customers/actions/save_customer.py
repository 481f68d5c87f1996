"""Create or change a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid
from ambar.omnitron.customers.models import Customer


def save_customer(customer: Customer, changes: dict[str, Any], *, now: datetime) -> Customer:
    """Sets the given fields and saves.

    :raises Invalid: a channel code that is taken in its channel.
    """
    for name, value in changes.items():
        setattr(customer, name, value)
    customer.channel_code = customer.channel_code or None
    customer.created_at = customer.created_at or now
    customer.modified_at = now
    try:
        with transaction.atomic():
            customer.save()
    except IntegrityError as error:
        raise Invalid(
            fields={"channel_code": ["customer with this channel and channel_code already exists."]}
        ) from error
    return customer
