"""What this OMS holds of orders, as digests and rows: made as the Seller Center makes them (`contracts/handover/`).

An order counts by the newest version seen, whether it was taken, refused by a rule or is in quarantine. Of one that was taken in that
version there is a mark of what was handed over, read from its columns. Where a difference of marks was looked at and found to be
none, the Seller Center's mark stands for ours as long as ours stays (`docs/decisions/0088-orders-field-by-field.md`). When asked for,
the mark also covers the statuses as upstream took them last (`0127-statuses-compared.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.kit.agreement import asking, held
from ambar.kit.agreement.asking import MOST_DIGESTS
from ambar.kit.agreement.digests import bag_sql, joined_sql, mark_sql, micros_sql, sum_sql

ADDRESS = (
    "title", "first_name", "last_name", "email", "phone_number", "line", "postcode", "company_name", "tax_office", "tax_no",
    "identity_number", "notes", "country", "city", "township", "district", "country_code",
)  # fmt: skip
"""What is compared of an address beside `e_bill_taxpayer`."""
CUSTOMER = ("first_name", "last_name", "email", "phone_number")

_KNOWN = """
SELECT id, max(at) AS at FROM (
  SELECT upstream_id AS id, upstream_modified_at AS at FROM oms_orders_order
   WHERE source = %(source)s AND upstream_id >= {low} AND upstream_id < {high}
   UNION ALL
  SELECT upstream_id, upstream_modified_at FROM oms_upstream_nottaken
   WHERE source = %(source)s AND upstream_id >= {low} AND upstream_id < {high}
   UNION ALL
  SELECT upstream_id, upstream_modified_at FROM oms_upstream_quarantined
   WHERE source = %(source)s AND closed_at IS NULL AND upstream_id >= {low} AND upstream_id < {high}
     AND upstream_modified_at IS NOT NULL) known
 GROUP BY id"""


def _address(address: str) -> str:
    return joined_sql(
        *(f"{address}->>'{name}'" for name in ADDRESS), f"coalesce({address}->>'e_bill_taxpayer', 'false')"
    )


_TOLD = "coalesce(i.told_quantity, i.quantity)"
_LINE = joined_sql(
    "i.upstream_id::text", "i.sku", f"{_TOLD}::text", f"round(i.price * {_TOLD} / i.quantity, 2)::text",
    f"round(i.discount_amount * {_TOLD} / i.quantity, 2)::text", "i.tax_rate::text", "i.currency",
)  # fmt: skip
_LINES = f"""(
    SELECT {bag_sql(_LINE)} FROM oms_orders_orderitem i
     WHERE i.order_id = o.id AND i.state NOT IN (100, 600) AND {_TOLD} > 0)"""
"""Lines as upstream last spoke of them: what was withdrawn here raises what a line once counted, and its price with it."""
_HANDED_OVER = (
    "o.number", micros_sql("o.date_placed"), "o.currency", "o.amount::text", "o.shipping_amount::text", "o.discount_amount::text",
    "o.payment_type", "o.shipping_option_slug", "o.delivery_type", "o.delivery_range", "o.notes",
    *(f"o.customer->>'{name}'" for name in CUSTOMER), _address("o.shipping_address"), _address("o.billing_address"),
)  # fmt: skip
_STATUS = "CASE WHEN s.sent IS NULL OR i.state IN (50, 100, 600) THEN i.state ELSE s.sent END"
"""Of a line there: what it took last, or where the line stands here when nothing was told of it. Near enough: what differs is looked at."""
_STATUSES = f"""CROSS JOIN LATERAL (
    SELECT {bag_sql(joined_sql(_LINE, "x.status::text"))} AS lines, CASE WHEN count(s.sent) = 0 THEN o.state ELSE min(x.status) END AS status
      FROM oms_orders_orderitem i
      LEFT JOIN oms_upstream_statussync s ON s.order_item_id = i.id
      CROSS JOIN LATERAL (SELECT {_STATUS} AS status) x
     WHERE i.order_id = o.id AND {_TOLD} > 0 AND x.status NOT IN (100, 600)) t"""
_OWN = {
    asking.FIELDS: mark_sql(*_HANDED_OVER, _LINES),
    asking.STATUSES: mark_sql(*_HANDED_OVER, "t.lines", "t.status::text"),
}


def _marked(fields: int) -> str:
    """What a statement of orders `k` is joined with, so that it has marks."""
    return f"""
  LEFT JOIN oms_orders_order o ON o.source = %(source)s AND o.upstream_id = k.id AND o.upstream_modified_at = k.at
  {_STATUSES if fields == asking.STATUSES else ""}
  CROSS JOIN LATERAL (SELECT CASE WHEN o.id IS NOT NULL THEN {_OWN[fields]} END AS own OFFSET 0) m
  LEFT JOIN oms_handover_agreedorder a
    ON a.source = %(source)s AND a.upstream_id = k.id AND a.version = k.at AND a.ours = coalesce(m.own, '')"""


_MARK = "coalesce(a.theirs, m.own)"
_MOMENT = micros_sql("k.at")
_DIGESTS = f"""
SELECT k.id >> %(bits)s, {{sums}}
  FROM ({_KNOWN.format(low="%(low)s", high="%(high)s")}) k {{marked}}
 GROUP BY 1 ORDER BY 1 LIMIT {MOST_DIGESTS + 1}"""
_ROWS = f"""
SELECT k.id, k.at,
       (SELECT count(*) FROM oms_packages_package p JOIN oms_orders_order x ON x.id = p.order_id
         WHERE x.source = %(source)s AND x.upstream_id = k.id){{mark}}
  FROM {held.RANGES}
  CROSS JOIN LATERAL ({_KNOWN.format(low="w.low", high="w.high")} ORDER BY 1 LIMIT {held.LIMIT}) k {{marked}}
 LIMIT {held.LIMIT}"""


def digests(source: str, low: int, high: int, bits: int, *, fields: int = 0) -> list[dict[str, Any]]:
    """Digests per range of 2^`bits` upstream ids; of the marks too with `fields` (`asking.FIELDS`, `asking.STATUSES`)."""
    statement = _DIGESTS.replace("{sums}", sum_sql("k.id", _MOMENT, _MARK if fields else None))
    return held.range_digests(
        statement.replace("{marked}", _marked(fields) if fields else ""), low, high, bits, source=source
    )


def rows(source: str, ranges: Sequence[tuple[int, int]], *, fields: int = 0) -> list[list[Any]]:
    """`[upstream id, modified_date, packages]` (and the mark with `fields`) of every order known here in these ranges."""
    statement = _ROWS.replace("{mark}", f", {_MARK}" if fields else "")
    return held.range_rows(
        statement.replace("{marked}", _marked(fields) if fields else ""), ranges, source=source
    )


_MARKS = f"""
SELECT k.id, k.at, m.own, {_MARK}
  FROM (SELECT o.upstream_id AS id, o.upstream_modified_at AS at FROM oms_orders_order o
         WHERE o.source = %(source)s AND o.upstream_id = ANY(%(ids)s)) k {{marked}}"""


def marks(source: str, upstream_ids: Sequence[int], fields: int) -> dict[int, tuple[datetime, str, str]]:
    """Of those of these orders that were taken: (its version, the mark of its columns, the one that stands for it)."""
    with connection.cursor() as cursor:
        cursor.execute(
            _MARKS.replace("{marked}", _marked(fields)), {"source": source, "ids": list(upstream_ids)}
        )
        return {pk: (at, own, standing) for pk, at, own, standing in cursor.fetchall()}


_AGREE = """
INSERT INTO oms_handover_agreedorder (source, upstream_id, version, ours, theirs, created_at)
SELECT %(source)s, id, version, ours, theirs, %(now)s
  FROM unnest(%(ids)s::bigint[], %(versions)s::timestamptz[], %(ours)s::text[], %(theirs)s::text[])
    AS r(id, version, ours, theirs) ORDER BY id
ON CONFLICT (source, upstream_id) DO UPDATE
   SET version = excluded.version, ours = excluded.ours, theirs = excluded.theirs, created_at = excluded.created_at"""


def agree(source: str, found: Mapping[int, tuple[datetime, str, str]], *, now: datetime) -> None:
    """Note that these marks mean the same: upstream id → (version, ours or the empty text, theirs)."""
    if found:
        with connection.cursor() as cursor:
            cursor.execute(
                _AGREE,
                {
                    "source": source,
                    "now": now,
                    "ids": list(found),
                    "versions": [one[0] for one in found.values()],
                    "ours": [one[1] for one in found.values()],
                    "theirs": [one[2] for one in found.values()],
                },
            )
