"""Cancellation plans, requests and their parts while they are decided and carried out: one statement per set.

The caller holds the locks of the orders (`lock_orders`), which every command takes first, so nothing here is decided twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from ambar.oms.orders.domain.wishes import Ordered, Wish

LOOK_AGAIN = timedelta(seconds=30)
"""When a plan is looked at again whose order, or item, is not here yet, or whose goods are on their way back."""

_LINK = """
UPDATE oms_orders_cancellationplan p SET order_id = o.id
  FROM oms_orders_order o
 WHERE p.order_id IS NULL AND p.due_at <= %(now)s AND o.source = p.source AND o.upstream_id = p.order_upstream_id
   AND coalesce(p.raw #>> '{order,number}', o.number) = o.number"""
_NOT_YET = """
UPDATE oms_orders_cancellationplan SET due_at = %(later)s WHERE order_id IS NULL AND due_at <= %(now)s"""
_DUE = """
SELECT order_id FROM (
  SELECT order_id, due_at FROM oms_orders_cancellationplan WHERE due_at <= %(now)s AND order_id IS NOT NULL
   UNION ALL
  SELECT order_id, due_at FROM oms_orders_cancellationrequest WHERE due_at <= %(now)s) due
 GROUP BY order_id ORDER BY min(due_at), order_id LIMIT %(limit)s"""


def due_orders(limit: int, *, now: datetime) -> list[int]:
    """The orders with plans or requests to be decided, longest waiting first. Plans find their order here."""
    with connection.cursor() as cursor:
        cursor.execute(_LINK, {"now": now})
        cursor.execute(_NOT_YET, {"now": now, "later": now + LOOK_AGAIN})
        cursor.execute(_DUE, {"now": now, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def lock_orders(order_ids: Iterable[int]) -> None:
    """Lock orders in id order until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM oms_orders_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [sorted(set(order_ids))],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePlan:
    """A plan to be looked at; `items` as they are kept, `status` what upstream says."""

    id: int
    order_id: int
    plan_type: str
    status: str
    state: str
    items: list[dict[str, Any]]
    created_at: datetime


def due_plans(order_ids: Sequence[int], *, now: datetime) -> list[DuePlan]:
    """The due plans of these orders, oldest first, under lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, order_id, plan_type, status, state, items::text, created_at FROM oms_orders_cancellationplan"
            " WHERE order_id = ANY(%s) AND due_at <= %s ORDER BY id FOR UPDATE",
            [list(order_ids), now],
        )
        rows = cursor.fetchall()
    return [
        DuePlan(
            id=row[0],
            order_id=row[1],
            plan_type=row[2],
            status=row[3],
            state=row[4],
            items=orjson.loads(row[5]),
            created_at=row[6],
        )
        for row in rows
    ]


def ordered(order_ids: Sequence[int]) -> dict[int, dict[int, Ordered]]:
    """`{order: {item id: item}}`; units of open requests count as withdrawn."""
    found: dict[int, dict[int, Ordered]] = {order_id: {} for order_id in order_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.order_id, i.id, i.upstream_id, i.quantity, i.cancelled_quantity"
            " + coalesce((SELECT sum(r.open_quantity) FROM oms_orders_cancellationrequest r"
            " WHERE r.order_item_id = i.id), 0), i.is_head, i.parent_upstream_id"
            " FROM oms_orders_orderitem i WHERE i.order_id = ANY(%s) ORDER BY i.id",
            [list(order_ids)],
        )
        for order_id, pk, upstream_id, quantity, withdrawn, is_head, parent in cursor.fetchall():
            found[order_id][pk] = Ordered(
                id=pk,
                upstream_id=upstream_id,
                quantity=quantity,
                withdrawn=withdrawn,
                is_head=is_head,
                parent=parent,
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request of a plan as it stands: `claimed` are the units of its item it holds, cancelled or about to be."""

    id: int
    plan_id: int
    order_item_id: int
    status: str
    quantity: Decimal
    claimed: Decimal


_ASKING = """
SELECT r.id, r.plan_id, r.order_item_id, r.status, r.quantity,
       r.open_quantity + coalesce((SELECT sum(part.quantity) FROM oms_orders_cancellationpart part
                                    WHERE part.request_id = r.id AND part.status = 'taken' AND part.cause IS NOT NULL), 0)
  FROM oms_orders_cancellationrequest r WHERE r.plan_id = ANY(%s) ORDER BY r.id FOR UPDATE"""


def asking(plan_ids: Sequence[int]) -> list[Asking]:
    """The requests of these plans, under lock."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKING, [list(plan_ids)])
        names = Asking.__dataclass_fields__
        return [Asking(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


_REOPEN = """
UPDATE oms_orders_cancellationrequest r SET quantity = w.quantity, open_quantity = w.open, reason = w.reason,
       status = CASE WHEN w.open > 0 THEN 'waiting' ELSE 'completed' END, answer = '',
       due_at = CASE WHEN w.open > 0 THEN %(now)s::timestamptz END, modified_at = %(now)s
  FROM unnest(%(id)s::bigint[], %(quantity)s::numeric[], %(open)s::numeric[], %(reason)s::text[])
       AS w(id, quantity, open, reason)
 WHERE r.id = w.id"""


def reopen(wishes: Mapping[int, Wish], *, now: datetime) -> None:
    """`{request: what it asks for now}`: requests that were called off are decided anew."""
    if wishes:
        columns = {
            "id": list(wishes),
            "quantity": [wish.quantity for wish in wishes.values()],
            "open": [wish.open for wish in wishes.values()],
            "reason": [wish.reason for wish in wishes.values()],
        }
        with connection.cursor() as cursor:
            cursor.execute(_REOPEN, {**columns, "now": now})


def uncancelled(order_ids: Sequence[int]) -> dict[int, Decimal]:
    """`{order item: units not cancelled}`, heads of bundles left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, quantity - cancelled_quantity FROM oms_orders_orderitem"
            " WHERE order_id = ANY(%s) AND NOT is_head",
            [list(order_ids)],
        )
        return dict(cursor.fetchall())


_ADD = """
INSERT INTO oms_orders_cancellationrequest (plan_id, order_id, order_item_id, origin, cancellation_type, quantity,
    open_quantity, status, reason, answer, user_id, due_at, created_at, modified_at)
SELECT r.plan_id, r.order_id, r.item, %(origin)s, r.kind, r.quantity, r.open,
       CASE WHEN r.open > 0 THEN 'waiting' ELSE 'completed' END, r.reason,
       CASE WHEN r.open > 0 THEN '' ELSE 'Cancelled before.' END, %(user)s,
       CASE WHEN r.open > 0 THEN %(now)s::timestamptz END, %(now)s, %(now)s
  FROM unnest(%(plan)s::bigint[], %(order)s::bigint[], %(item)s::bigint[], %(kind)s::text[], %(quantity)s::numeric[],
              %(open)s::numeric[], %(reason)s::text[])
       WITH ORDINALITY AS r(plan_id, order_id, item, kind, quantity, open, reason, place)
 ORDER BY r.place
ON CONFLICT (plan_id, order_item_id) DO NOTHING
RETURNING id"""


def add_requests(
    wishes: Sequence[tuple[int | None, int, str, Wish]],
    *,
    origin: str,
    user_id: int | None = None,
    now: datetime,
) -> list[int]:
    """Write `(plan, order, "cancel" or "refund", wish)`; answers the requests written, in the given order.

    A wish of which nothing is open is completed at once: it was fulfilled before.
    """
    if not wishes:
        return []
    columns = {
        "plan": [row[0] for row in wishes],
        "order": [row[1] for row in wishes],
        "kind": [row[2] for row in wishes],
        "item": [row[3].item_id for row in wishes],
        "quantity": [row[3].quantity for row in wishes],
        "open": [row[3].open for row in wishes],
        "reason": [row[3].reason for row in wishes],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {**columns, "origin": origin, "user": user_id, "now": now})
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request to be decided. `plan_status`: what upstream says of its plan, None without one."""

    id: int
    plan_id: int | None
    plan_status: str | None
    order_id: int
    order_item_id: int
    origin: str
    refund: bool
    open: Decimal


def waiting(order_ids: Sequence[int], *, now: datetime) -> list[Waiting]:
    """The requests of these orders that are due to be decided, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, r.plan_id, p.status, r.order_id, r.order_item_id, r.origin, r.cancellation_type = 'refund',"
            " r.open_quantity FROM oms_orders_cancellationrequest r"
            " LEFT JOIN oms_orders_cancellationplan p ON p.id = r.plan_id"
            " WHERE r.order_id = ANY(%s) AND r.status = 'waiting' AND r.due_at <= %s ORDER BY r.id FOR UPDATE OF r",
            [list(order_ids), now],
        )
        names = Waiting.__dataclass_fields__
        return [Waiting(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


_CLAIMED = """
SELECT part.package_item_id, sum(part.quantity)
  FROM oms_orders_cancellationpart part JOIN oms_orders_cancellationrequest r ON r.id = part.request_id
 WHERE r.order_id = ANY(%s) AND part.package_item_id IS NOT NULL
   AND (part.status = 'waiting' OR (part.status = 'taken' AND part.cause IS NULL))
 GROUP BY 1"""


def claimed(order_ids: Sequence[int]) -> dict[int, Decimal]:
    """`{package item: units}` that requests have claimed and that still count in the package."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMED, [list(order_ids)])
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPart:
    """Units of a request in one place. `cause` names the compensation in the stock ledger."""

    request: int
    package_item: int | None
    package: int | None
    location: int | None
    quantity: Decimal
    status: str
    cause: UUID | None


_PARTS = """
INSERT INTO oms_orders_cancellationpart (request_id, package_item_id, package_id, location_id, quantity, status, cause,
    created_at, modified_at)
SELECT r.*, %(now)s, %(now)s
  FROM unnest(%(request)s::bigint[], %(package_item)s::bigint[], %(package)s::bigint[], %(location)s::bigint[],
              %(quantity)s::numeric[], %(status)s::text[], %(cause)s::uuid[]) AS r"""


def add_parts(parts: Sequence[NewPart], *, now: datetime) -> None:
    """Write where the units of requests were found and what was done."""
    if parts:
        columns = {name: [getattr(part, name) for part in parts] for name in NewPart.__dataclass_fields__}
        with connection.cursor() as cursor:
            cursor.execute(_PARTS, {**columns, "now": now})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part as it stands."""

    id: int
    request_id: int
    plan_id: int | None
    order_id: int
    order_item_id: int
    package_item_id: int | None
    package_id: int | None
    quantity: Decimal
    status: str
    cause: UUID | None


_READ_PARTS = """
SELECT part.id, part.request_id, r.plan_id, r.order_id, r.order_item_id, part.package_item_id, part.package_id,
       part.quantity, part.status, part.cause
  FROM oms_orders_cancellationpart part JOIN oms_orders_cancellationrequest r ON r.id = part.request_id
 WHERE {} ORDER BY part.id"""


def _parts(where: str, values: Sequence[Any]) -> list[Part]:
    with connection.cursor() as cursor:
        cursor.execute(_READ_PARTS.format(where), list(values))
        names = Part.__dataclass_fields__
        return [Part(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def waiting_parts(package_ids: Sequence[int]) -> list[Part]:
    """The parts that wait for these packages' locations."""
    return _parts("part.package_id = ANY(%s) AND part.status = 'waiting'", [list(package_ids)])


def parts_of(request_ids: Sequence[int], plan_ids: Sequence[int]) -> list[Part]:
    """All parts of these requests and of all requests of these plans."""
    return _parts("r.id = ANY(%s) OR r.plan_id = ANY(%s)", [list(request_ids), list(plan_ids)])


def set_parts(part_ids: Sequence[int], status: str, *, cause: UUID | None = None, now: datetime) -> None:
    """Note what became of parts; `cause` when it was a compensation."""
    if part_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_orders_cancellationpart SET status = %s, cause = coalesce(%s, cause), modified_at = %s"
                " WHERE id = ANY(%s)",
                [status, cause, now, list(part_ids)],
            )


def set_requests(
    rows: Mapping[int, tuple[str, Decimal, str]], *, due_at: datetime | None = None, now: datetime
) -> None:
    """`{request: (status, units still open, answer)}`."""
    if rows:
        ids = sorted(rows)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_orders_cancellationrequest r SET status = w.status, open_quantity = w.open,"
                " answer = w.answer, due_at = %s, modified_at = %s"
                " FROM unnest(%s::bigint[], %s::text[], %s::numeric[], %s::text[]) AS w(id, status, open, answer)"
                " WHERE r.id = w.id",
                [due_at, now, ids, *([rows[i][n] for i in ids] for n in range(3))],
            )


def close_requests(
    request_ids: Sequence[int], plan_ids: Sequence[int], status: str, answer: str, *, now: datetime
) -> None:
    """End these requests and all requests of these plans."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_orders_cancellationrequest SET status = %s, open_quantity = 0, answer = %s, due_at = NULL,"
            " modified_at = %s WHERE id = ANY(%s) OR plan_id = ANY(%s)",
            [status, answer, now, list(request_ids), list(plan_ids)],
        )


_SETTLE = """
UPDATE oms_orders_cancellationplan p SET state = w.state, answer = w.answer, answer_reason = w.reason, due_at = w.due_at,
    answer_due_at = CASE WHEN w.answer <> '' AND w.answer <> p.status THEN %(now)s::timestamptz END, modified_at = %(now)s
  FROM unnest(%(id)s::bigint[], %(state)s::text[], %(answer)s::text[], %(reason)s::text[], %(due_at)s::timestamptz[])
       AS w(id, state, answer, reason, due_at)
 WHERE p.id = w.id"""


def set_plans(
    rows: Mapping[int, tuple[str, str, str]], *, due_at: datetime | None = None, now: datetime
) -> None:
    """`{plan: (state, answer for upstream, reason)}`; an answer that upstream says itself already is not sent."""
    if rows:
        ids = sorted(rows)
        with connection.cursor() as cursor:
            cursor.execute(
                _SETTLE,
                {
                    "now": now,
                    "id": ids,
                    "state": [rows[i][0] for i in ids],
                    "answer": [rows[i][1] for i in ids],
                    "reason": [rows[i][2] for i in ids],
                    "due_at": [due_at] * len(ids),
                },
            )


def completed_plans(plan_ids: Iterable[int]) -> list[int]:
    """Those of these plans all of whose requests are completed, or left out by a newer version."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id FROM oms_orders_cancellationplan p WHERE p.id = ANY(%s) AND NOT EXISTS ("
            " SELECT 1 FROM oms_orders_cancellationrequest r WHERE r.plan_id = p.id AND r.status NOT IN ('completed', 'withdrawn'))"
            " ORDER BY p.id",
            [sorted(set(plan_ids))],
        )
        return [row[0] for row in cursor.fetchall()]


def put_off(order_id: int, *, now: datetime) -> None:
    """Look at what is due of this order again later."""
    values = [now + LOOK_AGAIN, order_id, now]
    with connection.cursor() as cursor:
        for table in ("oms_orders_cancellationplan", "oms_orders_cancellationrequest"):
            cursor.execute(f"UPDATE {table} SET due_at = %s WHERE order_id = %s AND due_at <= %s", values)
