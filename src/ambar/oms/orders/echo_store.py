"""Newer versions of orders that change nothing here: what is known of the orders, and following them to that version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ambar.kit import outbox, prepared
from ambar.oms.orders import announcing
from ambar.oms.orders.domain import events


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What an update made of an order upstream: its version `before` and `after` (`text`: as it was written), its status after."""

    upstream_id: int
    status: int
    before: datetime
    after: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An item as it was told upstream, by its id there."""

    item: int
    wanted: int
    tracking: str | None
    invoice: str | None


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

_UNDER_WAY = "BETWEEN 400 AND 550 AND {state} <> 425"
_MOVE = f"""
WITH made AS (
  SELECT * FROM json_to_recordset(%(made)s::json) AS r(pk bigint, status int, before timestamptz, after timestamptz)),
standing AS MATERIALIZED (
  SELECT o.id, o.state, made.after, made.status FROM made
    JOIN oms_orders_order o ON o.upstream_id = made.pk AND o.source = %(source)s::text
   WHERE o.upstream_modified_at = made.before AND o.planning_state <> 'hold'
     AND o.state {_UNDER_WAY.format(state="o.state")} FOR NO KEY UPDATE OF o SKIP LOCKED),
given AS MATERIALIZED (
  SELECT i.id, i.order_id, r.wanted, r.tracking, r.invoice
    FROM json_to_recordset(%(told)s::json) AS r(item bigint, wanted int, tracking text, invoice text)
    JOIN oms_orders_orderitem i ON i.source = %(source)s::text AND i.upstream_id = r.item),
told AS MATERIALIZED (
  SELECT i.id, i.order_id, given.wanted, given.tracking, given.invoice, i.state < given.wanted AS is_behind,
         given.wanted BETWEEN 450 AND 550 AND i.state {_UNDER_WAY.format(state="i.state")} AS is_under_way
    FROM given JOIN standing s ON s.id = given.order_id JOIN oms_orders_orderitem i ON i.id = given.id
     FOR NO KEY UPDATE OF i SKIP LOCKED),
mine AS MATERIALIZED (
  SELECT s.id, s.after, s.status, s.state < s.status OR t.is_behind AS is_behind
    FROM standing s
    JOIN (SELECT order_id, bool_or(is_behind) AS is_behind, count(*) FILTER (WHERE is_under_way) AS under_way
            FROM told GROUP BY order_id) t ON t.order_id = s.id
    JOIN (SELECT order_id, count(*) AS items FROM given GROUP BY order_id) g ON g.order_id = s.id
   WHERE t.under_way = g.items),
items AS (
  UPDATE oms_orders_orderitem i SET tracking_number = coalesce(told.tracking, i.tracking_number),
         invoice_number = coalesce(told.invoice, i.invoice_number), state = greatest(i.state, told.wanted),
         modified_at = %(now)s::timestamptz
    FROM told JOIN mine ON mine.id = told.order_id
   WHERE i.id = told.id AND (coalesce(told.tracking, i.tracking_number), coalesce(told.invoice, i.invoice_number), told.is_behind)
                            IS DISTINCT FROM (i.tracking_number, i.invoice_number, false))
UPDATE oms_orders_order o SET upstream_modified_at = mine.after, state = greatest(o.state, mine.status),
       modified_at = CASE WHEN mine.is_behind THEN %(now)s::timestamptz ELSE o.modified_at END
  FROM mine WHERE o.id = mine.id
RETURNING o.upstream_id, o.upstream_modified_at, o.id, mine.is_behind, {outbox.listened(events.UPDATED)}"""
"""Waits for nobody: the floor and the loop that pulls are at work on the same orders. What one of them has locked is read as ever."""


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


def move(source: str, made: Sequence[Made], told: Sequence[Told], *, now: datetime) -> dict[int, datetime]:
    """Let orders that stand in the version `before` follow to `after`; upstream id → version of those that did.

    What stands in another version, waits for somebody or is being withdrawn does not follow. Of the version nothing is kept
    but its time and the numbers of the items. Where the order or an item told has not come so far here yet (upstream is told
    "preparing" before the floor begins), it has from now on, as if the version had been read, and who listens is told.
    """
    versions = [
        {"pk": one.upstream_id, "status": one.status, "before": one.before, "after": one.after}
        for one in made
    ]
    items = [
        {"item": one.item, "wanted": one.wanted, "tracking": one.tracking, "invoice": one.invoice}
        for one in told
    ]
    values = {"made": orjson.dumps(versions).decode(), "told": orjson.dumps(items).decode()}
    with prepared.cursor() as cursor:
        cursor.execute(_MOVE, {**values, "source": source, "now": now})
        rows = cursor.fetchall()
    changed = [order_id for _, _, order_id, is_behind, listened in rows if is_behind and listened]
    if changed:
        announcing.announce(events.UPDATED, changed, now=now)
    return {upstream_id: version for upstream_id, version, *_ in rows}
