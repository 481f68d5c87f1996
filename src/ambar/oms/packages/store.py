"""Writes of packages: making them and moving them, on sets, with their log, events and quota.

Lock order of the OMS: orders, packages, transfers, balances, quota.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from ambar.kit import prepared
from ambar.oms.locations import store as locations
from ambar.oms.orders import cancelled_units
from ambar.oms.orders import store as orders
from ambar.oms.orders.domain.events import channel_scope
from ambar.oms.packages import registry
from ambar.oms.packages.domain import events
from ambar.oms.packages.domain.changes import (
    ITEM_STATE_OF_PACKAGE,
    CreatedPackage,
    LockedItem,
    LockedPackage,
    Moved,
    NewPackage,
    StateChange,
    StateMoved,
    item_targets,
    merged,
    quota_deltas,
)
from ambar.oms.packages.payload import payloads
from ambar.oms.packages.telling import tell
from ambar.oms.states.domain.codes import OrderStatus
from ambar.oms.states.queries import state_id

_CREATE = """
WITH wanted AS MATERIALIZED (
  SELECT nextval('oms_packages_package_id_seq'::regclass) AS id, w.*
    FROM unnest(%(orders)s::bigint[], %(locations)s::bigint[], %(states)s::int[], %(decisions)s::bigint[],
                %(events)s::int[], %(heard)s::int[], %(state_rows)s::bigint[], %(lineages)s::text[]) WITH ORDINALITY
         AS w(order_id, location_id, state, decision_id, events, heard, state_row, lineage, ord)),
asked AS MATERIALIZED (
  SELECT nextval('oms_packages_packageitem_id_seq'::regclass) AS id, l.*
    FROM unnest(%(ords)s::int[], %(items)s::bigint[], %(products)s::bigint[], %(quantities)s::numeric[])
         AS l(ord, order_item_id, product_id, quantity)),
lines AS MATERIALIZED (
  SELECT l.*, round(coalesce(i.worth, i.price) * l.quantity / i.quantity, 2) AS amount, pr.weight
    FROM asked l
    JOIN oms_orders_orderitem i ON i.id = l.order_item_id JOIN oms_catalogue_product pr ON pr.id = l.product_id),
filled AS (
  SELECT ord, sum(amount) AS amount, json_object_agg(order_item_id, id)::text AS ids FROM lines GROUP BY ord),
numbered AS MATERIALIZED (
  SELECT w.*, o.number AS order_number, o.channel_id, o.cargo_company, f.amount, f.ids,
         o.number || 'P' || ((SELECT count(*) FROM oms_packages_package p WHERE p.order_number = o.number)
                             + row_number() OVER (PARTITION BY o.number ORDER BY w.ord)) AS number
    FROM wanted w JOIN oms_orders_order o ON o.id = w.order_id LEFT JOIN filled f ON f.ord = w.ord),
made AS (
  INSERT INTO oms_packages_package (id, number, order_id, order_number, location_id, channel_id, state, shipping_company,
                                    amount, sequence, told_state, told_sequence, lineage, decision_id, created_at,
                                    modified_at)
  SELECT id, number, order_id, order_number, location_id, channel_id, state, cargo_company, coalesce(amount, 0), events,
         state, heard, lineage::jsonb, nullif(decision_id, 0), %(now)s, %(now)s
    FROM numbered ORDER BY ord),
items AS (
  INSERT INTO oms_packages_packageitem (id, package_id, order_item_id, order_id, product_id, quantity, state, unit_weight,
                                        created_at, modified_at)
  SELECT l.id, n.id, l.order_item_id, n.order_id, l.product_id, l.quantity, n.state, l.weight, %(now)s, %(now)s
    FROM lines l JOIN numbered n ON n.ord = l.ord ORDER BY l.id),
logged AS (
  INSERT INTO oms_states_transitionlog (kind, object_id, old_state_id, new_state_id, user_id, attributes, created_at)
  SELECT 'package', id, NULL, state_row, NULL, '{"command.slug": "PLANNING"}'::jsonb, %(now)s FROM numbered ORDER BY ord)
SELECT id, number, ids FROM numbered ORDER BY ord"""
"""Ids are drawn first, in the order asked for and before any join, so that items, log and answer need not ask the inserted rows for theirs."""


def create(packages: Sequence[NewPackage], *, now: datetime) -> list[CreatedPackage]:
    """Make packages with items, log rows and events, in the caller's transaction; answers in the given order.

    Numbers are `<order number>P<n>`; the caller holds the lock of the orders. Touches neither stock nor quota: the
    planner does both in the same transaction. Raises `LookupError` for an unknown order, item or product.
    """
    if not packages:
        return []
    types = [events.on_creation(package.state) for package in packages]
    with connection.cursor() as cursor:
        cursor.execute(_CREATE, {**_heads(packages, types), **_lines(packages), "now": now})
        rows = cursor.fetchall()
    if len(rows) != len(packages):
        raise LookupError("a package names an order that does not exist")
    created = []
    for (package_id, number, items), package in zip(rows, packages, strict=True):
        ids = orjson.loads(items or "{}")
        created.append(
            CreatedPackage(
                id=package_id, number=number, item_ids=tuple([ids[str(item[0])] for item in package.items])
            )
        )
    record_events({package.id: names for package, names in zip(created, types, strict=True)}, now=now)
    return created


def _heads(packages: Sequence[NewPackage], types: Sequence[Sequence[str]]) -> dict[str, Any]:
    heard, rows = {names: events.heard(names) for names in set(types)}, {}
    for state in {int(package.state) for package in packages}:
        rows[state] = state_id("PackageStatus", state)
    return {
        "orders": prepared.numbers(package.order_id for package in packages),
        "locations": prepared.numbers(package.location_id for package in packages),
        "states": prepared.numbers(int(package.state) for package in packages),
        "decisions": prepared.numbers(package.decision_id or 0 for package in packages),
        "events": prepared.numbers(map(len, types)),
        "heard": prepared.numbers(heard[names] for names in types),
        "state_rows": prepared.numbers(rows[int(package.state)] for package in packages),
        "lineages": [_json(package.lineage) for package in packages],
    }


def _lines(packages: Sequence[NewPackage]) -> dict[str, str]:
    lines = [(ord_, *item) for ord_, package in enumerate(packages, 1) for item in merged(package.items)]
    return {
        name: prepared.numbers(line[place] for line in lines)
        for place, name in enumerate(("ords", "items", "products", "quantities"))
    }


_CHANGE = """
WITH given AS (
  SELECT g.*, p.previous_state AS was
    FROM json_to_recordset(%(rows)s::json)
         AS g(id bigint, from_state int, to_state int, events int, heard int, sync bool, old_row bigint, new_row bigint,
              user_id bigint, attributes jsonb, carrier text)
    JOIN oms_packages_package p ON p.id = g.id),
moved AS (
  UPDATE oms_packages_package p
     SET state = g.to_state,
         previous_state = CASE WHEN g.to_state = 930 THEN g.from_state END,
         sequence = p.sequence + g.events,
         told_state = CASE WHEN g.heard > 0 THEN g.to_state ELSE p.told_state END,
         told_sequence = CASE WHEN g.heard > 0 THEN p.sequence + g.heard ELSE p.told_sequence END,
         packaged_at = CASE WHEN g.to_state = 500 THEN %(now)s ELSE p.packaged_at END,
         shipped_at = CASE WHEN g.to_state = 600 THEN coalesce(p.shipped_at, %(now)s) ELSE p.shipped_at END,
         sync_pending_at = CASE WHEN g.sync THEN coalesce(p.sync_pending_at, %(now)s) ELSE p.sync_pending_at END,
         shipping_company = coalesce(g.carrier, p.shipping_company),
         modified_at = %(now)s
    FROM given g WHERE p.id = g.id AND p.state = g.from_state
  RETURNING p.id, p.location_id, g.from_state, g.to_state, g.was, p.sequence),
items AS (
  UPDATE oms_packages_packageitem i SET state = m.to_state, modified_at = %(now)s,
         stock_taken_at = CASE WHEN i.id = ANY(%(taken)s::bigint[]) THEN coalesce(i.stock_taken_at, %(now)s)
                               ELSE i.stock_taken_at END
    FROM moved m WHERE i.package_id = m.id AND i.quantity > 0),
logged AS (
  INSERT INTO oms_states_transitionlog (kind, object_id, old_state_id, new_state_id, user_id, attributes, created_at)
  SELECT 'package', g.id, g.old_row, g.new_row, g.user_id, g.attributes, %(now)s
    FROM given g JOIN moved m ON m.id = g.id ORDER BY g.id),
parts AS (
  SELECT mine.package_id,
         json_agg(json_build_array(other.order_item_id, coalesce(sibling.to_state, other.state)))::text AS list
    FROM moved m
    JOIN oms_packages_packageitem mine ON mine.package_id = m.id
    JOIN oms_packages_packageitem other ON other.order_item_id = mine.order_item_id
    LEFT JOIN moved sibling ON sibling.id = other.package_id AND other.quantity > 0
   WHERE m.to_state = ANY(%(telling)s::int[]) GROUP BY mine.package_id)
SELECT m.id, m.location_id, m.from_state, m.to_state, m.was, m.sequence, parts.list
  FROM moved m LEFT JOIN parts ON parts.package_id = m.id ORDER BY m.id"""
_TELLING = prepared.numbers(sorted(ITEM_STATE_OF_PACKAGE))
"""Package states that order items follow; the statement reads their other parts as the order's lock keeps them."""


_WHOLLY_PACKED = """
SELECT o.id FROM oms_orders_orderitem o
 WHERE o.id = ANY(%s::bigint[]) AND o.quantity - o.cancelled_quantity <= (
   SELECT coalesce(sum(i.quantity), 0) FROM oms_packages_packageitem i JOIN oms_packages_package p ON p.id = i.package_id
    WHERE i.order_item_id = o.id AND p.state NOT IN (900, 910))"""


def _settled(targets: Mapping[int, int]) -> dict[int, int]:
    """The targets without Refunded for items of which units are in no package yet: a refunded item is planned no more."""
    refunded = [item_id for item_id, state in targets.items() if state == OrderStatus.REFUNDED]
    if not refunded:
        return dict(targets)
    with prepared.cursor() as cursor:
        cursor.execute(_WHOLLY_PACKED, [prepared.numbers(refunded)])
        whole = {row[0] for row in cursor.fetchall()}
    return {i: state for i, state in targets.items() if state != OrderStatus.REFUNDED or i in whole}


def change_states(
    changes: Sequence[StateChange], *, stock_taken: Sequence[int] = (), now: datetime
) -> list[Moved]:
    """Move packages and their items, write the log, advance order items, record the events, move the quota.

    `stock_taken`: items of them whose stock has left the books. All or nothing, in the caller's transaction, which holds
    the locks of the orders and packages (`lock`). Raises
    `StateMoved` when one is not in its `from_state`, `ValueError` when a package is named twice.
    """
    if not changes:
        return []
    ordered = sorted(changes, key=lambda change: change.package_id)
    if len({change.package_id for change in ordered}) != len(ordered):
        raise ValueError("a package moves once per call")
    types = {
        change.package_id: events.on_change(change.to_state, besides=change.besides) for change in ordered
    }
    with prepared.cursor() as cursor:
        rows = [_change_row(change, types[change.package_id]) for change in ordered]
        taken = prepared.numbers(stock_taken)
        cursor.execute(_CHANGE, {"rows": _json(rows), "telling": _TELLING, "taken": taken, "now": now})
        found = cursor.fetchall()
        moves = [
            Moved(
                package_id=row[0],
                location_id=row[1],
                from_state=row[2],
                to_state=row[3],
                was_blocked_from=row[4],
                sequence=row[5],
            )
            for row in found
        ]
    if len(moves) != len(ordered):
        left = {change.package_id for change in ordered} - {move.package_id for move in moves}
        raise StateMoved("Not in the expected state any more.", packages=sorted(left))
    parts = [part for row in found if row[6] for part in orjson.loads(row[6])]
    targets = _settled(item_targets(parts))
    advanced = orders.advance_items(targets, now=now)
    if OrderStatus.REFUNDED in targets.values():
        cancelled_units.settle_refunded(sorted(advanced), now=now)
    record_events(types, now=now)
    locations.move_quota(quota_deltas(moves))
    return moves


_NOTE = """
INSERT INTO oms_states_transitionlog (kind, object_id, old_state_id, new_state_id, user_id, attributes, created_at)
SELECT 'package', g.id, g.old_row, g.new_row, g.user_id, g.attributes, %s
  FROM json_to_recordset(%s::json) AS g(id bigint, old_row bigint, new_row bigint, user_id bigint, attributes jsonb)
 ORDER BY g.id"""


def note(changes: Sequence[StateChange], *, now: datetime) -> None:
    """Log commands that leave the state as it is: no event, nothing else changes. One statement."""
    if changes:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [now, _json([_change_row(change, ()) for change in changes])])


_ANNOUNCE = """
UPDATE oms_packages_package SET sequence = sequence + 1, modified_at = %(now)s,
       sync_pending_at = CASE WHEN %(sync)s THEN coalesce(sync_pending_at, %(now)s) ELSE sync_pending_at END
 WHERE id = ANY(%(ids)s)"""


def announce(package_ids: Sequence[int], *, sync: bool, now: datetime) -> None:
    """Raise `package.status.transitioned` for packages of which something changed but the state; upstream is told when
    `sync`."""
    if package_ids:
        with connection.cursor() as cursor:
            cursor.execute(_ANNOUNCE, {"now": now, "sync": sync, "ids": list(package_ids)})
        record_events(dict.fromkeys(package_ids, (events.TRANSITIONED,)), now=now)
        registry.changed_within_a_state(package_ids, now=now)


def _change_row(change: StateChange, raised: Sequence[str]) -> dict[str, Any]:
    from_state, to_state = int(change.from_state), int(change.to_state)
    return {
        "id": change.package_id,
        "from_state": from_state,
        "to_state": to_state,
        "events": len(raised),
        "heard": events.heard(raised),
        "sync": change.sync,
        "old_row": state_id("PackageStatus", from_state),
        "new_row": state_id("PackageStatus", to_state),
        "user_id": change.user_id,
        "attributes": _attributes(change),
        "carrier": change.carrier,
    }


def _attributes(change: StateChange) -> dict[str, Any]:
    attributes: dict[str, Any] = {"command.slug": change.command_code, "transition.slug": change.slug}
    if change.transition_id is not None:
        attributes["command.transition_id"] = change.transition_id
    return {**change.attributes, **attributes}


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def record_events(types: Mapping[int, Sequence[str]], *, now: datetime, hook_id: int | None = None) -> None:
    """Record the event types of each package, the last one under the package's present `sequence`.

    The caller has raised `sequence` by the number of types, under the row lock. `hook_id`: for this hook only.
    """
    tell(events.KIND, types, table="oms_packages_package", load=_with_scopes, hook_id=hook_id, now=now)


def _with_scopes(package_ids: Sequence[int]) -> dict[int, tuple[dict[str, Any], str]]:
    found = payloads(package_ids)
    return {package_id: (record, channel_scope(record["channel_id"])) for package_id, record in found.items()}


_LOCK_ORDERS = """
SELECT 1 FROM oms_orders_order WHERE id IN (SELECT order_id FROM oms_packages_package WHERE id = ANY((SELECT %s::bigint[])::bigint[]))
 ORDER BY id FOR NO KEY UPDATE"""
_LOCK = """
SELECT p.id, p.number, p.state, p.previous_state, p.location_id, p.order_id, p.shipping_company,
       l.engine_id IS NOT NULL, items.list
  FROM (SELECT * FROM oms_packages_package
         WHERE id = ANY(%s::bigint[]) AND (%s::bigint[] IS NULL OR location_id = ANY(%s::bigint[]))
         ORDER BY id FOR UPDATE) p
  JOIN oms_locations_stocklocation l ON l.id = p.location_id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(i.id, i.order_item_id, i.product_id, i.quantity::text,
                                     i.stock_taken_at IS NOT NULL) ORDER BY i.id)::text AS list
      FROM oms_packages_packageitem i WHERE i.package_id = p.id AND i.quantity > 0) items"""


def _locked(row: Sequence[Any]) -> LockedPackage:
    items = tuple(
        LockedItem(
            id=item[0],
            order_item_id=item[1],
            product_id=item[2],
            quantity=Decimal(item[3]),
            stock_taken=item[4],
        )
        for item in orjson.loads(row[8] or "[]")
    )
    return LockedPackage(
        id=row[0],
        number=row[1],
        state=row[2],
        previous_state=row[3],
        location_id=row[4],
        order_id=row[5],
        shipping_company=row[6],
        has_outside_engine=row[7],
        items=items,
    )


_LOCK_FREE_ORDERS = """
SELECT id FROM oms_orders_order WHERE id IN (SELECT order_id FROM oms_packages_package WHERE id = ANY(%s::bigint[]))
 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"""
_LOCK_FREE = _LOCK.replace("FOR UPDATE)", "FOR UPDATE SKIP LOCKED)")


def lock_free(
    package_ids: Sequence[int], *, location_ids: Sequence[int] | None = None
) -> dict[int, LockedPackage]:
    """As `lock`, without waiting: packages that another transaction holds, or whose order it holds, are absent.

    For a caller that holds locks of packages already, and may not wait for an order. Two statements.
    """
    ids = prepared.numbers(sorted({i for i in package_ids if i < 2**63}))
    bounds = None if location_ids is None else prepared.numbers(location_ids)
    with prepared.cursor() as cursor:
        cursor.execute(_LOCK_FREE_ORDERS, [ids])
        mine = {row[0] for row in cursor.fetchall()}
        cursor.execute(_LOCK_FREE, [ids, bounds, bounds])
        return {row[0]: _locked(row) for row in cursor.fetchall() if row[5] in mine}


def lock(
    package_ids: Sequence[int], *, location_ids: Sequence[int] | None = None
) -> dict[int, LockedPackage]:
    """Lock packages (their orders first) until the transaction ends; those unknown or elsewhere are absent.

    `location_ids`: the caller's own locations, None = all. Two statements.
    """
    ids = prepared.numbers(sorted({i for i in package_ids if i < 2**63}))
    bounds = None if location_ids is None else prepared.numbers(location_ids)
    with prepared.cursor() as cursor:
        cursor.execute(_LOCK_ORDERS, [ids])
        cursor.execute(_LOCK, [ids, bounds, bounds])
        return {row[0]: _locked(row) for row in cursor.fetchall()}


def set_shipping_company(companies: Mapping[int, str], *, now: datetime) -> None:
    """Note the carrier that took each package."""
    if companies:
        ids = sorted(companies)
        with prepared.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_packages_package p SET shipping_company = w.company, modified_at = %s"
                " FROM unnest(%s::bigint[], %s::text[]) AS w(id, company) WHERE p.id = w.id",
                [now, prepared.numbers(ids), prepared.texts(companies[package_id] for package_id in ids)],
            )


def mark_stock_taken(item_ids: Sequence[int], *, now: datetime) -> None:
    """The items' stock has left the books (consumed, or released to an outside engine)."""
    if item_ids:
        with prepared.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_packages_packageitem SET stock_taken_at = %s"
                " WHERE id = ANY(%s::bigint[]) AND stock_taken_at IS NULL",
                [now, prepared.numbers(item_ids)],
            )


def unmark_stock_taken(item_ids: Sequence[int]) -> None:
    """The items' stock is back on the books."""
    if item_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_packages_packageitem SET stock_taken_at = NULL WHERE id = ANY(%s)",
                [list(item_ids)],
            )


def replace_products(products: Mapping[int, int], *, now: datetime) -> None:
    """`{package item: product}`: the items hold another product from now on; their weight is that product's."""
    if products:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_packages_packageitem i SET product_id = pr.id, unit_weight = pr.weight, modified_at = %s"
                " FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, product_id)"
                " JOIN oms_catalogue_product pr ON pr.id = w.product_id WHERE i.id = w.id",
                [now, list(products), list(products.values())],
            )


def note_barcodes(barcodes: Mapping[int, Sequence[str]], *, now: datetime) -> None:
    """`{package item: barcodes}` as they were scanned; those noted before are replaced."""
    if barcodes:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_packages_packageitem i SET modified_at = %s,"
                " extra_data = i.extra_data || jsonb_build_object('barcodes', w.barcodes::jsonb)"
                " FROM unnest(%s::bigint[], %s::text[]) AS w(id, barcodes) WHERE i.id = w.id",
                [now, list(barcodes), [_json(list(codes)) for codes in barcodes.values()]],
            )
