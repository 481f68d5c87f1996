"""Lay the balances of each product side by side on disk, where planning reads them.

Feeds count location by location, so a product's balances lie one on each of many pages; a batch of the planner that asks for a
product at every location then fetches a page per location (`docs/explanation/speed.md`).
"""

from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction

from ambar.kit.refusals import Conflict

WAIT = "5s"
PAGES = """
SELECT COALESCE(avg(pages), 0)::float8 FROM (
    SELECT count(DISTINCT (ctid::text::point)[0]) AS pages FROM oms_stock_balance
    WHERE product_id IN (SELECT id FROM oms_catalogue_product ORDER BY random() LIMIT 100) GROUP BY product_id
) seen
"""


class InUse(Conflict):
    """Others kept the balances locked all the time; nothing was done."""

    code = "balances_in_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """Pages that hold a product's balances, on average over some products."""

    before: float
    after: float


def tidy() -> Tidied:
    """Write the table of balances anew in the order of products; no figure changes. About two seconds per 500,000 rows, during
    which whoever reads or changes stock waits.

    Raises `InUse` when the table could not be had within five seconds.
    """
    with connection.cursor() as cursor:
        before = _pages(cursor)
        try:
            with transaction.atomic():
                cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")
                cursor.execute("CLUSTER oms_stock_balance USING oms_stock_balance_product")
        except OperationalError as error:
            if "lock timeout" not in str(error):
                raise
            raise InUse("Others keep the balances locked; nothing was done. Try again.") from None
        cursor.execute("ANALYZE oms_stock_balance")
        return Tidied(before=before, after=_pages(cursor))


def _pages(cursor: Any) -> float:
    cursor.execute(PAGES)
    return float(cursor.fetchone()[0])
