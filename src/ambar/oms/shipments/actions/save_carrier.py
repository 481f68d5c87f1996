"""Connect a carrier, or change its connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit import vault
from ambar.kit.http import AddressRefused, guard
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.shipments.gateways.adapters import ADAPTERS
from ambar.oms.shipments.models import Carrier
from ambar.oms.shipments.schemas import MASK


def save_carrier(given: Mapping[str, Any], *, carrier_id: int | None = None, now: datetime) -> Carrier:
    """Store the given fields. A masked password keeps the stored one, unless the address changes: then it is asked for
    again, so that nobody can send it elsewhere. Raises `Invalid` naming fields, `NotFound`."""
    values = dict(given)
    if values.get("adapter", "shipment_flow") not in ADAPTERS:
        raise Invalid(fields={"adapter": [f"Known: {', '.join(ADAPTERS)}."]})
    if "base_url" in values:
        try:
            guard.check(values["base_url"])
        except AddressRefused as refused:
            raise Invalid(fields={"base_url": [refused.message]}) from None
    with transaction.atomic():
        carrier = Carrier(created_at=now)
        if carrier_id is not None:
            found = Carrier.objects.select_for_update().filter(pk=carrier_id).first()
            if found is None:
                raise NotFound("Not found.")
            carrier = found
        moved = values.get("base_url", carrier.base_url) != carrier.base_url
        if carrier.password and moved and values.get("password", MASK) == MASK:
            raise Invalid(fields={"password": ["Give it again when the address changes."]})
        if values.get("password") == MASK:
            values.pop("password")
        if "password" in values:
            values["password"] = vault.seal(values["password"])
        for name, value in values.items():
            setattr(carrier, name, value)
        carrier.modified_at = now
        try:
            with transaction.atomic():
                carrier.save()
        except IntegrityError as error:
            if "code" not in str(error):
                raise
            raise Invalid(fields={"code": ["A carrier with this code exists."]}) from None
    return carrier
