"""Add an address to a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit.refusals import Invalid, Refusal
from ambar.omnitron.customers import store
from ambar.omnitron.customers.domain.fingerprint import fingerprint
from ambar.omnitron.customers.models import Address, Customer
from ambar.omnitron.places import queries as places


class AddressExists(Refusal):
    """The address exists already."""

    code = "address_exists"

    def __init__(self, hash_data: str) -> None:
        super().__init__(f"hash_data:{hash_data} address with this hash data already exists.")


def add_address(values: dict[str, Any], *, now: datetime) -> Address:
    """Stores the address, its places given by key or by name.

    :raises Invalid: an unknown customer or place.
    :raises AddressExists: the same address is known; its fingerprint opens the message.
    """
    if not Customer.objects.filter(pk=values["customer"]).exists():
        raise Invalid(fields={"customer": [f'Invalid pk "{values["customer"]}" - object does not exist.']})
    [place] = places.resolve([values])
    wrong = {level: [reason] for level, reason in place.items() if isinstance(reason, str)}
    if wrong:
        raise Invalid(fields=wrong)
    row = {**values, **place}
    row["hash_data"] = fingerprint(row)
    with transaction.atomic():
        made = store.save_addresses([row], now=now)
    if not made:
        raise AddressExists(row["hash_data"])
    return Address.objects.get(pk=made[row["hash_data"]])
