"""Statements that run with every set of events are planned once per connection: decision 97."""

import pytest
from django.db import connection

from ambar.kit import work
from ambar.seller_center.orders.models import Order
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)

OF_EVERY_SET = [
    "pg_try_advisory_xact_lock",
    "for update of i skip locked",
    "update outbox_inbox i set state = 1",
]
OF_ORDERS = [
    "INSERT INTO sc_catalogue_product",
    "INSERT INTO sc_orders_order ",
    "INSERT INTO sc_orders_orderitem",
]
OF_PACKAGES = [
    "INSERT INTO sc_packages_package AS p",
    "INSERT INTO sc_packages_packagehistory",
    "SET retired_at",
]


def planned():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [" ".join(statement.split()) for (statement,) in cursor.fetchall()]


def missing(wanted):
    known = planned()
    return [part for part in wanted if not any(part in statement for statement in known)]


def test_those_of_orders_and_of_packages_are():
    market.take(market.shop_order(21))
    assert missing([*OF_EVERY_SET, *OF_ORDERS]) == []
    oms = market.oms()
    body = market.package(order_id=Order.objects.get().pk)
    answer = oms.post(f"{market.OMS}/packages/", market.envelope(body, "package.created"))
    assert answer.status_code in (200, 201), answer.content
    work.run_loop("sc_packages")
    assert missing(OF_PACKAGES) == []
