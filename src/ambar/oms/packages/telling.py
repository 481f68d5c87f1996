"""Recording what happened to records, each event with the whole record as it stands: of packages, transfers, parcels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from ambar.kit import outbox, prepared
from ambar.kit.ids import uuid7

Records = Mapping[int, tuple[dict[str, Any], str]]
"""By id: the record, and as words what narrowed hooks are compared with."""


def tell(
    kind: str,
    types: Mapping[int, Sequence[str]],
    *,
    table: str,
    load: Callable[[Sequence[int]], Records],
    now: datetime,
    hook_id: int | None = None,
) -> None:
    """Record the event types of each record, the last one under its present `sequence`.

    The caller has raised `sequence`, a column of `table`, by the number of types, under the row lock; `load` reads the
    records since. An event no active hook listens to is kept without its record, which nobody would ever be sent, and a
    record of which nobody hears anything is not read (`docs/decisions/0111-what-nobody-hears.md`).
    `hook_id`: for this hook only.
    """
    if not types:
        return
    heard = outbox.heard({name for names in types.values() for name in names})
    loud = [record_id for record_id, names in types.items() if not heard.isdisjoint(names)]
    quiet = [record_id for record_id, names in types.items() if heard.isdisjoint(names)]
    records = load(loud) if loud else {}
    last_of = {record_id: record["sequence"] for record_id, (record, _) in records.items()}
    if quiet:
        last_of |= _sequences(table, quiet)
    batch = []
    for record_id, names in types.items():
        record, scopes = records.get(record_id, ({}, ""))
        for sequence, name in enumerate(names, start=last_of[record_id] + 1 - len(names)):
            payload = outbox.UNHEARD
            if name in heard:
                record["sequence"] = sequence
                payload = orjson.dumps(record)
            batch.append(
                outbox.Event(
                    uuid=uuid7(now),
                    type=name,
                    kind=kind,
                    aggregate_id=record_id,
                    sequence=sequence,
                    payload=payload,
                    scopes=scopes,
                )
            )
    outbox.record(batch, now=now, hooks=None if hook_id is None else [hook_id])


def _sequences(table: str, ids: Sequence[int]) -> dict[int, int]:
    with prepared.cursor() as cursor:
        cursor.execute(
            f"SELECT id, sequence FROM {table} WHERE id = ANY((SELECT %s::bigint[])::bigint[])",
            [prepared.numbers(ids)],
        )
        return dict(cursor.fetchall())
