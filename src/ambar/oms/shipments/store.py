"""Writes of shipments, on sets, under the locks of their packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson
from django.db import connection

from ambar.kit import outbox
from ambar.kit.ids import uuid7
from ambar.oms.shipments.domain import tracking
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.shipments.queries import records

_CREATE = """
WITH wanted AS (
  SELECT * FROM unnest(%(package)s::bigint[], %(company)s::text[], %(awb)s::text[], %(query)s::text[],
                       %(state)s::text[])
    WITH ORDINALITY AS w(package_id, cargo_company, awb_number, query_number, state, ord)),
ids AS (SELECT w.*, nextval('oms_shipments_shipment_id_seq') AS id FROM (SELECT * FROM wanted ORDER BY ord) w),
made AS (
  INSERT INTO oms_shipments_shipment (id, state, cargo_company, awb_number, query_number, tracking_numbers, shipped_at,
                                      sequence, created_at, modified_at)
  SELECT id, state, cargo_company, awb_number, query_number,
         CASE WHEN awb_number IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(awb_number) END, %(now)s, 1,
         %(now)s, %(now)s
    FROM ids),
links AS (INSERT INTO oms_shipments_shipmentpackage (shipment_id, package_id) SELECT id, package_id FROM ids)
SELECT package_id, id FROM ids"""


def create(shipments: Sequence[NewShipment], *, now: datetime) -> dict[int, int]:
    """Record a parcel per package, raising `shipment.created`; answers {package id: shipment id}."""
    if not shipments:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _CREATE,
            {
                "package": [shipment.package_id for shipment in shipments],
                "company": [shipment.cargo_company for shipment in shipments],
                "awb": [shipment.awb_number for shipment in shipments],
                "query": [shipment.query_number for shipment in shipments],
                "state": [shipment.state for shipment in shipments],
                "now": now,
            },
        )
        made = dict(cursor.fetchall())
    _record(dict.fromkeys(made.values(), tracking.CREATED), now=now)
    return made


_SET_STATE = """
WITH wanted AS (SELECT * FROM unnest(%(package)s::bigint[], %(state)s::text[]) AS w(package_id, state)),
latest AS (
  SELECT w.state, max(l.shipment_id) AS id FROM wanted w JOIN oms_shipments_shipmentpackage l USING (package_id)
   GROUP BY w.package_id, w.state),
locked AS (SELECT s.id FROM oms_shipments_shipment s WHERE s.id IN (SELECT id FROM latest) ORDER BY id FOR UPDATE)
UPDATE oms_shipments_shipment s
   SET state = l.state, sequence = s.sequence + 1, modified_at = %(now)s,
       delivered_at = CASE WHEN l.state = 'DELIVERED' THEN %(now)s ELSE s.delivered_at END
  FROM latest l JOIN locked USING (id) WHERE s.id = l.id AND s.state <> l.state
RETURNING s.id"""


def set_state(states: Mapping[int, str], *, now: datetime) -> list[int]:
    """Set the state of the newest parcel of each package, raising `shipment.status.updated`; ids that changed."""
    ids = sorted(states)
    with connection.cursor() as cursor:
        cursor.execute(_SET_STATE, {"package": ids, "state": [states[i] for i in ids], "now": now})
        changed = [row[0] for row in cursor.fetchall()]
    _record(dict.fromkeys(changed, tracking.STATUS_UPDATED), now=now)
    return changed


def _record(types: Mapping[int, str], *, now: datetime) -> None:
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
            )
            for record in records(list(types))
        ],
        now=now,
    )
