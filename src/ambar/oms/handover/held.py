"""What this OMS holds of packages, as digests and rows: made as the Seller Center makes them (`contracts/handover/`).

A package counts as the marketplace was told of it. Its mark is made of the fields that are laid side by side when it differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ambar.kit.agreement import held
from ambar.kit.agreement.asking import MOST_DIGESTS, Within
from ambar.kit.agreement.digests import bag_sql, mark_sql, sum_sql

_BAG = f"""(
    SELECT {bag_sql("btrim(pr.sku) || '|' || round(i.quantity, 2)")}
      FROM oms_packages_packageitem i JOIN oms_catalogue_product pr ON pr.id = i.product_id
     WHERE i.package_id = p.id AND i.quantity > 0)"""
_PLACE_NAME = """CASE WHEN p.told_state NOT IN (700, 740, 900, 910, 1100) THEN (
    SELECT btrim(l.name) FROM oms_locations_stocklocation l WHERE l.id = p.location_id) END"""
"""A finished package keeps the name its place had then, so that renaming a place is no difference of its past."""
_TRACKING = """CASE WHEN p.told_state IN (600, 620, 640, 660, 700, 740) THEN (
    SELECT s.awb_number FROM oms_shipments_shipmentpackage l JOIN oms_shipments_shipment s ON s.id = l.shipment_id
     WHERE l.package_id = p.id AND s.awb_number IS NOT NULL ORDER BY s.id DESC LIMIT 1) END"""
"""The newest number, from shipping on: a carrier gives it after packing, and it is told with the next event."""
_MARK = mark_sql("p.amount::text", "p.shipping_company", "p.invoice_number", _TRACKING, _PLACE_NAME, _BAG)
_TEXT = "p.told_state || '|' || p.told_sequence"
_DIGESTS = f"""
SELECT (p.created_at AT TIME ZONE 'UTC')::date::text, p.told_state, left(md5(p.number), %(digits)s), {{sums}}
  FROM oms_packages_package p
 WHERE p.created_at >= %(begin)s AND p.created_at < %(end)s AND (%(state)s::int IS NULL OR p.told_state = %(state)s) {{narrow}}
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT {MOST_DIGESTS + 1}"""
_ROWS = f"""
SELECT p.number, p.told_state, p.told_sequence{{mark}}
  FROM {held.PLACES}
  CROSS JOIN LATERAL (
    SELECT p.* FROM oms_packages_package p
     WHERE p.created_at >= w.begins AND p.created_at < w.ends AND (w.state IS NULL OR p.told_state = w.state)
       AND {held.KEY} >= w.low AND {held.KEY} < w.high LIMIT {held.LIMIT}) p
 LIMIT {held.LIMIT}"""


def package_digests(place: Within, digits: int, *, fields: bool = False) -> list[dict[str, Any]]:
    """Digests per day, told state and first digits of the number's MD5; of the marks too with `fields`."""
    sums = sum_sql("p.number", _TEXT, _MARK if fields else None)
    return held.place_digests(_DIGESTS.replace("{sums}", sums), place, digits)


def package_rows(places: Sequence[Within], *, fields: bool = False) -> list[list[Any]]:
    """`[number, state, sequence]` as told (and the mark with `fields`) of every package in these places."""
    return held.place_rows(_ROWS.replace("{mark}", f", {_MARK}" if fields else ""), places)
