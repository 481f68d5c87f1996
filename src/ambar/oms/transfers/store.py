"""Writes of transfers: making them and moving them, on sets, with their log and events.

Lock order of the OMS: orders, packages, transfers, balances, quota. Nothing here touches stock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from ambar.oms.orders.domain.events import channel_scope
from ambar.oms.packages.telling import tell
from ambar.oms.states.domain.codes import TransferStatus
from ambar.oms.states.queries import state_id
from ambar.oms.transfers import registry
from ambar.oms.transfers.domain import events
from ambar.oms.transfers.domain.changes import (
    OPEN,
    CreatedTransfer,
    LockedItem,
    LockedTransfer,
    NewTransfer,
    TransferChange,
    TransferMoved,
    merged,
)
from ambar.oms.transfers.payload import payloads

_CREATE = """
WITH wanted AS (
  SELECT * FROM json_to_recordset(%(transfers)s::json)
    AS w(ord int, order_id bigint, package_id bigint, source_id bigint, destination_id bigint)),
lines AS (
  SELECT * FROM json_to_recordset(%(lines)s::json)
    AS l(ord int, package_item_id bigint, order_item_id bigint, product_id bigint, quantity numeric)),
numbered AS (
  SELECT w.*,
         p.number || 'T' || ((SELECT count(*) FROM oms_transfers_transfer t WHERE t.package_id = p.id)
                             + row_number() OVER (PARTITION BY p.id ORDER BY w.ord)) AS number
    FROM wanted w
    JOIN oms_packages_package p
      ON p.id = w.package_id AND p.order_id = w.order_id AND p.location_id = w.destination_id),
made AS (
  INSERT INTO oms_transfers_transfer (number, package_id, source_id, destination_id, state, extra_information, sequence,
                                      created_at, modified_at)
  SELECT number, package_id, source_id, destination_id, %(state)s, '{}'::jsonb, 1, %(now)s, %(now)s
    FROM numbered ORDER BY ord
  RETURNING id, number),
items AS (
  INSERT INTO oms_transfers_transferitem (transfer_id, package_item_id, order_item_id, product_id, quantity, state,
                                          created_at, modified_at)
  SELECT m.id, l.package_item_id, l.order_item_id, l.product_id, l.quantity, %(state)s, %(now)s, %(now)s
    FROM lines l JOIN numbered n ON n.ord = l.ord JOIN made m ON m.number = n.number
    JOIN oms_packages_packageitem i
      ON i.id = l.package_item_id AND i.package_id = n.package_id AND i.order_item_id = l.order_item_id
   ORDER BY l.ord, l.package_item_id
  RETURNING id, transfer_id, package_item_id),
logged AS (
  INSERT INTO oms_states_transitionlog (kind, object_id, old_state_id, new_state_id, user_id, attributes, created_at)
  SELECT 'transfer', m.id, NULL, %(state_row)s, NULL, '{"command.slug": "PLANNING"}'::jsonb, %(now)s
    FROM numbered n JOIN made m ON m.number = n.number ORDER BY n.ord)
SELECT n.ord, m.id, m.number,
       (SELECT json_object_agg(i.package_item_id, i.id)::text FROM items i WHERE i.transfer_id = m.id)
  FROM numbered n JOIN made m ON m.number = n.number ORDER BY n.ord"""


def create(transfers: Sequence[NewTransfer], *, now: datetime) -> list[CreatedTransfer]:
    """Make transfers with items, log rows and events, in the caller's transaction; answers in the given order.

    Numbers are `<package number>T<n>`; the caller holds the lock of the orders (or packages). Touches no stock: the
    planner reserves at the source, holder `("transfer_item", item id)`, in the same transaction. Raises `LookupError`
    for a package or item that does not exist, or that belongs to another order or location.
    """
    if not transfers:
        return []
    heads = [
        {
            "ord": ord_,
            "order_id": transfer.order_id,
            "package_id": transfer.package_id,
            "source_id": transfer.source_id,
            "destination_id": transfer.destination_id,
        }
        for ord_, transfer in enumerate(transfers)
    ]
    lines = [
        {
            "ord": ord_,
            "package_item_id": item[0],
            "order_item_id": item[1],
            "product_id": item[2],
            "quantity": str(item[3]),
        }
        for ord_, transfer in enumerate(transfers)
        for item in merged(transfer.items)
    ]
    values = {
        "transfers": _json(heads),
        "lines": _json(lines),
        "state": str(TransferStatus.WAITING),
        "state_row": state_id("TransferStatus", TransferStatus.WAITING),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CREATE, values)
        rows = cursor.fetchall()
    if len(rows) != len(transfers):
        raise LookupError("a transfer names a package that does not exist, or not at its destination")
    created = []
    for (_, transfer_id, number, items), transfer in zip(rows, transfers, strict=True):
        by_item = {int(key): value for key, value in orjson.loads(items or "{}").items()}
        if any(item[0] not in by_item for item in transfer.items):
            raise LookupError(f"{number}: an item does not belong to its package")
        ids = tuple(by_item[item[0]] for item in transfer.items)
        created.append(CreatedTransfer(id=transfer_id, number=number, item_ids=ids))
    record_events({transfer.id: (events.CREATED,) for transfer in created}, now=now)
    return created


_CHANGE = """
WITH given AS (
  SELECT * FROM json_to_recordset(%(rows)s::json)
    AS g(id bigint, from_state text, to_state text, events int, old_row bigint, new_row bigint, user_id bigint,
         attributes jsonb, item_states jsonb)),
moved AS (
  UPDATE oms_transfers_transfer t
     SET state = g.to_state,
         sequence = t.sequence + g.events,
         dispatched_at = CASE WHEN g.to_state = 'in_transit' THEN %(now)s ELSE t.dispatched_at END,
         delivered_at = CASE WHEN g.to_state = 'transferred' THEN %(now)s ELSE t.delivered_at END,
         modified_at = %(now)s
    FROM given g WHERE t.id = g.id AND t.state = g.from_state
  RETURNING t.id, g.to_state, g.item_states),
items AS (
  UPDATE oms_transfers_transferitem i
     SET state = coalesce(m.item_states ->> i.id::text, m.to_state), modified_at = %(now)s
    FROM moved m WHERE i.transfer_id = m.id),
logged AS (
  INSERT INTO oms_states_transitionlog (kind, object_id, old_state_id, new_state_id, user_id, attributes, created_at)
  SELECT 'transfer', g.id, g.old_row, g.new_row, g.user_id, g.attributes, %(now)s
    FROM given g JOIN moved m ON m.id = g.id ORDER BY g.id)
SELECT id FROM moved ORDER BY id"""


def change_states(changes: Sequence[TransferChange], *, now: datetime) -> list[int]:
    """Move transfers and their items, write the log, record the events; the ids moved, in id order.

    All or nothing, in the caller's transaction, which holds the locks (`lock`). Raises `TransferMoved` when one is not
    in its `from_state`, `ValueError` when a transfer is named twice.
    """
    if not changes:
        return []
    ordered = sorted(changes, key=lambda change: change.transfer_id)
    if len({change.transfer_id for change in ordered}) != len(ordered):
        raise ValueError("a transfer moves once per call")
    types = {change.transfer_id: events.on_change(str(change.to_state)) for change in ordered}
    with connection.cursor() as cursor:
        rows = [_change_row(change, len(types[change.transfer_id])) for change in ordered]
        cursor.execute(_CHANGE, {"rows": _json(rows), "now": now})
        moved = [row[0] for row in cursor.fetchall()]
    if len(moved) != len(ordered):
        raise TransferMoved("Not in the expected state any more.", transfers=sorted(set(types) - set(moved)))
    record_events(types, now=now)
    registry.moved({change.transfer_id: str(change.to_state) for change in ordered}, now)
    return moved


def _change_row(change: TransferChange, events_raised: int) -> dict[str, Any]:
    attributes: dict[str, Any] = {"command.slug": change.command_code, "transition.slug": change.slug}
    if change.transition_id is not None:
        attributes["command.transition_id"] = change.transition_id
    return {
        "id": change.transfer_id,
        "from_state": str(change.from_state),
        "to_state": str(change.to_state),
        "events": events_raised,
        "old_row": state_id("TransferStatus", change.from_state),
        "new_row": state_id("TransferStatus", change.to_state),
        "user_id": change.user_id,
        "attributes": {**change.attributes, **attributes},
        "item_states": {str(item_id): str(state) for item_id, state in change.item_states.items()},
    }


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def _scopes(transfer_ids: Sequence[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id, p.channel_id FROM oms_transfers_transfer t JOIN oms_packages_package p ON p.id = t.package_id"
            " WHERE t.id = ANY(%s)",
            [list(transfer_ids)],
        )
        return {transfer_id: channel_scope(channel_id) for transfer_id, channel_id in cursor.fetchall()}


def record_events(types: Mapping[int, Sequence[str]], *, now: datetime, hook_id: int | None = None) -> None:
    """Record the event types of each transfer, the last one under the transfer's present `sequence`.

    The caller has raised `sequence` by the number of types, under the row lock. `hook_id`: for this hook only.
    """
    tell(events.KIND, types, table="oms_transfers_transfer", load=_with_scopes, hook_id=hook_id, now=now)


def _with_scopes(transfer_ids: Sequence[int]) -> dict[int, tuple[dict[str, Any], str]]:
    scopes = _scopes(transfer_ids)
    return {
        transfer_id: (record, scopes[transfer_id]) for transfer_id, record in payloads(transfer_ids).items()
    }


_OWN = """
SELECT t.package_id FROM oms_transfers_transfer t
 WHERE t.id = ANY(%(ids)s)
   AND (%(bounds)s::bigint[] IS NULL OR t.source_id = ANY(%(bounds)s) OR t.destination_id = ANY(%(bounds)s))"""
_LOCK_ORDERS = f"""
SELECT 1 FROM oms_orders_order
 WHERE id IN (SELECT p.order_id FROM oms_packages_package p WHERE p.id IN ({_OWN})) ORDER BY id FOR NO KEY UPDATE"""
_LOCK_PACKAGES = f"SELECT 1 FROM oms_packages_package WHERE id IN ({_OWN}) ORDER BY id FOR UPDATE"
_LOCK = """
SELECT t.id, t.number, t.state, t.source_id, t.destination_id, p.order_id, p.id, p.state, items.list,
       l.engine_id IS NOT NULL
  FROM (SELECT * FROM oms_transfers_transfer
         WHERE id = ANY(%(ids)s)
           AND (%(bounds)s::bigint[] IS NULL OR source_id = ANY(%(bounds)s) OR destination_id = ANY(%(bounds)s))
         ORDER BY id FOR UPDATE) t
  JOIN oms_packages_package p ON p.id = t.package_id
  JOIN oms_locations_stocklocation l ON l.id = t.source_id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(i.id, i.package_item_id, i.order_item_id, i.product_id, i.quantity::text)
                    ORDER BY i.id)::text AS list
      FROM oms_transfers_transferitem i WHERE i.transfer_id = t.id) items"""


def lock(
    transfer_ids: Sequence[int], *, location_ids: Sequence[int] | None = None
) -> dict[int, LockedTransfer]:
    """Lock transfers (their orders and packages first) until the transaction ends; those unknown or foreign are absent.

    `location_ids`: the caller's own locations, None = all; a transfer is theirs when its source or destination is.
    Three statements.
    """
    values = {
        "ids": sorted({i for i in transfer_ids if i < 2**63}),
        "bounds": None if location_ids is None else list(location_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ORDERS, values)
        cursor.execute(_LOCK_PACKAGES, values)
        cursor.execute(_LOCK, values)
        return {row[0]: _locked(row) for row in cursor.fetchall()}


def _locked(row: Sequence[Any]) -> LockedTransfer:
    items = tuple(
        LockedItem(
            id=item[0],
            package_item_id=item[1],
            order_item_id=item[2],
            product_id=item[3],
            quantity=Decimal(item[4]),
        )
        for item in orjson.loads(row[8] or "[]")
    )
    return LockedTransfer(
        id=row[0],
        number=row[1],
        state=row[2],
        source_id=row[3],
        destination_id=row[4],
        order_id=row[5],
        package_id=row[6],
        package_state=row[7],
        source_has_outside_engine=row[9],
        items=items,
    )


_OPEN_OF_PACKAGES = """
SELECT t.id, t.state, (SELECT array_agg(i.id ORDER BY i.id) FROM oms_transfers_transferitem i WHERE i.transfer_id = t.id)
  FROM oms_transfers_transfer t
 WHERE t.package_id = ANY(%s) AND t.state = ANY(%s) AND NOT t.id = ANY(%s) ORDER BY t.id FOR UPDATE"""


def cancel_of_packages(
    package_ids: Sequence[int],
    *,
    now: datetime,
    command_code: str = "PLANNING",
    slug: str = "package-given-up",
    user_id: int | None = None,
    besides: Sequence[int] = (),
) -> list[int]:
    """Cancel the transfers of these packages that have not left yet; the ids of their items, whose reservations
    (holder `transfer_item`) the caller gives back.

    The caller holds the locks of the orders and packages. A transfer under way goes on: its goods become free stock at
    the destination when they arrive (`docs/decisions/0030-transfers.md`). `besides`: transfers to leave alone.
    """
    if not package_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN_OF_PACKAGES, [sorted(set(package_ids)), [str(state) for state in OPEN], list(besides)]
        )
        rows = cursor.fetchall()
    change_states(
        [
            TransferChange(
                transfer_id=transfer_id,
                from_state=state,
                to_state=TransferStatus.CANCELLED,
                command_code=command_code,
                slug=slug,
                user_id=user_id,
            )
            for transfer_id, state, _ in rows
        ],
        now=now,
    )
    return [item_id for _, _, items in rows for item_id in items or ()]


_COMPLETE = """
SELECT p.id FROM oms_packages_package p
 WHERE p.id = ANY(%s) AND p.state = 300
   AND NOT EXISTS (
     SELECT 1 FROM oms_transfers_transfer t
       JOIN oms_transfers_transferitem ti ON ti.transfer_id = t.id
       JOIN oms_packages_packageitem i ON i.id = ti.package_item_id
      WHERE t.package_id = p.id AND t.state <> 'transferred' AND i.quantity > 0)
 ORDER BY p.id"""


def complete_packages(package_ids: Sequence[int]) -> list[int]:
    """Those of these packages that wait for transfers which have all arrived; one whose items were all cancelled since
    is not waited for."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETE, [list(package_ids)])
        return [row[0] for row in cursor.fetchall()]


def set_carrier(carriers: Mapping[int, tuple[str | None, str | None]], *, now: datetime) -> None:
    """Note (shipping company, tracking number) of each transfer."""
    if carriers:
        ids = sorted(carriers)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_transfers_transfer t SET shipping_company = w.company, tracking_number = w.number,"
                " modified_at = %s FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS w(id, company, number)"
                " WHERE t.id = w.id",
                [now, ids, [carriers[i][0] for i in ids], [carriers[i][1] for i in ids]],
            )
