"""Load retail stores in bulk, matched by ERP code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.omnitron import bulk
from ambar.omnitron.places import queries as places
from ambar.omnitron.places.models import Township
from ambar.omnitron.stores import store
from ambar.omnitron.stores.actions.announce_stores import announce_stores
from ambar.omnitron.stores.schemas import StoreIn


def load_stores(rows: Sequence[Any], *, now: datetime) -> list[dict[str, Any]]:
    """Inserts or replaces stores in one statement, with their events; a bad row is refused alone.

    A store without coordinates takes those of its township.

    :returns: per row `{"index", "result": "created"|"updated"|"refused", "id", "erp_code" | "errors"}`.
    """
    batch = bulk.read(rows, StoreIn)
    batch.once("erp_code", lambda row: row["erp_code"])
    _place(batch)
    if batch.good:
        with transaction.atomic():
            saved = store.save(list(batch.good.values()), now=now)
            announce_stores(dict(saved.values()), now=now)
        for position, row in batch.good.items():
            key, created = saved[row["erp_code"]]
            batch.accept(position, key, "created" if created else "updated", erp_code=row["erp_code"])
    return batch.results()


def _place(batch: bulk.Batch) -> None:
    positions = sorted(batch.good)
    found = places.resolve([_with_city(batch.good[position]) for position in positions])
    for position, place in zip(positions, found, strict=True):
        if "township" not in place or isinstance(next(iter(place.values())), str):
            batch.refuse(position, {level: [str(reason)] for level, reason in place.items()})
        elif place["township"] is None:
            batch.refuse(position, {"township": ["This field is required."]})
        else:
            batch.good[position] |= {"township_id": place["township"], "district_id": place["district"]}
    keys = {row["township_id"] for row in batch.good.values()}
    townships = Township.objects.in_bulk(keys)
    for row in batch.good.values():
        township = townships[row["township_id"]]
        if row["latitude"] is None or row["longitude"] is None:
            row["latitude"], row["longitude"] = township.latitude, township.longitude


def _with_city(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the store names of places; a township given by key brings its own city."""
    wanted = {level: row[level] for level in places.LEVELS}
    if wanted["city"] is None and isinstance(wanted["township"], int):
        township = Township.objects.filter(pk=wanted["township"]).first()
        wanted["city"] = township.city_id if township else None
    return wanted
