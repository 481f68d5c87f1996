"""The transfer as the world sees it: event payload and, with `order` as an object and `commands`, the REST record.

Akinon OMS: Transfer webhook example, Transfer order services; `docs/decisions/0030-transfers.md` (the tail of the
record, which no public page shows). Golden message: `contracts/oms-events/transfer.status.created.json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from ambar.kit import clock, prepared
from ambar.oms.packages.location_card import cards
from ambar.oms.states.queries import state_json

_SELECT = """
SELECT t.id, t.number, t.sequence, t.state, p.order_id, p.order_number, p.id, p.number, p.state,
       t.source_id, s.modified_at, t.destination_id, d.modified_at, t.shipping_company, t.tracking_number,
       t.dispatched_at, t.delivered_at, t.extra_information::text, t.created_at, t.modified_at, items.list
  FROM oms_transfers_transfer t
  JOIN oms_packages_package p ON p.id = t.package_id
  JOIN oms_locations_stocklocation s ON s.id = t.source_id
  JOIN oms_locations_stocklocation d ON d.id = t.destination_id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(i.id, round(i.quantity, 2)::text, i.state, i.package_item_id, i.order_item_id,
                                     oi.upstream_id, pr.id, pr.sku, pr.barcode, pr.name) ORDER BY i.id)::text AS list
      FROM oms_transfers_transferitem i
      JOIN oms_orders_orderitem oi ON oi.id = i.order_item_id
      JOIN oms_catalogue_product pr ON pr.id = i.product_id
     WHERE i.transfer_id = t.id) items
 WHERE t.id = ANY(%s::bigint[])"""


def payloads(transfer_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The whole record of each transfer, by id, as it stands in the caller's transaction."""
    if not transfer_ids:
        return {}
    with prepared.cursor() as cursor:
        cursor.execute(_SELECT, [prepared.numbers(transfer_ids)])
        rows = cursor.fetchall()
    versions = {(row[9], row[10]) for row in rows} | {(row[11], row[12]) for row in rows}
    locations = cards(versions)
    return {row[0]: _record(row, locations) for row in rows}


def _record(row: Sequence[Any], locations: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": row[0],
        "number": row[1],
        "sequence": row[2],
        "state": state_json("TransferStatus", row[3]),
        "order": row[4],
        "order_number": row[5],
        "package": {"id": row[6], "number": row[7], "state": str(row[8])},
        "source": locations[row[9]],
        "destination": locations[row[11]],
        "transferitem_set": [_item(item) for item in orjson.loads(row[20] or "[]")],
        "shipping_company": row[13],
        "tracking_number": row[14],
        "dispatched_date": None if row[15] is None else clock.iso(row[15]),
        "delivered_date": None if row[16] is None else clock.iso(row[16]),
        "extra_information": orjson.loads(row[17]),
        "created_date": clock.iso(row[18]),
        "modified_date": clock.iso(row[19]),
    }


def _item(item: Sequence[Any]) -> dict[str, Any]:
    return {
        "id": item[0],
        "quantity": item[1],
        "state": item[2],
        "package_item": item[3],
        "order_item": {"id": item[4], "omnitron_id": item[5]},
        "product": {"id": item[6], "sku": item[7], "barcode": item[8], "name": item[9]},
    }
