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
    last_of, heard = _standing(table, types)
    loud = [record_id for record_id, names in types.items() if not heard.isdisjoint(names)]
    records = load(loud) if loud else {}
    batch = []
    for record_id, names in types.items():
        record, scopes = ({}, "") if heard.isdisjoint(names) else records[record_id]
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


def _standing(table: str, types: Mapping[int, Sequence[str]]) -> tuple[dict[int, int], frozenset[str]]:
    """The present sequence of each record, and which of the types somebody listens to."""
    names = sorted({name for names in types.values() for name in names})
    with prepared.cursor() as cursor:
        cursor.execute(
            f"SELECT id, sequence, {outbox.HEARD} FROM {table} WHERE id = ANY((SELECT %s::bigint[])::bigint[])",
            [prepared.words(names), prepared.numbers(types)],
        )
        rows = cursor.fetchall()
    return {row[0]: row[1] for row in rows}, frozenset(rows[0][2].split() if rows and rows[0][2] else ())
