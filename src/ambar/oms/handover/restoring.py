"""Reads and writes of putting packages back, on sets, in the caller's transaction. Lock order: orders, packages, balances, quota."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from ambar.kit import work
from ambar.oms.handover.domain.restoring import KnownItem, KnownOrder, Places, Restored, RestoredParcel
from ambar.oms.shipments.actions.order_parcels import ASK_LOOP
from ambar.oms.shipments.actions.poll_now import POLL_LOOP
from ambar.oms.states.queries import state_id

SLUG = "RECONCILIATION"

_ORDERS = """
SELECT id, upstream_id, number, channel_id FROM oms_orders_order
 WHERE source = %s AND (upstream_id = ANY(%s) OR number = ANY(%s)) ORDER BY id FOR NO KEY UPDATE"""
_ITEMS = """
SELECT i.order_id, i.id, i.upstream_id, i.product_id, i.sku,
       i.quantity - i.cancelled_quantity - coalesce((
         SELECT sum(x.quantity) FROM oms_packages_packageitem x JOIN oms_packages_package p ON p.id = x.package_id
          WHERE x.order_item_id = i.id AND p.state NOT IN (900, 910)), 0)
  FROM oms_orders_orderitem i WHERE i.order_id = ANY(%s) AND NOT i.is_head ORDER BY i.id"""


def lock_orders(
    source: str, upstream_ids: Sequence[int], numbers: Sequence[str]
) -> dict[int | str, KnownOrder]:
    """The orders with these upstream ids or numbers, locked, by either."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [source, list(upstream_ids), list(numbers)])
        rows = cursor.fetchall()
        cursor.execute(_ITEMS, [[row[0] for row in rows]])
        items: dict[int, list[KnownItem]] = {}
        for order_id, pk, upstream_id, product_id, sku, open_ in cursor.fetchall():
            items.setdefault(order_id, []).append(
                KnownItem(id=pk, upstream_id=upstream_id, product_id=product_id, sku=sku, open=open_)
            )
    found: dict[int | str, KnownOrder] = {}
    for pk, upstream_id, number, channel_id in rows:
        order = KnownOrder(id=pk, number=number, channel_id=channel_id, items=tuple(items.get(pk, ())))
        found[upstream_id] = found[number] = order
    return found


def open_by_line(order_ids: Iterable[int]) -> dict[int, Decimal]:
    """Order line → its units that stand in no living package, of these orders."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [list(order_ids)])
        return {pk: open_ for _, pk, _, _, _, open_ in cursor.fetchall()}


def open_units(order_ids: Iterable[int]) -> dict[int, int]:
    """Order id → how many of its lines have units in no living package."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT order_id, count(*) FROM ({_ITEMS}) AS i(order_id, id, upstream_id, product_id, sku, open)"
            " WHERE open > 0 GROUP BY 1",
            [list(order_ids)],
        )
        return dict(cursor.fetchall())


def present(numbers: Sequence[str]) -> set[str]:
    """Which of these packages are here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM oms_packages_package WHERE number = ANY(%s)", [list(numbers)])
        return {row[0] for row in cursor.fetchall()}


def locations(names: Iterable[str], ids: Iterable[int]) -> Places:
    """The locations of these names or ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name FROM oms_locations_stocklocation WHERE name = ANY(%s) OR id = ANY(%s)",
            [sorted(set(names)), sorted(set(ids))],
        )
        rows = cursor.fetchall()
    by_name: dict[str, list[int]] = {}
    for pk, name in rows:
        by_name.setdefault(name, []).append(pk)
    return Places(names=dict(rows), ids=by_name)


def products(skus: Iterable[str]) -> dict[str, int]:
    """SKU → product id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sku, id FROM oms_catalogue_product WHERE sku = ANY(%s)", [sorted(set(skus))])
        return dict(cursor.fetchall())


_FREE = """
SELECT w.place, w.id FROM unnest(%s::int[], %s::bigint[]) AS w(place, id)
 WHERE w.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = w.id)"""


def _ids(table: str, wanted: Sequence[int | None]) -> list[int]:
    """An id for each: the one it had where that is free, else a new one. Later ids given out lie above them."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE.format(table=table), [list(range(len(wanted))), list(wanted)])
        kept: dict[int, int] = {}
        for place, pk in cursor.fetchall():
            if pk not in kept.values():
                kept[place] = pk
        if kept:
            cursor.execute(
                "SELECT setval(s, greatest(%s, pg_sequence_last_value(s::regclass)))"
                " FROM pg_get_serial_sequence(%s, 'id') AS s"
                " WHERE coalesce(pg_sequence_last_value(s::regclass), 0) < %s",
                [max(kept.values()), table, max(kept.values())],
            )
        missing = len(wanted) - len(kept)
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, missing]
        )
        fresh = iter([row[0] for row in cursor.fetchall()])
    return [kept[place] if place in kept else next(fresh) for place in range(len(wanted))]


_INSERT = """
INSERT INTO oms_packages_package (id, number, order_id, order_number, location_id, channel_id, state, previous_state,
       shipping_company, amount, sequence, told_state, told_sequence, invoice_number, packaged_at, shipped_at, lineage,
       shipping_label, created_at, modified_at)
OVERRIDING SYSTEM VALUE
SELECT r.id, r.number, r.order_id, r.order_number, r.location_id, r.channel_id, r.state, r.previous_state, r.shipping_company,
       r.amount, greatest(r.sequence + 1, (SELECT max(e.sequence) FROM outbox_event e
                                            WHERE e.kind = 'package' AND e.aggregate_id = r.id)),
       r.state, r.sequence, r.invoice_number, CASE WHEN r.state >= 500 AND r.state < 900 THEN %(now)s::timestamptz END,
       r.shipped_at, r.lineage, r.shipping_label, r.made_at, %(now)s
  FROM json_to_recordset(%(rows)s::json)
    AS r(id bigint, number text, order_id bigint, order_number text, location_id bigint, channel_id bigint, state int,
         previous_state int, shipping_company text, amount numeric, sequence bigint, invoice_number text,
         shipped_at timestamptz, lineage jsonb, shipping_label text, made_at timestamptz)
 ORDER BY r.order_id, r.number"""
_INSERT_ITEMS = """
INSERT INTO oms_packages_packageitem (id, package_id, order_item_id, order_id, product_id, quantity, state, unit_weight,
       extra_data, created_at, modified_at)
OVERRIDING SYSTEM VALUE
SELECT r.id, r.package_id, r.order_item_id, r.order_id, r.product_id, r.quantity, r.state, pr.weight, r.extra_data, %(now)s, %(now)s
  FROM json_to_recordset(%(rows)s::json)
    AS r(id bigint, package_id bigint, order_item_id bigint, order_id bigint, product_id bigint, quantity numeric, state int,
         extra_data jsonb)
  JOIN oms_catalogue_product pr ON pr.id = r.product_id ORDER BY r.id"""
_LOG = """
INSERT INTO oms_states_transitionlog (kind, object_id, old_state_id, new_state_id, user_id, attributes, created_at)
SELECT 'package', r.id,
       (SELECT l.new_state_id FROM oms_states_transitionlog l
         WHERE l.kind = 'package' AND l.object_id = r.id ORDER BY l.id DESC LIMIT 1),
       r.state_row, NULL, jsonb_build_object('command.slug', %(slug)s::text, 'sequence', r.sequence), %(now)s
  FROM json_to_recordset(%(rows)s::json) AS r(id bigint, state_row bigint, sequence bigint) ORDER BY r.id"""


def insert(packages: Sequence[Restored], *, now: datetime) -> dict[str, tuple[int, list[int]]]:
    """Write packages, lines and log; number → (package id, ids of its lines in order)."""
    ids = _ids("oms_packages_package", [package.remote_id for package in packages])
    lines = [(place, item) for place, package in enumerate(packages) for item in package.items]
    item_ids = _ids("oms_packages_packageitem", [item.remote_id for _, item in lines])
    heads = [
        {
            "id": pk,
            "number": one.number,
            "order_id": one.order.id,
            "order_number": one.order.number,
            "location_id": one.location_id,
            "channel_id": one.order.channel_id,
            "state": one.state,
            "previous_state": one.previous_state,
            "shipping_company": one.shipping_company,
            "amount": str(one.amount),
            "sequence": one.sequence,
            "invoice_number": one.invoice_number,
            "shipped_at": one.shipped_at,
            "lineage": list(one.lineage),
            "shipping_label": one.shipping_label,
            "made_at": one.made_at,
            "state_row": state_id("PackageStatus", one.state),
        }
        for pk, one in zip(ids, packages, strict=True)
    ]
    rows = [
        {
            "id": item_id,
            "package_id": ids[place],
            "order_item_id": item.order_item_id,
            "order_id": packages[place].order.id,
            "product_id": item.product_id,
            "quantity": str(item.quantity),
            "state": packages[place].state,
            "extra_data": dict(item.noted),
        }
        for item_id, (place, item) in zip(item_ids, lines, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"rows": _json(heads), "now": now})
        insert_lines(rows, now=now)
        cursor.execute(_LOG, {"rows": _json(heads), "slug": SLUG, "now": now})
    made: dict[str, tuple[int, list[int]]] = {
        one.number: (pk, []) for pk, one in zip(ids, packages, strict=True)
    }
    for item_id, (place, _) in zip(item_ids, lines, strict=True):
        made[packages[place].number][1].append(item_id)
    return made


def insert_lines(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Write lines of packages under the ids they had; each names the columns of a line but its weight, which is the product's."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_ITEMS, {"rows": _json(rows), "now": now})


_SAME_PARCEL = """
SELECT s.id FROM oms_shipments_shipment s JOIN unnest(%s::bigint[], %s::timestamptz[]) AS w(id, made) ON s.id = w.id
 WHERE s.created_at = w.made"""
_INSERT_PARCELS = """
INSERT INTO oms_shipments_shipment (id, state, cargo_company, awb_number, query_number, tracking_numbers, tracking_url,
       shipped_at, delivered_at, sequence, created_at, modified_at, carrier_id, reference, talk, due_at)
OVERRIDING SYSTEM VALUE
SELECT r.id, r.state, r.cargo_company, r.awb_number, r.query_number, r.numbers, r.tracking_url, r.shipped_at, r.delivered_at,
       r.sequence, coalesce(r.made_at, %(now)s), %(now)s, c.id, CASE WHEN c.id IS NOT NULL THEN r.reference END,
       CASE WHEN c.id IS NULL THEN '' ELSE r.talk END, CASE WHEN c.id IS NOT NULL AND r.talk <> 'ended' THEN %(now)s END
  FROM json_to_recordset(%(rows)s::json)
    AS r(id bigint, state text, cargo_company text, awb_number text, query_number text, numbers jsonb, tracking_url text,
         shipped_at timestamptz, delivered_at timestamptz, sequence bigint, made_at timestamptz, reference uuid, talk text)
  LEFT JOIN oms_shipments_carrier c
    ON c.code = r.cargo_company AND r.reference IS NOT NULL
   AND NOT EXISTS (SELECT FROM oms_shipments_shipment s WHERE s.reference = r.reference)
 ORDER BY r.id"""
_LINK = """
INSERT INTO oms_shipments_shipmentpackage (shipment_id, package_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[])
ON CONFLICT DO NOTHING"""


def insert_parcels(parcels: Sequence[tuple[int, RestoredParcel]], *, now: datetime) -> None:
    """Put packages `(id, parcel)` into their parcels: the very one where it is still here, else one put back under its old id.

    The carrier of one that was put back is asked about it as about any other, under the name it has there. One whose events did not
    name that yet, or whose carrier is not connected (any more), waits for people.
    """
    once = {_identity(package_id, one): one for package_id, one in parcels}
    with connection.cursor() as cursor:
        known = [one for one in once.values() if one.remote_id is not None]
        cursor.execute(_SAME_PARCEL, [[one.remote_id for one in known], [one.made_at for one in known]])
        here = {row[0] for row in cursor.fetchall()}
        lost = {key: one for key, one in once.items() if one.remote_id not in here}
        ids = dict(
            zip(lost, _ids("oms_shipments_shipment", [one.remote_id for one in lost.values()]), strict=True)
        )
        rows = [
            {
                "id": ids[key], "state": one.state, "cargo_company": one.cargo_company, "awb_number": one.awb_number,
                "query_number": one.query_number, "numbers": list(one.numbers), "tracking_url": one.tracking_url,
                "shipped_at": one.shipped_at, "delivered_at": one.delivered_at, "sequence": one.sequence, "made_at": one.made_at,
                "reference": None if one.reference is None else str(one.reference), "talk": one.talk,
            }
            for key, one in lost.items()
        ]  # fmt: skip
        cursor.execute(_INSERT_PARCELS, {"rows": _json(rows), "now": now})
        links = [
            (ids.get(_identity(package_id, one), one.remote_id), package_id) for package_id, one in parcels
        ]
        cursor.execute(_LINK, [[parcel for parcel, _ in links], [package for _, package in links]])
    work.wake(ASK_LOOP)
    work.wake(POLL_LOOP)


def _identity(package_id: int, parcel: RestoredParcel) -> tuple[str, int]:
    """One parcel may carry several packages; one nobody remembers is the package's own."""
    return ("parcel", parcel.remote_id) if parcel.remote_id is not None else ("of", package_id)


_MOVE = """
WITH given AS (
  SELECT g.*, p.state AS old FROM json_to_recordset(%(rows)s::json)
         AS g(id bigint, state int, sequence bigint, state_row bigint)
    JOIN oms_packages_package p ON p.id = g.id),
items AS (
  UPDATE oms_packages_packageitem i SET state = g.state, modified_at = %(now)s
    FROM given g WHERE i.package_id = g.id AND i.quantity > 0),
moved AS (
  UPDATE oms_packages_package p
     SET state = g.state, previous_state = CASE WHEN g.state = 930 THEN g.old END, told_state = g.state,
         told_sequence = g.sequence, sequence = greatest(p.sequence, g.sequence + 1),
         packaged_at = CASE WHEN g.state >= 500 AND g.state < 900 THEN coalesce(p.packaged_at, %(now)s) ELSE p.packaged_at END,
         shipped_at = CASE WHEN g.state >= 600 AND g.state < 800 THEN coalesce(p.shipped_at, %(now)s) ELSE p.shipped_at END,
         modified_at = %(now)s
    FROM given g WHERE p.id = g.id)
INSERT INTO oms_states_transitionlog (kind, object_id, old_state_id, new_state_id, user_id, attributes, created_at)
SELECT 'package', g.id,
       (SELECT l.new_state_id FROM oms_states_transitionlog l
         WHERE l.kind = 'package' AND l.object_id = g.id ORDER BY l.id DESC LIMIT 1),
       g.state_row, NULL, jsonb_build_object('command.slug', %(slug)s::text, 'sequence', g.sequence), %(now)s
  FROM given g ORDER BY g.id"""


def move_on(moves: Mapping[int, tuple[int, int]], *, now: datetime) -> None:
    """Bring packages (locked) to the state and sequence the other side remembers: `{package id: (state, sequence)}`."""
    rows = [
        {"id": pk, "state": state, "sequence": sequence, "state_row": state_id("PackageStatus", state)}
        for pk, (state, sequence) in sorted(moves.items())
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"rows": _json(rows), "slug": SLUG, "now": now})


_HELD = """
SELECT holder_id, coalesce(sum(quantity) FILTER (WHERE kind <> 'stock'), 0),
       coalesce(sum(quantity) FILTER (WHERE kind IN ('consume', 'stock')), 0)
  FROM oms_stock_ledgerentry WHERE holder_kind = 'package_item' AND holder_id = ANY(%s) GROUP BY 1"""


def held_before(item_ids: Sequence[int]) -> dict[int, tuple[bool, bool]]:
    """Package item → (still reserved, used up) as the ledger remembers it; unknown ones are absent."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [list(item_ids)])
        return {pk: (reserved > 0, used < 0) for pk, reserved, used in cursor.fetchall()}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
