"""Write the shipping cost table that SELECT_BY_COST reads."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.scenarios import store
from ambar.oms.scenarios.models import ShippingCost


def set_shipping_costs(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """`rows` (zone, parcel, per_kg) are the whole table from now on. Raises `Invalid` when a zone stands twice."""
    zones = [row["zone"] for row in rows]
    twice = sorted({zone for zone in zones if zones.count(zone) > 1})
    if twice:
        raise Invalid(fields={"costs": [f"Zone '{zone}' stands twice." for zone in twice]})
    with transaction.atomic():
        store.raise_version()
        store.replace_costs(rows, now=now)


def change_shipping_cost(row_id: int, given: Mapping[str, Any], *, now: datetime) -> ShippingCost:
    """Change amounts of one zone. Raises `NotFound`."""
    with transaction.atomic():
        row = ShippingCost.objects.select_for_update().filter(pk=row_id).first()
        if row is None:
            raise NotFound("Not found.")
        for name, value in given.items():
            setattr(row, name, value)
        row.modified_at = now
        row.save()
        store.raise_version()
    return row
