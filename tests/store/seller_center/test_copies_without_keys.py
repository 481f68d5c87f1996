"""The seller on items and events is a copy without a key (decision 82): it says what its origin says, and no seller of it can go."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from ambar.kit import work
from ambar.seller_center.orders.models import Order, OrderItem
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db

COPIES = """
SELECT count(*), bool_and(i.seller_id = p.seller_id), bool_and(h.seller_id = p.seller_id), bool_and(oi.seller_id = o.seller_id)
  FROM sc_packages_package p JOIN sc_packages_packageitem i ON i.package_id = p.id
  JOIN sc_packages_packagehistory h ON h.package_id = p.id
  JOIN sc_orders_order o ON o.id = p.order_id JOIN sc_orders_orderitem oi ON oi.order_id = o.id
"""


@pytest.fixture
def packed() -> None:
    for number, code in enumerate(("AMBAR-01", "AMBAR-02"), start=21):
        market.seller(code)
        market.take(market.shop_order(number, items=[(number * 10, "A", code)]))
        order, item = Order.objects.latest("id"), OrderItem.objects.latest("id")
        payload = market.package(
            number=f"SHOP-{number}P1", order_id=order.pk, items=[(item.pk, "A")], supplier_code=code
        )
        event = market.envelope(payload, "package.created")
        assert market.oms(code).post(f"{market.OMS}/packages/", event).status_code == 201
    work.run_loop("sc_packages")


def test_every_copy_says_what_its_origin_says(packed: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COPIES)
        count, *same = cursor.fetchone()
    assert count == 2
    assert same == [True, True, True]


def test_a_seller_that_has_packages_cannot_be_deleted_behind_djangos_back(packed: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sc_sellers_seller WHERE id IN (SELECT seller_id FROM sc_packages_packageitem)"
        )
        assert cursor.rowcount > 0
        connection.check_constraints()
