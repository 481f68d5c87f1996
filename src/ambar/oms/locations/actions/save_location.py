"""Create a stock location or change it."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit import clock, outbox
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.locations import announcing
from ambar.oms.locations.domain import events
from ambar.oms.locations.domain.address import LEVELS, check_address
from ambar.oms.locations.models import QuotaUsed, StockLocation
from ambar.oms.locations.registry import engine_exists
from ambar.oms.places import queries as places

COLUMNS = {"engine": "engine_id", **{level: f"{level}_id" for level in LEVELS}}


def save_location(given: Mapping[str, Any], *, location_id: int | None = None) -> StockLocation:
    """Store the given fields. Raises `Invalid` naming fields, `NotFound`.

    Source: "Akinon OMS: How to set up and manage locations".
    """
    with transaction.atomic():
        location = StockLocation() if location_id is None else _locked(location_id)
        for name, value in given.items():
            setattr(location, COLUMNS.get(name, name), value)
        if any(level in given for level in LEVELS):
            _check_places(location)
        engine = given.get("engine")
        if engine is not None and not engine_exists(engine):
            raise Invalid(fields={"engine": [f"Inventory engine {engine} does not exist."]})
        try:
            with transaction.atomic():
                location.save()
        except IntegrityError as error:
            if "erp_code" not in str(error):
                raise
            raise Invalid(fields={"erp_code": ["A location with this ERP code exists."]}) from None
        QuotaUsed.objects.get_or_create(location=location)
        type_ = events.CREATED if location_id is None else events.UPDATED
        if outbox.wanted(type_):
            announcing.announce(type_, announcing.payloads([location.pk]).values(), now=clock.now())
    return location


def _locked(location_id: int) -> StockLocation:
    found = StockLocation.objects.select_for_update().filter(pk=location_id).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def _check_places(location: StockLocation) -> None:
    given = {level: getattr(location, f"{level}_id") for level in LEVELS}
    parents: dict[str, int | None] = {}
    for level, place in given.items():
        if place is None:
            continue
        if level == "country":
            parents[level] = 0 if places.exists(level, place) else None
        else:
            parents[level] = places.parent_of(level, place)
    check_address(given, parents)
