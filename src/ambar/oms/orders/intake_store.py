"""Taking orders in: one statement per table for any number of new ones, a few more for those known already.

Runs in the caller's transaction. A row of an order is locked by its own upsert, so two versions never mix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import structlog
from django.db import connection

from ambar.kit import outbox, prepared, work
from ambar.oms.orders import announcing, store
from ambar.oms.orders.domain import events
from ambar.oms.orders.domain.incoming import IncomingOrder, newest
from ambar.oms.orders.domain.progress import MAY_MOVE_SQL
from ambar.oms.orders.domain.versions import NEWER_SQL, Difference, KnownLine, Line, compared

log = structlog.get_logger(__name__)
CANCELLING = "cancellations"
"""The loop that decides cancellation requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertResult:
    """What became of a batch: own ids of new and changed orders, and of those that were not newer.

    `others`: (source, upstream id) of what was not taken because the order here has another number, with that number.
    """

    created: tuple[int, ...]
    updated: tuple[int, ...]
    stale: tuple[int, ...]
    ids: Mapping[tuple[str, int], int]
    others: Mapping[tuple[str, int], str] = field(default_factory=dict)


class LinesOfOthers(Exception):
    """Orders that name lines which belong to other orders; nothing of the batch may be kept.

    `lines`: upstream id of the order → (upstream id of such a line, number of the order here whose it is).
    """

    def __init__(self, lines: Mapping[int, tuple[int, str]]) -> None:
        super().__init__(f"{len(lines)} orders name lines of others")
        self.lines = lines


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


_ORDER_COLUMNS: tuple[tuple[str, str], ...] = (
    ("source", "text"),
    ("upstream_id", "bigint"),
    ("number", "text"),
    ("channel_id", "bigint"),
    ("state", "int"),
    ("supplier_code", "text"),
    ("currency", "text"),
    ("amount", "numeric"),
    ("shipping_amount", "numeric"),
    ("discount_amount", "numeric"),
    ("customer", "jsonb"),
    ("shipping_address", "jsonb"),
    ("billing_address", "jsonb"),
    ("country_id", "bigint"),
    ("city_id", "bigint"),
    ("township_id", "bigint"),
    ("district_id", "bigint"),
    ("latitude", "numeric"),
    ("longitude", "numeric"),
    ("cargo_company", "text"),
    ("shipping_option_slug", "text"),
    ("payment_type", "text"),
    ("delivery_type", "text"),
    ("delivery_range", "text"),
    ("delivery_from", "timestamptz"),
    ("delivery_until", "timestamptz"),
    ("notes", "text"),
    ("date_placed", "timestamptz"),
    ("upstream_modified_at", "timestamptz"),
    ("due_at", "timestamptz"),
    ("raw", "jsonb"),
)
_ITEM_COLUMNS: tuple[tuple[str, str], ...] = (
    ("order_id", "bigint"),
    ("source", "text"),
    ("upstream_id", "bigint"),
    ("product_id", "bigint"),
    ("sku", "text"),
    ("quantity", "numeric"),
    ("price", "numeric"),
    ("tax_rate", "numeric"),
    ("discount_amount", "numeric"),
    ("currency", "text"),
    ("state", "int"),
    ("attributes", "jsonb"),
    ("invoice_number", "text"),
    ("tracking_number", "text"),
    ("parent_upstream_id", "bigint"),
    ("is_head", "bool"),
    ("worth", "numeric"),
    ("told_quantity", "numeric"),
)
_COMPARED = (
    "number",
    "channel_id",
    "amount",
    "shipping_amount",
    "discount_amount",
    "customer",
    "shipping_address",
    "billing_address",
    "cargo_company",
    "shipping_option_slug",
    "payment_type",
    "delivery_type",
    "delivery_range",
    "notes",
)
"""What of the header is noted when a newer version changes it."""


def _names(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(name for name, _ in columns)


def _record(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns)


def _header(row: str) -> str:
    pairs = ", ".join(f"'{name}', {row}.{name}" for name in _COMPARED)
    return f"jsonb_build_object({pairs})::text"


_KEPT_ON_UPDATE = {"source", "upstream_id", "state", "due_at"}
_UPSERT_ORDERS = f"""
INSERT INTO oms_orders_order AS o ({_names(_ORDER_COLUMNS)}, planning_state, hold_reason, created_at, modified_at)
SELECT {_names(_ORDER_COLUMNS)}, 'new', '', %(now)s, %(now)s
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS r({_record(_ORDER_COLUMNS)})
 ORDER BY source, upstream_id
ON CONFLICT (source, upstream_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name, _ in _ORDER_COLUMNS if name not in _KEPT_ON_UPDATE)},
    state = CASE WHEN {MAY_MOVE_SQL.format(current="o.state", target="excluded.state")}
                 THEN excluded.state ELSE o.state END,
    planning_state = CASE WHEN o.planning_state = 'hold' THEN 'new' ELSE o.planning_state END,
    hold_reason = CASE WHEN o.planning_state = 'hold' THEN '' ELSE o.hold_reason END,
    echo = NULL, modified_at = excluded.modified_at
  WHERE (o.number = excluded.number OR %(renames)s::bool)
    AND {NEWER_SQL.format(given="excluded.upstream_modified_at", held="o.upstream_modified_at")}
RETURNING o.id, o.source, o.upstream_id, old.id IS NULL,
    CASE WHEN old.id IS NOT NULL THEN {_header("old")} END, CASE WHEN old.id IS NOT NULL THEN {_header("new")} END,
    {outbox.listened(events.CREATED)}, {outbox.listened(events.UPDATED)}"""

_UPSERT_ITEMS = f"""
INSERT INTO oms_orders_orderitem AS i ({_names(_ITEM_COLUMNS)}, created_at, modified_at)
SELECT {_names(_ITEM_COLUMNS)}, %(now)s, %(now)s
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS r({_record(_ITEM_COLUMNS)})
 ORDER BY source, upstream_id
ON CONFLICT (source, upstream_id) DO UPDATE SET
    quantity = excluded.quantity, price = excluded.price, tax_rate = excluded.tax_rate,
    discount_amount = excluded.discount_amount, currency = excluded.currency, attributes = excluded.attributes,
    invoice_number = coalesce(excluded.invoice_number, i.invoice_number),
    tracking_number = coalesce(excluded.tracking_number, i.tracking_number),
    parent_upstream_id = excluded.parent_upstream_id, is_head = excluded.is_head, worth = excluded.worth,
    told_quantity = excluded.told_quantity,
    state = CASE WHEN i.state IN (100, 600) AND excluded.state NOT IN (50, 100, 425, 600) AND NOT excluded.is_head
                      AND excluded.quantity > i.quantity THEN excluded.state
                 WHEN {MAY_MOVE_SQL.format(current="i.state", target="excluded.state")}
                 THEN excluded.state ELSE i.state END,
    modified_at = excluded.modified_at
  WHERE i.order_id = excluded.order_id"""


_KNOWN = """
SELECT i.order_id, i.id, i.upstream_id, i.quantity, coalesce(i.told_quantity, i.quantity),
       i.cancelled_quantity + coalesce((SELECT sum(r.open_quantity) FROM oms_orders_cancellationrequest r
                                         WHERE r.order_item_id = i.id), 0), i.state, i.is_head
  FROM oms_orders_orderitem i WHERE i.order_id = ANY(%s)"""


def upsert(
    batch: list[IncomingOrder], *, now: datetime, beyond: datetime | None = None, renames: bool = False
) -> UpsertResult:
    """Take a batch of orders; an older or equal version changes nothing (named under `stale`, an older one is noted).

    Statuses never go back (see `domain.progress`), but a cancelled or refunded line of which more units are ordered lives again. An
    order on hold whose newer version arrives is planned anew. What a
    newer version adds is planned, what it leaves out becomes a cancellation request (`domain.versions`). Wakes the
    planner. New orders cost two statements, however many. `beyond`: see `versions.NEWER_SQL`.

    What comes under the id of an order that has another number here is another order and changes nothing either (named under
    `others`), unless a person said that the order has got a new number (`renames`).

    Refused (`LinesOfOthers`): a line of one belongs to another order, here or in the batch; the caller rolls back.
    """
    orders = newest(batch)
    if not orders:
        return UpsertResult(created=(), updated=(), stale=(), ids={})
    with prepared.cursor() as cursor:
        rows = [{name: getattr(order, name) for name, _ in _ORDER_COLUMNS} for order in orders]
        cursor.execute(
            _UPSERT_ORDERS, {"rows": _json(rows), "now": now, "beyond": beyond, "renames": renames}
        )
        written = cursor.fetchall()
        ids = {(row[1], row[2]): row[0] for row in written}
        headers = {row[0]: (row[4], row[5]) for row in written if not row[3]}
        taken = {ids[o.source, o.upstream_id]: o for o in orders if (o.source, o.upstream_id) in ids}
        known = _known(cursor, headers)
        found = {
            order_id: compared(known.get(order_id, {}), order.items) for order_id, order in taken.items()
        }
        items = {
            (order.source, line.item.upstream_id): _item_row(order, line, order_id)
            for order_id, order in taken.items()
            for line in found[order_id].lines
        }
        if items:
            cursor.execute(_UPSERT_ITEMS, {"rows": _json(list(items.values())), "now": now})
            if not cursor.rowcount == len(items) == sum(len(found[order_id].lines) for order_id in taken):
                raise LinesOfOthers(lines_elsewhere(taken.values()))
        left = [o for o in orders if (o.source, o.upstream_id) not in ids]
        stale, others = _stale(cursor, left, now, renames)
    _follow(taken, headers, {order_id: found[order_id] for order_id in headers}, now)
    created = tuple(row[0] for row in written if row[3])
    if written:
        work.wake("planner")
        if created and written[0][6]:
            announcing.announce(events.CREATED, created, now=now)
        if headers and written[0][7]:
            announcing.announce(events.UPDATED, headers, now=now)
    return UpsertResult(
        created=created,
        updated=tuple(headers),
        stale=tuple(stale.values()),
        ids={**ids, **stale},
        others=others,
    )


_ELSEWHERE = """
SELECT DISTINCT ON (w.upstream_id) w.upstream_id, w.line, o.number
  FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS w(source, upstream_id, line)
  JOIN oms_orders_orderitem i ON i.source = w.source AND i.upstream_id = w.line
  JOIN oms_orders_order o ON o.id = i.order_id AND o.upstream_id <> w.upstream_id
 ORDER BY w.upstream_id, w.line"""


def lines_elsewhere(orders: Iterable[IncomingOrder]) -> dict[int, tuple[int, str]]:
    """Upstream id of each of these orders that names a line of another one here → (the line's upstream id, that order's number)."""
    named = [(order.source, order.upstream_id, item.upstream_id) for order in orders for item in order.items]
    if not named:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ELSEWHERE, [list(column) for column in zip(*named, strict=True)])
        return {upstream_id: (line, number) for upstream_id, line, number in cursor.fetchall()}


def _known(cursor: Any, order_ids: Iterable[int]) -> dict[int, dict[int, KnownLine]]:
    """The lines of orders taken before, per order by upstream id."""
    ids = list(order_ids)
    found: dict[int, dict[int, KnownLine]] = {order_id: {} for order_id in ids}
    if ids:
        cursor.execute(_KNOWN, [ids])
        for order_id, pk, upstream_id, quantity, told, withdrawn, state, is_head in cursor.fetchall():
            found[order_id][upstream_id] = KnownLine(
                id=pk,
                upstream_id=upstream_id,
                quantity=quantity,
                told=told,
                withdrawn=withdrawn,
                state=state,
                is_head=is_head,
            )
    return found


def _item_row(order: IncomingOrder, line: Line, order_id: int) -> dict[str, Any]:
    besides = {"order_id": order_id, "source": order.source, "told_quantity": line.told}
    return {**{name: getattr(line.item, name) for name, _ in _ITEM_COLUMNS if name not in besides}, **besides}


def _stale(
    cursor: Any, orders: Sequence[IncomingOrder], now: datetime, renames: bool
) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], str]]:
    """Own ids of orders whose version is not newer; an older one is noted, once. Beside them the numbers here of those that
    come under another."""
    if not orders:
        return {}, {}
    cursor.execute(
        "SELECT o.source, o.upstream_id, o.id, o.upstream_modified_at, o.number FROM oms_orders_order o"
        " JOIN unnest(%s::text[], %s::bigint[]) AS k(source, upstream_id)"
        " ON o.source = k.source AND o.upstream_id = k.upstream_id",
        [[order.source for order in orders], [order.upstream_id for order in orders]],
    )
    rows = {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
    given = {(order.source, order.upstream_id): order.number for order in orders}
    others = {} if renames else {key: row[2] for key, row in rows.items() if row[2] != given[key]}
    rows = {key: row for key, row in rows.items() if key not in others}
    older = [
        _Noted(order_id=found[0], version=order, is_older=True)
        for order in orders
        if (found := rows.get((order.source, order.upstream_id))) and order.upstream_modified_at < found[1]
    ]
    for order_id in _note(older, now):
        log.info("older version ignored", order=order_id)
    return {key: row[0] for key, row in rows.items()}, others


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    order_id: int
    version: IncomingOrder
    is_older: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)


def _note(rows: Sequence[_Noted], now: datetime) -> list[int]:
    """Keep what versions changed; answers the orders whose version was not noted yet."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO oms_orders_orderchange (order_id, upstream_modified_at, is_older, changes, created_at)"
            " SELECT order_id, at, is_older, changes::jsonb, %s"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::bool[], %s::text[])"
            " AS r(order_id, at, is_older, changes) ORDER BY order_id ON CONFLICT DO NOTHING RETURNING order_id",
            [
                now,
                [row.order_id for row in rows],
                [row.version.upstream_modified_at for row in rows],
                [row.is_older for row in rows],
                [_json(row.changes) for row in rows],
            ],
        )
        return [row[0] for row in cursor.fetchall()]


def _follow(
    taken: Mapping[int, IncomingOrder],
    headers: Mapping[int, tuple[str, str]],
    found: Mapping[int, Difference],
    now: datetime,
) -> None:
    """What newer versions of known orders bring about: notes, planning, cancellation requests."""
    if not found:
        return
    noted = []
    for order_id, difference in found.items():
        before, after = (orjson.loads(text) for text in headers[order_id])
        changes: dict[str, Any] = {
            name: [before[name], after[name]] for name in _COMPARED if before[name] != after[name]
        }
        if difference.told:
            changes["items"] = difference.told
        if changes:
            noted.append(_Noted(order_id=order_id, version=taken[order_id], changes=changes))
    _note(noted, now)
    grown = sorted(order_id for order_id, difference in found.items() if difference.grown)
    if grown:
        _reopen(grown, now)
        store.request_planning(grown, now)
    _take_back(found, now)


def _reopen(order_ids: Sequence[int], now: datetime) -> None:
    """An order that had gone further than its new units stands where they stand, for they are still to be supplied."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_orders_order o SET state = i.state, modified_at = %s"
            " FROM (SELECT order_id, min(state) AS state FROM oms_orders_orderitem"
            " WHERE order_id = ANY(%s) AND state >= 400 AND state < 500 AND state <> 425 AND NOT is_head GROUP BY 1) i"
            " WHERE o.id = i.order_id AND (o.state >= 500 OR o.state = 100)",
            [now, list(order_ids)],
        )


def _take_back(found: Mapping[int, Difference], now: datetime) -> None:
    """Units a newer version leaves out become requests to cancel them, decided by the loop of cancellations."""
    gone = [item_id for difference in found.values() for item_id in difference.gone]
    wanted = [(order_id, one) for order_id, difference in found.items() for one in difference.taken_back]
    with connection.cursor() as cursor:
        if gone:
            cursor.execute(
                "UPDATE oms_orders_orderitem SET told_quantity = 0, modified_at = %s WHERE id = ANY(%s)",
                [now, gone],
            )
        if wanted:
            cursor.execute(
                "INSERT INTO oms_orders_cancellationrequest (order_id, order_item_id, origin, cancellation_type,"
                " quantity, open_quantity, status, reason, answer, due_at, created_at, modified_at)"
                " SELECT order_id, item, 'order_version', kind, quantity, quantity, 'waiting',"
                " 'A newer version of the order leaves it out.', '', %s, %s, %s"
                " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::numeric[])"
                " AS r(order_id, item, kind, quantity) ORDER BY item",
                [
                    now,
                    now,
                    now,
                    [order_id for order_id, _ in wanted],
                    [one.item_id for _, one in wanted],
                    ["refund" if one.refund else "cancel" for _, one in wanted],
                    [one.quantity for _, one in wanted],
                ],
            )
    if wanted:
        work.wake(CANCELLING)
