"""Newer versions of orders that change nothing here: what is known of the orders, and following them to that version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ambar.kit import prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An order as it is here: the record of the version last taken as a whole, the time of the newest, its status, and that
    of its items by upstream id."""

    order_id: int
    state: int
    version: datetime
    raw: Mapping[str, Any]
    items: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A newer version of `standing` that differs from its record in what is `told`, nothing else.

    :param numbers: (upstream id, tracking number, invoice number) of its items.
    """

    standing: Standing
    version: datetime
    told: Mapping[str, Any]
    numbers: Sequence[tuple[int, str | None, str | None]]


_STANDING = """
SELECT o.upstream_id, o.id, o.state, o.upstream_modified_at, o.raw::text,
       (SELECT jsonb_object_agg(i.upstream_id, i.state) FROM oms_orders_orderitem i WHERE i.order_id = o.id)::text
  FROM oms_orders_order o
 WHERE o.source = %s::text AND o.upstream_id = ANY(%s::bigint[]) AND o.planning_state <> 'hold'
 ORDER BY o.id FOR NO KEY UPDATE OF o"""
_FOLLOW = """
UPDATE oms_orders_order o SET echo = r.echo, upstream_modified_at = r.version
  FROM json_to_recordset(%s::json) AS r(id bigint, version timestamptz, echo jsonb) WHERE o.id = r.id"""
"""`raw` stays: a whole record would be read as JSON, compressed and stored apart once more for a status and a time."""
_FOLLOW_ITEMS = """
UPDATE oms_orders_orderitem i SET tracking_number = coalesce(r.tracking, i.tracking_number),
       invoice_number = coalesce(r.invoice, i.invoice_number), modified_at = %s::timestamptz
  FROM json_to_recordset(%s::json) AS r(order_id bigint, upstream_id bigint, tracking text, invoice text)
 WHERE i.order_id = r.order_id AND i.upstream_id = r.upstream_id
   AND (coalesce(r.tracking, i.tracking_number), coalesce(r.invoice, i.invoice_number))
       IS DISTINCT FROM (i.tracking_number, i.invoice_number)"""


def standing(source: str, upstream_ids: Sequence[int]) -> dict[int, Standing]:
    """What is known of those of these orders that wait for nobody, by upstream id; they are locked."""
    with prepared.cursor() as cursor:
        cursor.execute(_STANDING, [source, prepared.numbers(sorted(set(upstream_ids)))])
        return {
            upstream_id: Standing(
                order_id=pk,
                state=state,
                version=version,
                raw=orjson.loads(raw),
                items={int(item): code for item, code in orjson.loads(items or "{}").items()},
            )
            for upstream_id, pk, state, version, raw, items in cursor.fetchall()
        }


def follow(echoes: Sequence[Echo], *, now: datetime) -> None:
    """Take the versions, one per locked order: what it tells, its time, and the numbers of its items.

    The order itself does not change, so nobody is told and nothing is planned.
    """
    orders = [{"id": one.standing.order_id, "version": one.version, "echo": one.told} for one in echoes]
    items = [
        {"order_id": one.standing.order_id, "upstream_id": item, "tracking": tracking, "invoice": invoice}
        for one in echoes
        for item, tracking, invoice in one.numbers
        if tracking is not None or invoice is not None
    ]
    with prepared.cursor() as cursor:
        cursor.execute(_FOLLOW, [orjson.dumps(orders).decode()])
        if items:
            cursor.execute(_FOLLOW_ITEMS, [now, orjson.dumps(items).decode()])
