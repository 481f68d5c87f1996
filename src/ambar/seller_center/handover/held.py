"""What this side holds of one seller's OMS, as digests and rows. Every statement is bound to the seller.

A package's row is `number|state|sequence`, an order's `id|microseconds of its modification since 1970`; a fingerprint is the first 64
bits of the row's MD5, a digest the exclusive or of the fingerprints. A package's mark is made of what else it holds
(`docs/decisions/0043-reconciliation.md`, `0079-fields-compared.md`), an order's of what was handed over of it (`0088-orders-field-by-field.md`)
and, when asked for, of how far it has come (`0127-statuses-compared.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ambar.kit.agreement import asking, held
from ambar.kit.agreement.asking import MOST_DIGESTS, Within
from ambar.kit.agreement.digests import bag_sql, decimal_sql, joined_sql, mark_sql, micros_sql, sum_sql

_STATE = "coalesce(p.state_code, 0)"
_LIVING = "p.seller_id = %(seller)s AND p.origin = 'oms' AND p.retired_at IS NULL"
_BAG = f"""(
    SELECT {bag_sql("i.sku || '|' || i.quantity")} FROM sc_packages_packageitem i WHERE i.package_id = p.id)"""
_PLACE_NAME = f"CASE WHEN {_STATE} NOT IN (700, 740, 900, 910, 1100) THEN p.location_name END"
_TRACKING = f"""CASE WHEN {_STATE} IN (600, 620, 640, 660, 700, 740)
    THEN p.tracking_numbers[array_upper(p.tracking_numbers, 1)] END"""
_MARK = mark_sql("p.amount::text", "p.shipping_company", "p.invoice_number", _TRACKING, _PLACE_NAME, _BAG)
_DIGESTS = f"""
SELECT (p.made_at AT TIME ZONE 'UTC')::date::text, {_STATE}, left(md5(p.number), %(digits)s), {{sums}}
  FROM sc_packages_package p
 WHERE {_LIVING} AND p.made_at >= %(begin)s AND p.made_at < %(end)s AND (%(state)s::int IS NULL OR {_STATE} = %(state)s) {{narrow}}
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT {MOST_DIGESTS + 1}"""
_ROWS = f"""
SELECT p.number, {_STATE}, p.sequence{{mark}}
  FROM {held.PLACES}
  CROSS JOIN LATERAL (
    SELECT p.* FROM sc_packages_package p
     WHERE {_LIVING} AND p.made_at >= w.begins AND p.made_at < w.ends AND (w.state IS NULL OR {_STATE} = w.state)
       AND {held.KEY} >= w.low AND {held.KEY} < w.high LIMIT {held.LIMIT}) p
 LIMIT {held.LIMIT}"""


def package_digests(
    seller_id: int, place: Within, digits: int, *, fields: bool = False
) -> list[dict[str, Any]]:
    """Digests per day, state and first digits of the number's MD5; of the marks too with `fields`."""
    sums = sum_sql("p.number", f"{_STATE} || '|' || p.sequence", _MARK if fields else None)
    return held.place_digests(_DIGESTS.replace("{sums}", sums), place, digits, seller=seller_id)


def package_rows(seller_id: int, places: Sequence[Within], *, fields: bool = False) -> list[list[Any]]:
    """`[number, state, sequence]` (and the mark with `fields`) of every package in these places."""
    return held.place_rows(_ROWS.replace("{mark}", f", {_MARK}" if fields else ""), places, seller=seller_id)


def _address(address: str) -> str:
    """What an address says, its places by name."""
    texts = (
        "title", "first_name", "last_name", "email", "phone_number", "line", "postcode", "company_name", "tax_office", "tax_no",
        "identity_number", "notes",
    )  # fmt: skip
    return joined_sql(
        *(f"{address}->>'{name}'" for name in texts),
        *(f"{address}->'{level}'->>'name'" for level in ("country", "city", "township", "district")),
        f"{address}->'country'->>'code'",
        f"coalesce({address}->>'e_bill_taxpayer', 'false')",
    )


_QUANTITY = "coalesce(x.attributes->>'quantity', x.quantity)"
_LINE = joined_sql(
    "i.id::text", "x.product->>'sku'", decimal_sql(_QUANTITY, 3, "1"), "i.price::text", decimal_sql("x.discount_amount"),
    decimal_sql("x.tax_rate"), "x.price_currency",
)  # fmt: skip
_LINES = """(
    SELECT {bag}
      FROM sc_orders_orderitem i
      CROSS JOIN LATERAL jsonb_to_record(i.document)
        AS x(product jsonb, attributes jsonb, quantity text, discount_amount text, tax_rate text, price_currency text)
     WHERE i.order_id = o.id AND i.status NOT IN (100, 600))"""
"""A line that was cancelled or given back is not compared: how much was withdrawn is told by plans and statuses."""
_DOCUMENT = """CROSS JOIN LATERAL jsonb_to_record(o.document)
        AS d(currency text, shipping_amount text, discount_amount text, payment_option_slug text, shipping_option_slug text,
             delivery_type text, delivery_range text, notes text, customer jsonb, shipping_address jsonb, billing_address jsonb)"""
_HANDED_OVER = (
    "o.number", micros_sql("o.date_placed"), "d.currency", "o.amount::text", decimal_sql("d.shipping_amount"),
    decimal_sql("d.discount_amount"), "d.payment_option_slug", "d.shipping_option_slug", "d.delivery_type", "d.delivery_range",
    "d.notes", *(f"d.customer->>'{name}'" for name in ("first_name", "last_name", "email", "phone_number")),
    _address("d.shipping_address"), _address("coalesce(d.billing_address, d.shipping_address)"),
)  # fmt: skip
_ORDER_MARKS = {
    asking.FIELDS: mark_sql(*_HANDED_OVER, _LINES.format(bag=bag_sql(_LINE))),
    asking.STATUSES: mark_sql(
        *_HANDED_OVER, _LINES.format(bag=bag_sql(joined_sql(_LINE, "i.status::text"))), "o.status::text"
    ),
}
_MOMENT = micros_sql("o.modified_at")
_ORDER_DIGESTS = f"""
SELECT o.id >> %(bits)s, {{sums}}
  FROM sc_orders_order o {{document}}
 WHERE o.seller_id = %(seller)s AND o.id >= %(low)s AND o.id < %(high)s
 GROUP BY 1 ORDER BY 1 LIMIT {MOST_DIGESTS + 1}"""
_ORDER_ROWS = f"""
SELECT o.id, o.modified_at,
       (SELECT count(*) FROM sc_packages_package p
         WHERE p.order_id = o.id AND p.origin = 'oms' AND p.retired_at IS NULL){{mark}}
  FROM {held.RANGES}
  CROSS JOIN LATERAL (
    SELECT * FROM sc_orders_order o WHERE o.seller_id = %(seller)s AND o.id >= w.low AND o.id < w.high
     ORDER BY o.id LIMIT {held.LIMIT}) o {{document}}
 LIMIT {held.LIMIT}"""


def order_digests(seller_id: int, low: int, high: int, bits: int, *, fields: int = 0) -> list[dict[str, Any]]:
    """Digests per range of 2^`bits` ids; of the marks too with `fields` (`asking.FIELDS`, `asking.STATUSES`)."""
    sums = sum_sql("o.id", _MOMENT, _ORDER_MARKS.get(fields))
    statement = _ORDER_DIGESTS.replace("{sums}", sums).replace("{document}", _DOCUMENT if fields else "")
    return held.range_digests(statement, low, high, bits, seller=seller_id)


def order_rows(seller_id: int, ranges: Sequence[tuple[int, int]], *, fields: int = 0) -> list[list[Any]]:
    """`[id, modified_date, packages]` (and the mark with `fields`) of every order in these ranges; `packages` counts those an
    OMS reported."""
    statement = _ORDER_ROWS.replace("{mark}", f", {_ORDER_MARKS[fields]}" if fields else "")
    return held.range_rows(
        statement.replace("{document}", _DOCUMENT if fields else ""), ranges, seller=seller_id
    )
