"""Recording what happened to records, each event with the whole record as it stands: of packages, transfers, parcels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from ambar.kit import outbox
from ambar.kit.ids import uuid7


def tell(
    kind: str,
    types: Mapping[int, Sequence[str]],
    records: Mapping[int, dict[str, Any]],
    *,
    scopes: Mapping[int, str],
    now: datetime,
    hook_id: int | None = None,
) -> None:
    """Record the event types of each record, the last one under its present `sequence`.

    The caller has raised `sequence` by the number of types, under the row lock, and read the records since.
    `scopes`: of each record, what narrowed hooks are compared with. `hook_id`: for this hook only.
    """
    batch = []
    for record_id, names in types.items():
        record = records[record_id]
        last = record["sequence"]
        for sequence, name in enumerate(names, start=last + 1 - len(names)):
            record["sequence"] = sequence
            batch.append(
                outbox.Event(
                    uuid=uuid7(now),
                    type=name,
                    kind=kind,
                    aggregate_id=record_id,
                    sequence=sequence,
                    payload=orjson.dumps(record),
                    scopes=scopes[record_id],
                )
            )
    outbox.record(batch, now=now, hooks=None if hook_id is None else [hook_id])
