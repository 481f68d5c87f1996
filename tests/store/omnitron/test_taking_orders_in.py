import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from ambar.omnitron.orders.actions.change_items import change_items
from ambar.omnitron.orders.actions.take_orders import take_orders
from ambar.omnitron.orders.models import Order, OrderItem
from tests.worlds import omnitron_hub as hub
from tests.worlds.waiting import LONG_SECONDS


def number() -> str:
    raise AssertionError("every order brings its number")


@pytest.fixture
def shop(db):
    hub.places()
    hub.products("A", "B", "C")
    return hub.channel().pk


def take(rows):
    return [row["result"] for row in take_orders(rows, numbers=number, now=hub.NOW)]


@pytest.mark.parametrize("size", [1, 40])
def test_the_number_of_statements_does_not_grow_with_the_orders(shop, size, django_assert_max_num_queries):
    take([hub.order(shop, "warm-up")])
    rows = [hub.order(shop, f"R-{n}", shipping_address=hub.address(line=f"Sok. {n}")) for n in range(size)]
    with django_assert_max_num_queries(16):
        assert take(rows) == ["created"] * size


def test_nothing_is_left_when_the_transaction_fails(shop):
    with pytest.raises(RuntimeError), transaction.atomic():
        assert take([hub.order(shop)]) == ["created"]
        raise RuntimeError
    assert (Order.objects.count(), hub.events()) == (0, [])


def test_a_bulk_status_update_costs_the_same_for_many(shop, django_assert_max_num_queries):
    take([hub.order(shop, f"R-{n}") for n in range(30)])
    changes = {key: {"status": 450} for key in OrderItem.objects.values_list("pk", flat=True)}
    with django_assert_max_num_queries(10):
        assert len(change_items(changes, now=hub.NOW)) == 60
    assert set(Order.objects.values_list("status", flat=True)) == {450}
    assert set(Order.objects.values_list("sequence", flat=True)) == {2}


@pytest.mark.django_db(transaction=True)
def test_the_same_orders_from_many_threads_are_taken_once():
    hub.places()
    hub.products("A", "B")
    shop = hub.channel().pk
    rows = [
        hub.order(shop, f"R-{n:02d}", shipping_address=hub.address(line=f"Sok. {n % 5}")) for n in range(20)
    ]
    found: list[list[str]] = []
    errors: list[BaseException] = []
    ready = threading.Barrier(4)

    def run(part):
        try:
            ready.wait(LONG_SECONDS)
            found.append(take(part))
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(rows if n % 2 else rows[::-1],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert errors == []
    assert sum(results.count("created") for results in found) == 20
    assert sum(results.count("exists") for results in found) == 60
    assert Order.objects.count() == 20
    assert OrderItem.objects.count() == 40
    assert sorted(event[0] for event in hub.events()) == ["order.created"] * 20


@pytest.mark.django_db(transaction=True)
def test_changes_of_one_order_from_many_threads_are_counted_one_by_one():
    hub.places()
    hub.products("A", "B")
    take([hub.order(hub.channel().pk)])
    order = Order.objects.get()
    items = list(OrderItem.objects.values_list("pk", flat=True))
    errors: list[BaseException] = []

    def run(n):
        try:
            change_items({items[n % 2]: {"extra_field": {f"k{n}": n}}}, now=hub.NOW)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert errors == []
    assert [event[3] for event in hub.events()] == list(range(1, 10))
    merged = {key for item in OrderItem.objects.filter(order=order) for key in item.extra_field}
    assert merged == {"supplier_code", *(f"k{n}" for n in range(8))}


def test_a_later_change_is_a_later_version_also_when_its_clock_says_earlier(shop):
    """Two processes, or a clock that was ahead: whoever takes orders would refuse the newer one as older."""
    take([hub.order(shop)])
    items = list(OrderItem.objects.values_list("pk", flat=True))
    change_items({items[0]: {"extra_field": {"first": 1}}}, now=hub.NOW + timedelta(hours=1))
    before = Order.objects.get().modified_at
    change_items({items[0]: {"extra_field": {"second": 2}}}, now=hub.NOW)
    assert before == hub.NOW + timedelta(hours=1)
    assert Order.objects.get().modified_at == before + timedelta(microseconds=1)
