"""Tell by which id a carrier knows a location."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.locations.models import StockLocation
from ambar.oms.shipments.models import Carrier, SenderAddress


def create_sender(given: Mapping[str, Any], *, now: datetime) -> SenderAddress:
    """A new sender address from `stock_location`, `carrier` (None: any), `origin_id`, `remote_id`, `address`.

    Raises `Invalid` naming the location or carrier that is unknown, or a location that has an address already.
    """
    if not StockLocation.objects.filter(pk=given["stock_location"]).exists():
        raise Invalid(fields={"stock_location": ["No such location."]})
    if given.get("carrier") is not None and not Carrier.objects.filter(pk=given["carrier"]).exists():
        raise Invalid(fields={"carrier": ["No such carrier."]})
    made = SenderAddress(
        location_id=given["stock_location"],
        carrier_id=given.get("carrier"),
        origin_id=given["origin_id"],
        remote_id=given.get("remote_id"),
        address=given.get("address") or {},
        created_at=now,
        modified_at=now,
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise Invalid(fields={"stock_location": ["This location has an address for the carrier."]}) from None
    return made


def change_sender(sender_id: int, given: Mapping[str, Any], *, now: datetime) -> SenderAddress:
    """Change `origin_id`, `remote_id`, `address`; parcels asked for from now on name it. Raises `NotFound`."""
    found = SenderAddress.objects.filter(pk=sender_id).first()
    if found is None:
        raise NotFound("Not found.")
    for name, value in given.items():
        setattr(found, name, value)
    found.modified_at = now
    found.save()
    return found
