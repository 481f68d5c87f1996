"""Record the events of retail stores, each with the whole detailed store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ambar.kit import ids, outbox
from ambar.omnitron.stores import queries


def announce_stores(created: Mapping[int, bool], *, now: datetime) -> None:
    """`retail_store.created` or `.updated` for stores whose rows the caller has just written, in its transaction."""
    rows = list(queries.with_places(created))
    outbox.record(
        [
            outbox.Event(
                uuid=ids.uuid7(),
                type="retail_store.created" if created[row.pk] else "retail_store.updated",
                kind="retail_store",
                aggregate_id=row.pk,
                sequence=row.sequence,
                payload=shape,
            )
            for row, shape in zip(rows, queries.detailed(rows), strict=True)
        ],
        now=now,
    )
