"""Writes of shipments, on sets, under the locks of their packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from ambar.kit import outbox, prepared
from ambar.kit.ids import uuid7
from ambar.oms.orders.domain.events import channel_scope
from ambar.oms.shipments.domain import tracking
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.shipments.queries import records_and_channels

_CREATE = """
WITH wanted AS (
  SELECT * FROM unnest((SELECT %(package)s::bigint[]), %(company)s::text[], %(awb)s::text[], %(query)s::text[],
                       %(state)s::text[])
    WITH ORDINALITY AS w(package_id, cargo_company, awb_number, query_number, state, ord)),
ids AS (SELECT w.*, nextval('oms_shipments_shipment_id_seq') AS id FROM (SELECT * FROM wanted ORDER BY ord) w),
made AS (
  INSERT INTO oms_shipments_shipment (id, state, cargo_company, awb_number, query_number, tracking_numbers, shipped_at,
                                      sequence, created_at, modified_at)
  SELECT id, state, cargo_company, awb_number, query_number,
         CASE WHEN awb_number IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(awb_number) END,
         CASE WHEN state <> 'CREATED' THEN %(now)s::timestamptz END, 1, %(now)s, %(now)s
    FROM ids),
links AS (INSERT INTO oms_shipments_shipmentpackage (shipment_id, package_id) SELECT id, package_id FROM ids)
SELECT package_id, id FROM ids"""


def create(shipments: Sequence[NewShipment], *, now: datetime) -> dict[int, int]:
    """Record a parcel per package, raising `shipment.created`; answers {package id: shipment id}."""
    if not shipments:
        return {}
    with prepared.cursor() as cursor:
        cursor.execute(
            _CREATE,
            {
                "package": prepared.numbers(shipment.package_id for shipment in shipments),
                "company": [shipment.cargo_company for shipment in shipments],
                "awb": [shipment.awb_number for shipment in shipments],
                "query": [shipment.query_number for shipment in shipments],
                "state": [shipment.state for shipment in shipments],
                "now": now,
            },
        )
        made = dict(cursor.fetchall())
    record_events(dict.fromkeys(made.values(), tracking.CREATED), now=now)
    return made


_SHIP = """
WITH wanted AS (
  SELECT * FROM unnest((SELECT %(package)s::bigint[]), %(company)s::text[], %(awb)s::text[], %(query)s::text[])
    AS w(package_id, cargo_company, awb_number, query_number)),
open AS (
  SELECT w.*, s.id FROM wanted w JOIN LATERAL (
    SELECT max(s.id) AS id FROM oms_shipments_shipmentpackage l JOIN oms_shipments_shipment s ON s.id = l.shipment_id
     WHERE l.package_id = w.package_id AND s.state <> 'DELETED') s ON s.id IS NOT NULL),
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
    FROM (SELECT DISTINCT ON (id) * FROM open ORDER BY id, package_id) o, locked l
   WHERE s.id = o.id AND l.id = s.id
  RETURNING s.id, l.state = 'CREATED' AS moved)
SELECT o.package_id, o.id, c.moved FROM open o JOIN changed c ON c.id = o.id"""


def ship(shipments: Sequence[NewShipment], *, now: datetime) -> dict[int, int]:
    """The parcels are on their way: the one made at packing goes on, with what is given of it; a package without one
    gets one. Answers {package id: shipment id}. A parcel whose story is further on stays as it is."""
    if not shipments:
        return {}
    with prepared.cursor() as cursor:
        cursor.execute(
            _SHIP,
            {
                "package": prepared.numbers(shipment.package_id for shipment in shipments),
                "company": [shipment.cargo_company for shipment in shipments],
                "awb": [shipment.awb_number for shipment in shipments],
                "query": [shipment.query_number for shipment in shipments],
                "now": now,
            },
        )
        rows = cursor.fetchall()
    record_events({row[1]: tracking.STATUS_UPDATED for row in rows if row[2]}, now=now)
    found = {row[0]: row[1] for row in rows}
    return found | create([one for one in shipments if one.package_id not in found], now=now)


_SET_STATE = """
WITH wanted AS (SELECT * FROM unnest((SELECT %(package)s::bigint[]), %(state)s::text[]) AS w(package_id, state)),
latest AS (
  SELECT DISTINCT ON (l.shipment_id) l.shipment_id AS id, w.state FROM wanted w JOIN LATERAL (
    SELECT max(shipment_id) AS shipment_id FROM oms_shipments_shipmentpackage WHERE package_id = w.package_id) l
    ON l.shipment_id IS NOT NULL ORDER BY l.shipment_id, w.package_id),
locked AS (SELECT s.id FROM oms_shipments_shipment s WHERE s.id IN (SELECT id FROM latest) ORDER BY id FOR UPDATE)
UPDATE oms_shipments_shipment s
   SET state = l.state, sequence = s.sequence + 1, modified_at = %(now)s,
       delivered_at = CASE WHEN l.state = 'DELIVERED' THEN %(now)s ELSE s.delivered_at END,
       due_at = CASE WHEN l.state = 'DELETED' AND s.talk IN ('to_ask', 'known') THEN %(now)s ELSE s.due_at END,
       attempts = CASE WHEN l.state = 'DELETED' THEN 0 ELSE s.attempts END
  FROM latest l JOIN locked USING (id)
 WHERE s.id = l.id AND s.state <> l.state AND s.state NOT IN ('DELIVERED', 'RETURNED', 'DELETED')
RETURNING s.id, s.state"""


def set_state(states: Mapping[int, str], *, now: datetime) -> list[int]:
    """Set the state of the newest parcel of each package, raising `shipment.status.updated` (`shipment.cancelled` when
    it is withdrawn, which its carrier is then told); ids that changed. A parcel at its end stays there."""
    ids = sorted(states)
    with prepared.cursor() as cursor:
        cursor.execute(
            _SET_STATE, {"package": prepared.numbers(ids), "state": [states[i] for i in ids], "now": now}
        )
        changed = cursor.fetchall()
    record_events({row[0]: tracking.of_state(row[1]) for row in changed}, now=now)
    return [row[0] for row in changed]


_SET_INFO = """
WITH wanted AS (
  SELECT * FROM unnest((SELECT %(package)s::bigint[]), %(company)s::text[], %(awb)s::text[], %(query)s::text[])
    AS w(package_id, cargo_company, awb_number, query_number)),
latest AS (
  SELECT DISTINCT ON (l.id) w.*, l.id FROM wanted w JOIN LATERAL (
    SELECT max(s.id) AS id FROM oms_shipments_shipmentpackage k JOIN oms_shipments_shipment s ON s.id = k.shipment_id
     WHERE k.package_id = w.package_id AND s.state <> 'DELETED') l ON l.id IS NOT NULL ORDER BY l.id, w.package_id),
locked AS (SELECT s.id FROM oms_shipments_shipment s WHERE s.id IN (SELECT id FROM latest) ORDER BY id FOR UPDATE),
labels AS (DELETE FROM oms_shipments_shipmentlabel WHERE shipment_id IN (SELECT id FROM locked))
UPDATE oms_shipments_shipment s
   SET cargo_company = coalesce(l.cargo_company, s.cargo_company), awb_number = coalesce(l.awb_number, s.awb_number),
       query_number = coalesce(l.query_number, s.query_number),
       tracking_numbers = CASE WHEN l.awb_number IS NULL OR s.tracking_numbers ? l.awb_number THEN s.tracking_numbers
                               ELSE s.tracking_numbers || to_jsonb(l.awb_number) END,
       modified_at = %(now)s
  FROM latest l JOIN locked USING (id) WHERE s.id = l.id"""


def set_info(shipments: Sequence[NewShipment], *, now: datetime) -> None:
    """What is now known of the newest parcel of each package; a new tracking number is added to the former ones, and
    the carrier's label no longer holds."""
    with prepared.cursor() as cursor:
        cursor.execute(
            _SET_INFO,
            {
                "package": prepared.numbers(shipment.package_id for shipment in shipments),
                "company": [shipment.cargo_company for shipment in shipments],
                "awb": [shipment.awb_number for shipment in shipments],
                "query": [shipment.query_number for shipment in shipments],
                "now": now,
            },
        )


def record_events(types: Mapping[int, str], *, now: datetime, hook_id: int | None = None) -> None:
    """Record one event of each parcel under its present `sequence`, which the caller has raised.

    `hook_id`: for this hook only.
    """
    if not types:
        return
    outbox.record(
        [
            outbox.Event(
                uuid=uuid7(now),
                type=types[record["id"]],
                kind=tracking.KIND,
                aggregate_id=record["id"],
                sequence=record["sequence"],
                payload=orjson.dumps(record),
                scopes=" ".join(map(channel_scope, channels)),
            )
            for record, channels in records_and_channels(list(types))
        ],
        now=now,
        hooks=None if hook_id is None else [hook_id],
    )
