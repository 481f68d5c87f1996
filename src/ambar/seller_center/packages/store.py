"""Loads, locks and writes of packages: one statement per set, locks in key order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ambar.kit import prepared
from ambar.kit.gathering import Left
from ambar.kit.outbox import inbox
from ambar.kit.outbox.inbox import Envelope
from ambar.seller_center.orders.store import TICK
from ambar.seller_center.packages.domain import states
from ambar.seller_center.packages.domain.events import EventItem, PackageEvent, PackageNow, Verdict

Key = tuple[int, str]
"""(seller id, package number)."""

_LOCK = """
SELECT seller_id, number, id, order_id, coalesce(state_code, 0), sequence, tracking_numbers, origin, shipping_company,
       invoice_number
  FROM sc_packages_package
 WHERE (seller_id, number) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))
 ORDER BY seller_id, number FOR UPDATE
"""
_LOOK = """
SELECT coalesce(state_code, 0), sequence, origin FROM sc_packages_package
 WHERE seller_id = given.record_id AND number = given.record_name
"""
_COLUMNS = """%s::smallint[], %s::smallint[], %s::text[], %s::bigint[], %s::bigint[], %s::numeric[], %s::text[],
       %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[]"""
_NAMES = """status, state, state_name, sequence, remote_id, amount, currency, location, company, tracking, invoice,
       lineage, made"""
_UPSERT = f"""
INSERT INTO sc_packages_package AS p (seller_id, order_id, order_number, number, origin, status, state_code,
       state_name, sequence, remote_id, amount, currency, location_name, shipping_company, tracking_numbers,
       invoice_number, lineage, made_at, created_at, modified_at)
SELECT t.seller, o.id, coalesce(o.number, t.order_number), t.number, 'oms', t.status, t.state, t.state_name,
       t.sequence, t.remote_id, t.amount, t.currency, t.location, t.company, t.tracking::text[], t.invoice,
       t.lineage::bigint[], coalesce(t.made, n.now), n.now, clock_timestamp()
  FROM unnest(%s::bigint[], %s::text[], {_COLUMNS}, %s::bigint[], %s::text[])
       AS t(seller, number, {_NAMES}, order_ref, order_number)
  CROSS JOIN (SELECT %s::timestamptz) AS n(now)
  LEFT JOIN sc_orders_order o ON o.seller_id = t.seller AND o.id = coalesce(t.order_ref, (
       SELECT x.id FROM sc_orders_order x
        WHERE x.seller_id = t.seller AND x.number = t.order_number ORDER BY x.id DESC LIMIT 1))
 ORDER BY t.seller, t.number
ON CONFLICT (seller_id, number) DO UPDATE
   SET order_id = coalesce(excluded.order_id, p.order_id), order_number = excluded.order_number, origin = 'oms',
       status = excluded.status, state_code = excluded.state_code, state_name = excluded.state_name,
       sequence = excluded.sequence, remote_id = coalesce(excluded.remote_id, p.remote_id),
       amount = coalesce(excluded.amount, p.amount), currency = excluded.currency,
       location_name = excluded.location_name,
       shipping_company = excluded.shipping_company, tracking_numbers = excluded.tracking_numbers,
       invoice_number = excluded.invoice_number, lineage = excluded.lineage, retired_at = NULL,
       made_at = CASE WHEN excluded.made_at <> excluded.created_at THEN excluded.made_at ELSE p.made_at END,
       modified_at = greatest(clock_timestamp(), p.modified_at + {TICK})
RETURNING seller_id, number, id, order_id
"""
_UPDATE = f"""
UPDATE sc_packages_package p
   SET status = t.status, state_code = t.state, state_name = t.state_name, sequence = t.sequence,
       remote_id = coalesce(t.remote_id, p.remote_id), amount = coalesce(t.amount, p.amount), currency = t.currency,
       location_name = t.location, shipping_company = t.company, tracking_numbers = t.tracking::text[],
       invoice_number = t.invoice, lineage = t.lineage::bigint[], retired_at = NULL,
       made_at = coalesce(t.made, p.made_at), modified_at = greatest(clock_timestamp(), p.modified_at + {TICK})
  FROM unnest(%s::bigint[], {_COLUMNS}) AS t(id, {_NAMES}) WHERE p.id = t.id
"""
_ITEMS = """
INSERT INTO sc_packages_packageitem (package_id, seller_id, order_item_id, remote_id, sku, name, quantity, state_code)
SELECT t.package, t.seller, i.id, t.remote_id, coalesce(nullif(t.sku, ''), i.sku, ''),
       coalesce(nullif(t.name, ''), i.name, ''), t.quantity, t.state
  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::numeric[],
              %s::smallint[]) WITH ORDINALITY
       AS t(package, seller, order_item, remote_id, sku, name, quantity, state, place)
  LEFT JOIN sc_orders_orderitem i ON i.id = t.order_item AND i.seller_id = t.seller
 ORDER BY t.place
"""
_STORED = """
SELECT package_id, id, order_item_id, remote_id, sku, name, quantity, state_code FROM sc_packages_packageitem
 WHERE package_id = ANY(%s::bigint[]) ORDER BY id
"""
_MOVED = """
UPDATE sc_packages_packageitem i SET state_code = t.state
  FROM unnest(%s::bigint[], %s::smallint[]) AS t(id, state) WHERE i.id = t.id
"""
_PACKED = """
UPDATE sc_orders_orderitem i SET packaging = 'packaged', modified_at = %s::timestamptz
  FROM unnest(%s::bigint[], %s::bigint[]) AS t(id, seller)
 WHERE i.id = t.id AND i.seller_id = t.seller AND i.packaging = 'waiting_packaging'
"""
_RETIRE = f"""
UPDATE sc_packages_package p SET retired_at = %s::timestamptz, modified_at = greatest(clock_timestamp(), p.modified_at + {TICK})
 WHERE p.id IN (SELECT id FROM sc_packages_package
                 WHERE order_id = ANY(%s::bigint[]) AND origin = 'default' AND retired_at IS NULL ORDER BY id FOR UPDATE)
"""
_HISTORY = """
INSERT INTO sc_packages_packagehistory (package_id, seller_id, event_uuid, event_type, sequence, state_code, status,
       outcome, at)
SELECT t.*, %s::timestamptz FROM unnest(%s::bigint[], %s::bigint[], %s::uuid[], %s::text[], %s::bigint[], %s::smallint[],
                          %s::smallint[], %s::text[]) AS t
ON CONFLICT (seller_id, event_uuid) DO NOTHING
"""
_DEFAULTS = """
WITH made AS (
  INSERT INTO sc_packages_package (seller_id, order_id, order_number, number, origin, status, amount, currency,
         tracking_numbers, created_at, modified_at)
  SELECT o.seller_id, o.id, o.number, 'D' || o.number || '.' || o.id, 'default', %s::smallint, o.amount, o.currency, '{}',
         %s::timestamptz, clock_timestamp()
    FROM sc_orders_order o WHERE o.id = ANY(%s::bigint[]) ORDER BY o.id
  RETURNING id, order_id, seller_id)
INSERT INTO sc_packages_packageitem (package_id, seller_id, order_item_id, sku, name, quantity)
SELECT m.id, m.seller_id, i.id, i.sku, i.name, i.quantity
  FROM made m JOIN sc_orders_orderitem i ON i.order_id = m.order_id ORDER BY i.id
"""
_ADOPT = """
UPDATE sc_packages_package p SET order_id = o.id, order_number = o.number
  FROM sc_orders_order o
 WHERE o.id = ANY(%s::bigint[]) AND p.seller_id = o.seller_id AND p.order_id IS NULL AND p.origin = 'oms'
   AND p.order_number = o.number
RETURNING o.id
"""


def source_of(seller_id: int) -> str:
    """The inbox source of a seller's OMS."""
    return f"oms:{seller_id}"


def _keys(keys: Sequence[Key]) -> list[str]:
    return [prepared.numbers(seller for seller, _ in keys), prepared.texts(number for _, number in keys)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A stored package, locked, and what it is found by."""

    package_id: int
    order_id: int | None
    package: PackageNow


def lock(keys: Sequence[Key]) -> dict[Key, Stored]:
    """The stored packages among `keys`, locked."""
    with prepared.cursor() as cursor:
        cursor.execute(_LOCK, _keys(keys))
        return {
            (seller, number): Stored(
                package_id=package_id,
                order_id=order_id,
                package=PackageNow(
                    number=number,
                    exists=origin == "oms",
                    state=state,
                    sequence=sequence,
                    tracking_numbers=tuple(tracking),
                    shipping_company=company,
                    invoice_number=invoice,
                ),
            )
            for seller, number, package_id, order_id, state, sequence, tracking, origin, company, invoice in cursor.fetchall()
        }


def keeping(
    key: Key, envelope: Envelope, event: PackageEvent, *, now: datetime
) -> Left[Any, Any, Any, tuple[bool, PackageNow]]:
    """A received event, left to be stored: whether it is new, and its package as it was before (not locked)."""
    seller_id, number = key

    def told(kept: tuple[bool, tuple[Any, ...]]) -> tuple[bool, PackageNow]:
        new, (state, sequence, origin) = kept
        if origin is None:
            return new, PackageNow(number=number)
        return new, PackageNow(number=number, exists=origin == "oms", state=state, sequence=sequence)

    source = source_of(seller_id)
    return inbox.keeping(source, envelope, beside=_LOOK, record=key, read=event, now=now).then(told)


def write(packages: Mapping[Key, PackageNow], before: Mapping[Key, Stored]) -> None:
    """Write packages that are stored, as their latest event says; they stay with their orders."""
    with prepared.cursor() as cursor:
        ids = prepared.numbers(before[key].package_id for key in packages)
        cursor.execute(_UPDATE, [ids, *_columns(packages.values())])


def upsert(packages: Mapping[Key, PackageNow], *, now: datetime) -> dict[Key, tuple[int, int | None]]:
    """Write packages as their latest event says, and find their orders; key → (package id, order id)."""
    events = [_latest(package) for package in packages.values()]
    orders = [prepared.numbers(e.order_id for e in events), prepared.texts(e.order_number for e in events)]
    with prepared.cursor() as cursor:
        cursor.execute(_UPSERT, [*_keys(list(packages)), *_columns(packages.values()), *orders, now])
        return {(seller, number): (pk, order_id) for seller, number, pk, order_id in cursor.fetchall()}


def _latest(package: PackageNow) -> PackageEvent:
    assert package.latest is not None
    return package.latest


def _columns(given: Iterable[PackageNow]) -> list[str]:
    """What `_COLUMNS` takes."""
    packages = list(given)
    events = [_latest(package) for package in packages]
    return [
        prepared.numbers(states.status_of(p.state) for p in packages),
        prepared.numbers(p.state for p in packages),
        prepared.texts(e.state_name for e in events),
        prepared.numbers(p.sequence for p in packages),
        prepared.numbers(e.remote_id for e in events),
        prepared.numbers(e.amount for e in events),
        prepared.texts(e.currency for e in events),
        prepared.texts(e.location_name for e in events),
        prepared.texts(p.shipping_company for p in packages),
        prepared.texts(prepared.texts(p.tracking_numbers) for p in packages),
        prepared.texts(p.invoice_number for p in packages),
        prepared.texts(prepared.numbers(e.lineage) for e in events),
        prepared.texts(None if e.made_at is None else e.made_at.isoformat() for e in events),
    ]


def add_tracking(packages: Mapping[Key, PackageNow]) -> None:
    """Write tracking numbers that came with late events only."""
    with connection.cursor() as cursor:
        for (seller_id, number), package in packages.items():
            cursor.execute(
                "UPDATE sc_packages_package SET tracking_numbers = %s"
                " WHERE seller_id = %s AND number = %s AND tracking_numbers <> %s",
                [list(package.tracking_numbers), seller_id, number, list(package.tracking_numbers)],
            )


def replace_items(events: Sequence[tuple[int, int, PackageEvent]], *, now: datetime) -> None:
    """Write the items of `(package id, seller id, latest event)`; order items in them count as packaged.

    Most events bring the items that are here already: then only their states are written, in place.
    """
    with prepared.cursor() as cursor:
        cursor.execute(_STORED, [prepared.numbers(sorted(event[0] for event in events))])
        stored: dict[int, list[tuple[Any, ...]]] = {}
        for row in cursor.fetchall():
            stored.setdefault(row[0], []).append(row)
        moved, others = _moved_and_others(events, stored)
        if moved:
            cursor.execute(_MOVED, [prepared.numbers(moved), prepared.numbers(moved.values())])
        gone = sorted(others & stored.keys())
        if gone:
            cursor.execute("DELETE FROM sc_packages_packageitem WHERE package_id = ANY(%s)", [gone])
        fresh = [(p, seller, item) for p, seller, event in events if p in others for item in event.items]
        if fresh:
            cursor.execute(_ITEMS, _item_columns(fresh))
        packed = sorted((i.order_item_id, seller) for _, seller, i in fresh if i.order_item_id is not None)
        if packed:
            columns = [prepared.numbers(i for i, _ in packed), prepared.numbers(s for _, s in packed)]
            cursor.execute(_PACKED, [now, *columns])


def _item_columns(rows: Sequence[tuple[int, int, EventItem]]) -> list[str]:
    return [
        prepared.numbers(package_id for package_id, _, _ in rows),
        prepared.numbers(seller_id for _, seller_id, _ in rows),
        prepared.numbers(i.order_item_id for _, _, i in rows),
        prepared.numbers(i.remote_id for _, _, i in rows),
        prepared.texts(i.sku for _, _, i in rows),
        prepared.texts(i.name for _, _, i in rows),
        prepared.numbers(i.quantity for _, _, i in rows),
        prepared.numbers(i.state for _, _, i in rows),
    ]


def _moved_and_others(
    events: Sequence[tuple[int, int, PackageEvent]], stored: Mapping[int, Sequence[tuple[Any, ...]]]
) -> tuple[dict[int, int], set[int]]:
    """`{item id: state}` of items that are the same but for their state, and the packages whose items are others."""
    moved: dict[int, int] = {}
    others: set[int] = set()
    for package_id, _, event in events:
        known = stored.get(package_id, ())
        if len(known) != len(event.items) or not all(map(_is_same, known, event.items)):
            others.add(package_id)
            continue
        moved.update(
            {row[1]: i.state for row, i in zip(known, event.items, strict=True) if row[7] != i.state}
        )
    return moved, others


def _is_same(row: tuple[Any, ...], item: EventItem) -> bool:
    """Whether this is the item the event names; a text it leaves out was taken from the order."""
    return (
        row[2:4] == (item.order_item_id, item.remote_id)
        and item.sku in ("", row[4])
        and item.name in ("", row[5])
        and row[6] == item.quantity
    )


def retire_defaults(order_ids: Sequence[int], *, now: datetime) -> None:
    """The default packages of these orders give way to the OMS's own (decision 13)."""
    if order_ids:
        with prepared.cursor() as cursor:
            cursor.execute(_RETIRE, [now, prepared.numbers(sorted(set(order_ids)))])


def add_history(rows: Sequence[tuple[int, int, UUID, Verdict]], *, now: datetime) -> None:
    """Log `(package id, seller id, event uuid, verdict)`."""
    columns = [
        prepared.numbers(row[0] for row in rows),
        prepared.numbers(row[1] for row in rows),
        prepared.words(row[2].hex for row in rows),
        prepared.texts(row[3].event.type for row in rows),
        prepared.numbers(row[3].event.sequence for row in rows),
        prepared.numbers(row[3].event.state for row in rows),
        prepared.numbers(states.status_of(row[3].event.state) for row in rows),
        prepared.words(row[3].outcome for row in rows),
    ]
    with prepared.cursor() as cursor:
        cursor.execute(_HISTORY, [now, *columns])


def make_defaults(order_ids: Sequence[int], *, now: datetime) -> None:
    """One default package with all items for each of these new orders.

    Where an OMS reported packages before the order arrived, they find their order now and no default is left open.
    """
    wanted = prepared.numbers(sorted(order_ids))
    with prepared.cursor() as cursor:
        cursor.execute(_DEFAULTS, [states.PREPARING, now, wanted])
        cursor.execute(_ADOPT, [wanted])
        adopted = [pk for (pk,) in cursor.fetchall()]
    retire_defaults(adopted, now=now)


def count_repeat(seller_id: int, event_type: str) -> None:
    """Count one event that was sent again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sc_packages_repeatcount AS r (seller_id, event_type, count) VALUES (%s, %s, 1)"
            " ON CONFLICT (seller_id, event_type) DO UPDATE SET count = r.count + 1",
            [seller_id, event_type],
        )
