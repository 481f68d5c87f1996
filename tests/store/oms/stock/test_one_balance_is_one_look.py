"""A balance is found by location and product at once, whatever PostgreSQL believes about the table."""

import json
from decimal import Decimal

import pytest
from django.db import connection

from ambar.oms.stock.counts import Counted, set_on_hand
from tests.worlds.oms_planning import NOW, make_locations, make_products

pytestmark = pytest.mark.django_db

ONE = """
EXPLAIN (FORMAT JSON) SELECT balance.reserved FROM oms_stock_balance balance
JOIN unnest(%s::bigint[], %s::bigint[]) AS wanted (location_id, product_id) USING (location_id, product_id)
"""


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def test_statistics_from_a_time_with_one_location_mislead_nobody():
    first, *_ = places = make_locations(20)
    products = make_products(600)
    set_on_hand(
        [Counted(location_id=first, product_id=one, on_hand=Decimal(5)) for one in products],
        reason="feed", cause=None, now=NOW,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE oms_stock_balance")
    set_on_hand(
        [Counted(location_id=place, product_id=one, on_hand=Decimal(5)) for place in places for one in products],
        reason="feed", cause=None, now=NOW,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(ONE, [[places[7], places[9]], [products[3], products[5]]])
        told = cursor.fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    looks = [one for one in nodes(plan) if "Index Cond" in one]
    assert looks
    for one in looks:
        assert "location_id" in one["Index Cond"] and "product_id" in one["Index Cond"], one
