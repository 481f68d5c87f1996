"""Changes of an order's items and packages of it, at the same time: neither waits for the other in a circle."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from ambar.seller_center.orders import store
from ambar.seller_center.orders.models import Order, OrderItem
from ambar.seller_center.packages.models import Package
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)
ITEM = (450, None, None, None, None, None)


@pytest.fixture
def order() -> Order:
    market.take(market.shop_order(31, items=[(1, "A", "AMBAR-01"), (2, "B", "AMBAR-01")]))
    return Order.objects.get()


def beside(act) -> BaseException | None:
    """What an act in a connection of its own ended with."""
    found: list[BaseException | None] = []

    def run() -> None:
        try:
            act()
            found.append(None)
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert found, "it still waits"
    return found[0]


@pytest.mark.parametrize("locked_by", ["lock_orders", "lock_parts"])
def test_a_package_of_an_order_can_be_written_while_the_order_is_locked(order, locked_by):
    """Its foreign key is checked at the commit: a wait there, for one who waits for its items, was a deadlock."""

    def write_package() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '3s'")
            made = Package.objects.filter(order=order).values().get()
            Package.objects.create(**{**made, "id": None, "number": "P-2", "origin": "oms"})

    with transaction.atomic():
        getattr(store, locked_by)([order.pk if locked_by == "lock_orders" else order.upstream_id])
        assert beside(write_package) is None
    assert Package.objects.filter(order=order).count() == 2


def test_two_who_change_items_of_an_order_still_wait_for_each_other(order):
    def lock() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '50ms'")
            store.lock_orders([order.pk])

    with transaction.atomic():
        store.lock_orders([order.pk])
        assert "lock timeout" in str(beside(lock))


def test_items_are_written_in_the_order_of_their_ids_whatever_order_they_are_asked_for(order):
    """Packages write them so too; another order here was a deadlock waiting to happen."""
    first, second = OrderItem.objects.order_by("id").values_list("pk", flat=True)
    written = []
    with connection.execute_wrapper(
        lambda execute, sql, params, many, context: (
            written.append(params) or execute(sql, params, many, context)
        )
    ):
        store.update_items([(second, *ITEM), (first, *ITEM)], now=market.NOW + timedelta(seconds=1))
    assert written[0][1] == [first, second]
    assert set(OrderItem.objects.values_list("status", flat=True)) == {450}
