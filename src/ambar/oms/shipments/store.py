"""Writes of shipments, on sets, under the locks of what they carry: packages, or transfers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from ambar.kit import prepared
from ambar.oms.orders.domain.events import channel_scope
from ambar.oms.packages.telling import tell
from ambar.oms.shipments.domain import tracking
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.shipments.queries import records_and_channels


class Carried(Enum):
    """What a parcel carries: the table of the links, and the column of what is linked."""

    PACKAGES = ("oms_shipments_shipmentpackage", "package_id")
    TRANSFERS = ("oms_shipments_shipmenttransfer", "transfer_id")

    def says(self, statement: str) -> str:
        """The statement about parcels of this kind."""
        table, column = self.value
        return statement.replace("{links}", table).replace("{carried}", column)


def _each(statement: str) -> dict[Carried, str]:
    return {of: of.says(statement) for of in Carried}


_CREATE = _each("""
WITH wanted AS (
  SELECT * FROM unnest((SELECT %(carried)s::bigint[]), %(company)s::text[], %(awb)s::text[], %(query)s::text[],
                       %(state)s::text[])
    WITH ORDINALITY AS w(carried, cargo_company, awb_number, query_number, state, ord)),
ids AS (SELECT w.*, nextval('oms_shipments_shipment_id_seq') AS id FROM (SELECT * FROM wanted ORDER BY ord) w),
made AS (
  INSERT INTO oms_shipments_shipment (id, state, cargo_company, awb_number, query_number, tracking_numbers, shipped_at,
                                      sequence, created_at, modified_at)
  SELECT id, state, cargo_company, awb_number, query_number,
         CASE WHEN awb_number IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(awb_number) END,
         CASE WHEN state <> 'CREATED' THEN %(now)s::timestamptz END, 1, %(now)s, %(now)s
    FROM ids),
links AS (INSERT INTO {links} (shipment_id, {carried}) SELECT id, carried FROM ids)
SELECT id FROM ids ORDER BY ord""")


def create(shipments: Sequence[NewShipment], *, of: Carried = Carried.PACKAGES, now: datetime) -> list[int]:
    """Record the parcels, raising `shipment.created`; their ids in the given order."""
    if not shipments:
        return []
    with prepared.cursor() as cursor:
        states = [shipment.state for shipment in shipments]
        cursor.execute(_CREATE[of], {**_columns(shipments), "state": states, "now": now})
        made = [row[0] for row in cursor.fetchall()]
    record_events(dict.fromkeys(made, tracking.CREATED), now=now)
    return made


def _columns(shipments: Sequence[NewShipment]) -> dict[str, object]:
    return {
        "carried": prepared.numbers(shipment.carries for shipment in shipments),
        "company": [shipment.cargo_company for shipment in shipments],
        "awb": [shipment.awb_number for shipment in shipments],
        "query": [shipment.query_number for shipment in shipments],
    }


_SHIP = _each("""
WITH wanted AS (
  SELECT * FROM unnest((SELECT %(carried)s::bigint[]), %(company)s::text[], %(awb)s::text[], %(query)s::text[])
    AS w(carried, cargo_company, awb_number, query_number)),
open AS (
  SELECT w.carried, w.cargo_company, s.id, CASE WHEN s.newest THEN w.awb_number END AS awb_number,
         CASE WHEN s.newest THEN w.query_number END AS query_number
    FROM wanted w CROSS JOIN LATERAL (
    SELECT s.id, s.id = max(s.id) OVER () AS newest
      FROM {links} l JOIN oms_shipments_shipment s ON s.id = l.shipment_id
     WHERE l.{carried} = w.carried AND s.state <> 'DELETED') s),
locked AS (
  SELECT id, state FROM oms_shipments_shipment WHERE id IN (SELECT id FROM open) ORDER BY id FOR UPDATE),
changed AS (
  UPDATE oms_shipments_shipment s
     SET state = CASE WHEN s.state = 'CREATED' THEN 'SHIPPING' ELSE s.state END,
         shipped_at = coalesce(s.shipped_at, %(now)s), cargo_company = coalesce(o.cargo_company, s.cargo_company),
         awb_number = coalesce(o.awb_number, s.awb_number), query_number = coalesce(o.query_number, s.query_number),
         tracking_numbers = CASE WHEN o.awb_number IS NULL OR s.tracking_numbers ? o.awb_number THEN s.tracking_numbers
                                 ELSE s.tracking_numbers || to_jsonb(o.awb_number) END,
         sequence = s.sequence + (s.state = 'CREATED')::int, modified_at = %(now)s
    FROM (SELECT DISTINCT ON (id) * FROM open ORDER BY id, carried) o, locked l
   WHERE s.id = o.id AND l.id = s.id
  RETURNING s.id, l.state = 'CREATED' AS moved)
SELECT o.carried, o.id, c.moved FROM open o JOIN changed c ON c.id = o.id""")


def ship(shipments: Sequence[NewShipment], *, of: Carried = Carried.PACKAGES, now: datetime) -> set[int]:
    """The parcels are on their way: those made at packing go on, the newest with the numbers that are given. Answers
    what has no parcel. A parcel whose story is further on stays as it is."""
    if not shipments:
        return set()
    with prepared.cursor() as cursor:
        cursor.execute(_SHIP[of], {**_columns(shipments), "now": now})
        rows = cursor.fetchall()
    record_events({row[1]: tracking.STATUS_UPDATED for row in rows if row[2]}, now=now)
    return {shipment.carries for shipment in shipments} - {row[0] for row in rows}


_SET = """,
locked AS (SELECT s.id FROM oms_shipments_shipment s WHERE s.id IN (SELECT id FROM meant) ORDER BY id FOR UPDATE)
UPDATE oms_shipments_shipment s
   SET state = l.state, sequence = s.sequence + 1, modified_at = %(now)s,
       delivered_at = CASE WHEN l.state = 'DELIVERED' THEN %(now)s ELSE s.delivered_at END,
       due_at = CASE WHEN l.state = 'DELETED' AND s.talk IN ('to_ask', 'known') THEN %(now)s ELSE s.due_at END,
       attempts = CASE WHEN l.state = 'DELETED' THEN 0 ELSE s.attempts END
  FROM meant l JOIN locked USING (id)
 WHERE s.id = l.id AND s.state <> l.state AND s.state NOT IN ('DELIVERED', 'RETURNED', 'DELETED')
RETURNING s.id, s.state"""
_SET_STATE = _each(
    """
WITH wanted AS (SELECT * FROM unnest((SELECT %(carried)s::bigint[]), %(state)s::text[]) AS w(carried, state)),
meant AS (
  SELECT DISTINCT ON (l.shipment_id) l.shipment_id AS id, w.state FROM wanted w JOIN {links} l ON l.{carried} = w.carried
   ORDER BY l.shipment_id, w.carried)"""
    + _SET
)
_WITHDRAW = (
    """
WITH meant AS (SELECT unnest((SELECT %(ids)s::bigint[])) AS id, 'DELETED' AS state)"""
    + _SET
)


def set_state(states: Mapping[int, str], *, of: Carried = Carried.PACKAGES, now: datetime) -> list[int]:
    """Set the state of the parcels of each, raising `shipment.status.updated` (`shipment.cancelled` when one is
    withdrawn, which its carrier is then told); ids that changed. A parcel at its end stays there."""
    if not states:
        return []
    ids = sorted(states)
    values = {"carried": prepared.numbers(ids), "state": [states[i] for i in ids], "now": now}
    return _set(_SET_STATE[of], values, now)


def withdraw(shipment_ids: Sequence[int], *, now: datetime) -> list[int]:
    """As `set_state` to DELETED, for these parcels."""
    if not shipment_ids:
        return []
    return _set(_WITHDRAW, {"ids": prepared.numbers(shipment_ids), "now": now}, now)


def _set(statement: str, values: Mapping[str, object], now: datetime) -> list[int]:
    with prepared.cursor() as cursor:
        cursor.execute(statement, values)
        changed = cursor.fetchall()
    record_events({row[0]: tracking.of_state(row[1]) for row in changed}, now=now)
    return [row[0] for row in changed]


_SET_INFO = Carried.PACKAGES.says("""
WITH wanted AS (
  SELECT * FROM unnest((SELECT %(carried)s::bigint[]), %(company)s::text[], %(awb)s::text[], %(query)s::text[])
    AS w(carried, cargo_company, awb_number, query_number)),
latest AS (
  SELECT DISTINCT ON (l.id) w.*, l.id FROM wanted w JOIN LATERAL (
    SELECT max(s.id) AS id FROM {links} k JOIN oms_shipments_shipment s ON s.id = k.shipment_id
     WHERE k.{carried} = w.carried AND s.state <> 'DELETED') l ON l.id IS NOT NULL ORDER BY l.id, w.carried),
locked AS (SELECT s.id FROM oms_shipments_shipment s WHERE s.id IN (SELECT id FROM latest) ORDER BY id FOR UPDATE),
labels AS (DELETE FROM oms_shipments_shipmentlabel WHERE shipment_id IN (SELECT id FROM locked))
UPDATE oms_shipments_shipment s
   SET cargo_company = coalesce(l.cargo_company, s.cargo_company), awb_number = coalesce(l.awb_number, s.awb_number),
       query_number = coalesce(l.query_number, s.query_number),
       tracking_numbers = CASE WHEN l.awb_number IS NULL OR s.tracking_numbers ? l.awb_number THEN s.tracking_numbers
                               ELSE s.tracking_numbers || to_jsonb(l.awb_number) END,
       modified_at = %(now)s
  FROM latest l JOIN locked USING (id) WHERE s.id = l.id""")


def set_info(shipments: Sequence[NewShipment], *, now: datetime) -> None:
    """What is now known of the newest parcel of each package; a new tracking number is added to the former ones, and
    the carrier's label no longer holds."""
    with prepared.cursor() as cursor:
        cursor.execute(_SET_INFO, {**_columns(shipments), "now": now})


def record_events(types: Mapping[int, str], *, now: datetime, hook_id: int | None = None) -> None:
    """Record one event of each parcel under its present `sequence`, which the caller has raised.

    `hook_id`: for this hook only.
    """
    names = {shipment_id: (name,) for shipment_id, name in types.items()}
    tell(tracking.KIND, names, table="oms_shipments_shipment", load=_with_scopes, hook_id=hook_id, now=now)


def _with_scopes(shipment_ids: Sequence[int]) -> dict[int, tuple[dict[str, Any], str]]:
    return {
        record["id"]: (record, " ".join(map(channel_scope, channels)))
        for record, channels in records_and_channels(shipment_ids)
    }
