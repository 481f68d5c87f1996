"""Set stock figures from a feed; rows that are wrong are answered, the others count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.oms.locations.queries import ids_by_code
from ambar.oms.stock import engines
from ambar.oms.stock.counts import Counted, set_on_hand
from ambar.oms.stock.domain.feed import FeedRow, RowError, read_feed

ROWS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTaken:
    """`short` are rows whose figure lies below what is reserved: `(row, how much below)`."""

    accepted: int
    changed: int
    errors: list[RowError]
    short: list[tuple[int, str]]


def take_feed(
    rows: Sequence[Any], *, allowed: frozenset[int] | None, now: datetime, reason: str = "feed"
) -> FeedTaken:
    """Apply the feed in slices, each one transaction. `allowed`: the caller's own locations, None = all.

    An ERP code that is unknown or not the caller's, a location whose stock an inventory engine keeps, and an unknown
    SKU are errors of their row.
    """
    readable, errors = read_feed(rows)
    known, unknown = _resolve(readable, allowed)
    errors += unknown
    changed = 0
    short: list[tuple[int, str]] = []
    for start in range(0, len(known), ROWS_AT_ONCE):
        part = known[start : start + ROWS_AT_ONCE]
        applied = set_on_hand([counted for _, counted in part], reason=reason, cause=None, now=now)
        changed += applied.changed
        last = {(counted.location_id, counted.product_id): row for row, counted in part}
        short += [(last[key], str(gap)) for key, gap in applied.short.items()]
    return FeedTaken(
        accepted=len(known), changed=changed, errors=sorted(errors, key=lambda e: e.row), short=sorted(short)
    )


def _resolve(
    rows: Sequence[FeedRow], allowed: frozenset[int] | None
) -> tuple[list[tuple[int, Counted]], list[RowError]]:
    places = ids_by_code(sorted({row.erp_code for row in rows}))
    kept_outside = engines.kept_outside(places.values())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku, id FROM oms_catalogue_product WHERE sku = ANY(%s)", [sorted({r.sku for r in rows})]
        )
        products = dict(cursor.fetchall())
    found: list[tuple[int, Counted]] = []
    errors: list[RowError] = []
    for row in rows:
        place, product = places.get(row.erp_code), products.get(row.sku)
        if place is None or (allowed is not None and place not in allowed):
            errors.append(
                RowError(row=row.row, field="erp_code", message=f"Location {row.erp_code!r} does not exist.")
            )
        elif place in kept_outside:
            message = (
                f"The stock of {row.erp_code!r} is kept by the inventory engine {kept_outside[place]!r}."
            )
            errors.append(RowError(row=row.row, field="erp_code", message=message))
        elif product is None:
            errors.append(RowError(row=row.row, field="sku", message=f"Product {row.sku!r} does not exist."))
        else:
            counted = Counted(location_id=place, product_id=product, on_hand=row.quantity, unit=row.unit)
            found.append((row.row, counted))
    return found, errors
