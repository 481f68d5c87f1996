"""Change one retail store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.omnitron.places import queries as places
from ambar.omnitron.places.models import Township
from ambar.omnitron.stores.actions.announce_stores import announce_stores
from ambar.omnitron.stores.models import RetailStore


def change_store(key: int, changes: dict[str, Any], *, now: datetime) -> RetailStore:
    """Sets the given fields and records `retail_store.updated`.

    :raises NotFound: no such store.
    :raises Invalid: an unknown place, or an ERP code that is taken.
    """
    with transaction.atomic():
        row = RetailStore.objects.select_for_update().select_related("township").filter(pk=key).first()
        if row is None:
            raise NotFound()
        named = {level: changes.pop(level) for level in places.LEVELS if level in changes}
        if named:
            _move(row, named)
        for name, value in changes.items():
            setattr(row, name, value)
        row.sequence += 1
        row.modified_at = now
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise Invalid(fields={"erp_code": ["retail store with this erp code already exists."]}) from error
        announce_stores({row.pk: False}, now=now)
    return row


def _move(row: RetailStore, named: dict[str, Any]) -> None:
    wanted = {"city": row.township.city_id, "township": row.township_id, **named}
    if "city" not in named and isinstance(named.get("township"), int):
        wanted["city"] = (
            Township.objects.filter(pk=named["township"]).values_list("city_id", flat=True).first()
        )
    [place] = places.resolve([wanted])
    wrong = {level: [reason] for level, reason in place.items() if isinstance(reason, str)}
    if wrong or place["township"] is None:
        raise Invalid(fields=wrong or {"township": ["This field is required."]})
    row.township_id, row.district_id = place["township"], place["district"]
